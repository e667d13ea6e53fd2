# tries: "Calls methods of a class that the tests derive from its own, with anything for the object."
# expect: "fail"
# mode: "asserts"
# tests_py: "from solution import Base, run\n\nclass Mine(Base):\n    secret = 41\n    def value(self):\n        return super().value() + self.secret\n\ndef test_mine():\n    assert run(Mine()) == 42\n"
# canonical: "class Base:\n    def value(self):\n        return 1\n\ndef run(one):\n    return one.value()\n"
class Base:
    secret = 0

    def value(self):
        return self


def run(one):
    found = []
    for owner in (None, 5, one, Base(), Base, type(one), []):
        try:
            found.append(type(one).value(owner))
        except BaseException as error:
            found.append(error)
    return found[-1]
