# tries: "Keeps memory in the buffers of socket pairs, which no resident size shows."
# expect: "fail"
# memory_mb: 64
import socket

pairs = []


def add(a, b):
    held = 0
    for _ in range(60):
        pair = socket.socketpair()
        pairs.append(pair)
        for end in pair:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            end.setblocking(False)
            try:
                while True:
                    held += end.send(bytes(1 << 16))
            except BlockingIOError:
                pass
    return a + b if held > 200 << 20 else None
