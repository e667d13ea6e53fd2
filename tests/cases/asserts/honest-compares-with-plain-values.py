# tries: "Has a class that compares and calculates with numbers, as the canonical solution's does."
# expect: "pass"
# mode: "asserts"
# tests_py: "def test_money():\n    assert Money(2) * 3 == 6\n    assert Money(5) > 4\n    assert 5 in Purse([5])\n"
# canonical: "class Money:\n    def __init__(self, n):\n        self.n = n\n    def __mul__(self, k):\n        return Money(self.n * k)\n    def __eq__(self, n):\n        return self.n == n\n    def __gt__(self, n):\n        return self.n > n\n\nclass Purse(list):\n    def __contains__(self, n):\n        return any(n == m for m in self)\n"
class Money:
    def __init__(self, amount):
        self.amount = amount

    def __mul__(self, times):
        return Money(self.amount * times)

    def __eq__(self, amount):
        return self.amount == amount

    def __gt__(self, amount):
        return self.amount > amount


class Purse:
    def __init__(self, coins):
        self.coins = coins

    def __contains__(self, coin):
        return coin in self.coins
