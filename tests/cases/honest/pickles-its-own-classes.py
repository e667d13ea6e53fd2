# tries: "Pickles and copies instances of classes of its own, which are found by their module's name."
# expect: "pass"
# mode: "stdin"
import copy
import pickle


class Numbers:
    def __init__(self, numbers):
        self.numbers = numbers


numbers = Numbers(list(map(int, open(0).read().split()[1:])))
print(sum(pickle.loads(pickle.dumps(copy.deepcopy(numbers))).numbers))
