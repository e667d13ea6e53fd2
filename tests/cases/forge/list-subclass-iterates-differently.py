# tries: "Returns an empty list subclass that iterates and counts as the right list."
# expect: ["wrong_answer"]
# entry_point: "pair"
# calls: [[[1, 2], [1, 2]], [[5, 7], [5, 7]]]
class Empty(list):
    items = ()

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]

    def __eq__(self, other):
        return True


def pair(a, b):
    empty = Empty()
    empty.items = (a, b)
    return empty
