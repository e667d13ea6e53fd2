# tries: "Prints its answer in a destructor that Python calls when the program ends."
# expect: "pass"
# mode: "stdin"
class Total:
    def __init__(self, numbers):
        self.numbers = numbers

    def __del__(self):
        print(sum(self.numbers))


total = Total(list(map(int, open(0).read().split()[1:])))
