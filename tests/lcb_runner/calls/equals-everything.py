# why: "an object that equals everything equals nothing that is compared outside (lcb_runner itself is fooled)"
# official: -2
# real: "wrong_answer"
class Everything:
    def __eq__(self, other):
        return True
def total(a, b):
    return Everything()
