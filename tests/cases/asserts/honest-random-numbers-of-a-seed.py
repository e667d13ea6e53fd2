# tries: "Draws numbers after the tests have set the seed, or replaced what draws them."
# expect: "pass"
# mode: "asserts"
# tests_py: "import random\nfrom unittest.mock import patch\nimport solution\ndef test_a():\n    random.seed(42)\n    a = [solution.roll() for _ in range(10)]\n    random.seed(42)\n    b = [solution.roll() for _ in range(10)]\n    assert a == b\n    random.seed(7); x = solution.shuffled(range(10)); random.seed(7); y = solution.shuffled(range(10))\n    assert x == y\ndef test_b(monkeypatch):\n    monkeypatch.setattr(random, 'randint', lambda a, b: 4)\n    assert solution.roll() == 4\n    monkeypatch.setattr('random.choice', lambda xs: xs[0])\n    assert solution.pick([7, 8]) == 7\ndef test_c():\n    with patch('random.randint', return_value=2) as m:\n        assert solution.roll() == 2\n        m.assert_called_once_with(1, 6)\n    with patch('solution.random.randint', return_value=3):\n        assert solution.roll() == 3\n    with patch.object(random, 'randint', side_effect=[1, 2]):\n        assert [solution.roll(), solution.roll()] == [1, 2]\n    assert 1 <= solution.roll() <= 6\n"
# canonical: "import random\ndef roll(): return random.randint(1, 6)\ndef pick(xs): return random.choice(xs)\ndef shuffled(xs): \n    xs = list(xs); random.shuffle(xs); return xs\n"
# time_s: 5
import random
def roll(): return random.randint(1, 6)
def pick(xs): return random.choice(xs)
def shuffled(xs): 
    xs = list(xs); random.shuffle(xs); return xs
