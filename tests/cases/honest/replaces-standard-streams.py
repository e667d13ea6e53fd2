# tries: "Replaces stdin and stdout by faster ones of its own, as contest templates do."
# expect: "pass"
# mode: "stdin"
import io
import os
import sys

sys.stdin = io.StringIO(os.read(0, 1 << 20).decode())
sys.stdout = io.StringIO()
input()
print(sum(map(int, input().split())))
os.write(1, sys.stdout.getvalue().encode())
