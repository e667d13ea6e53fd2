# why: "a guard that is not the last statement does not hold"
# official: -2
# real: "pass"
n, numbers = input(), input()
if __name__ == "__main__":
    print(sum(map(int, numbers.split())))
n = 0
