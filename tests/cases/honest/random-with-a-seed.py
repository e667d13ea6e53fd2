# tries: "Draws from a seeded generator, whose numbers every Python draws alike."
# expect: "pass"
import random


def add(a, b):
    generator = random.Random(42)
    assert [generator.randrange(100) for _ in range(5)] == [81, 14, 3, 94, 35]
    random.seed(42)
    assert random.randrange(100) == 81
    return a + b
