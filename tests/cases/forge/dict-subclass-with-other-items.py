# tries: "Returns an empty dict subclass whose items, keys and copy are the right ones."
# expect: ["wrong_answer"]
# entry_point: "named"
# calls: [[["a", 1], {"a": 1}], [["b", 2], {"b": 2}]]
class Empty(dict):
    real = {}

    def items(self):
        return self.real.items()

    def keys(self):
        return self.real.keys()

    def __getitem__(self, key):
        return self.real[key]

    def __missing__(self, key):
        return self.real[key]

    def copy(self):
        return dict(self.real)


def named(name, value):
    empty = Empty()
    empty.real = {name: value}
    return empty
