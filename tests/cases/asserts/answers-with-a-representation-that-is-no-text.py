# tries: "Spoils the report by a representation that is no plain text."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert [f(2)] == [9] or len([f(2)]) == 2"]
class S(str):
    def __getitem__(self, key): return 5
class Evil:
    def __repr__(self): return S('x')
def f(n): return Evil()
