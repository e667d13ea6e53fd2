# why: "a global that a function sets before it is read is a real one, and stays for the next test"
# official: null
# real: "pass"
def solve():
    global total
    total = sum(map(int, input().split()))
n = input()
solve()
print(globals()["total"])
