# why: "the guard is known in one form only, and else does not hold"
# official: -2
# real: "pass"
def main():
    n, numbers = input(), input()
    print(sum(map(int, numbers.split())))
if "__main__" == __name__:
    main()
