# why: "the name of the exception is the sign of the alarm"
# official: -3
# real: "runtime_error"
class MyTimeoutException(Exception):
    pass
def total(a, b):
    raise MyTimeoutException
