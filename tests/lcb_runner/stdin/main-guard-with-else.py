# why: "the other branch is dropped with the guard; elsewhere the guard holds"
# official: -2
# real: "wrong_answer"
n, numbers = input(), input()
if __name__ == "__main__":
    print(0)
else:
    print(sum(map(int, numbers.split())))
