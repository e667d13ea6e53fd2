# tries: "Leaves by sys.exit() from inside a function, with finally-blocks on the way."
# expect: "pass"
# mode: "stdin"
import sys


def main():
    try:
        print(sum(map(int, sys.stdin.read().split()[1:])))
        sys.exit()
    finally:
        sys.stdout.flush()


if __name__ == "__main__":
    main()
    print("never reached")
