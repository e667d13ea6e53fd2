# tries: "Keeps state in an object of its own, with a property, operators and an exception of its own."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import Account, Overdrawn\n\ndef test_state():\n    account = Account(5)\n    account.put(3)\n    assert account.money == 8\n    assert account == Account(8)\n    assert len(account) == 2 and list(account) == [5, 3]\n    assert (account + Account(1)).money == 9\n    assert repr(account) == 'Account(8)'\n\ndef test_raises():\n    with pytest.raises(Overdrawn, match='by 2') as caught:\n        Account(1).take(3)\n    assert caught.value.by == 2 and isinstance(caught.value, ValueError)\n\n@pytest.mark.parametrize('start, put', [(1, 2), (3, 4)])\ndef test_each(start, put):\n    account = Account(start)\n    account.put(put)\n    assert account.money == pytest.approx(start + put)\n\ndef test_print(capsys):\n    Account(7).show()\n    assert capsys.readouterr().out == '7\\n'\n"
class Overdrawn(ValueError):
    def __init__(self, by):
        super().__init__(f"overdrawn by {by}")
        self.by = by


class Account:
    def __init__(self, money):
        self.moves = [money]

    @property
    def money(self):
        return sum(self.moves)

    def put(self, money):
        self.moves.append(money)

    def take(self, money):
        if money > self.money:
            raise Overdrawn(money - self.money)
        self.moves.append(-money)

    def show(self):
        print(self.money)

    def __eq__(self, other):
        return self.money == other.money

    def __len__(self):
        return len(self.moves)

    def __iter__(self):
        return iter(self.moves)

    def __add__(self, other):
        return Account(self.money + other.money)

    def __repr__(self):
        return f"Account({self.money})"
