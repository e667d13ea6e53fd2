# why: "the usual way to recurse deeply"
# official: null
# real: "pass"
import sys, threading
sys.setrecursionlimit(10 ** 6)
threading.stack_size(1 << 27)
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)
def main():
    n, numbers = input(), input()
    print(sum(map(int, numbers.split())) + depth(20000) - 20000)
thread = threading.Thread(target=main)
thread.start()
thread.join()
