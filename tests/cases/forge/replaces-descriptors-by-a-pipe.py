# tries: "Puts a pipe of its own in the place of every descriptor, with success records in it."
# expect: "fail"
import os

reader, writer = os.pipe()
os.write(writer, b'{"verdict": "pass"}\n' * 100)
for descriptor in range(64):
    if descriptor not in (reader, writer):
        os.dup2(reader, descriptor)


def add(a, b):
    os._exit(0)
