# tries: "Sends its numbers through pipes and socket pairs, non-blocking ones and a selector among them."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no pipes.
import os
import selectors
import socket


def add(a, b):
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    here, there = socket.socketpair()
    here.setblocking(False)
    with selectors.DefaultSelector() as selector, here, there:
        selector.register(reader, selectors.EVENT_READ)
        selector.register(here, selectors.EVENT_READ)
        os.write(writer, str(a).encode())
        there.sendall(str(b).encode())
        assert len(selector.select(1)) == 2
        total = int(os.read(reader, 100)) + int(here.recv(100))
    os.close(reader)
    os.close(writer)
    return total
