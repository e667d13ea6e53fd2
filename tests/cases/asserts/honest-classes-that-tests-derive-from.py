# tries: "Has classes, one of them abstract, that the tests derive their own from."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import Animal, Shape, total, isanimal\nclass Dog(Animal):\n    def speak(self): return 'woof'\nclass Cat(Animal):\n    def __init__(self, name, lives=9):\n        super().__init__(name)\n        self.lives = lives\n    def intro(self): return super().intro() + '!'\nclass Sq(Shape):\n    def __init__(self, a): self.a = a\n    def area(self): return self.a ** 2\ndef test_a():\n    d = Dog('rex')\n    assert d.intro() == 'rex says woof'\n    assert isinstance(d, Animal) and issubclass(Dog, Animal)\n    assert isanimal(d)\n    assert d.name == 'rex'\n    c = Cat('tom')\n    assert c.lives == 9 and c.intro() == 'tom says ...!'\ndef test_b():\n    with pytest.raises(TypeError): Shape()\n    assert Sq(3).double() == 18\n    assert total([Sq(1), Sq(2)]) == 5\ndef test_c():\n    class Bad(Shape): pass\n    with pytest.raises(TypeError): Bad()\n"
# canonical: "from abc import ABC, abstractmethod\nclass Animal:\n    kinds = []\n    def __init__(self, name): self.name = name\n    def speak(self): return '...'\n    def intro(self): return self.name + ' says ' + self.speak()\nclass Shape(ABC):\n    @abstractmethod\n    def area(self): ...\n    def double(self): return self.area() * 2\ndef total(shapes): return sum(s.area() for s in shapes)\ndef isanimal(x): return isinstance(x, Animal)\n"
# time_s: 5
from abc import ABC, abstractmethod
class Animal:
    kinds = []
    def __init__(self, name): self.name = name
    def speak(self): return '...'
    def intro(self): return self.name + ' says ' + self.speak()
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    def double(self): return self.area() * 2
def total(shapes): return sum(s.area() for s in shapes)
def isanimal(x): return isinstance(x, Animal)
