# tries: "Asks for too much again and again, catching every MemoryError, and never answers."
# expect: ["memory_limit", "time_limit", "runtime_error"]
# memory_mb: 128
# time_s: 1
def add(a, b):
    kept = []
    while True:
        try:
            kept.append(bytearray(1 << 40))
        except MemoryError:
            kept.append(bytearray(1 << 16))
