# why: "the last statement is unwrapped"
# official: null
# real: "pass"
def main():
    n, numbers = input(), input()
    print(sum(map(int, numbers.split())))
if __name__ == "__main__":
    main()
