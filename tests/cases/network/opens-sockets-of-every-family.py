# tries: "Opens a socket of every family and kind that the kernel may know."
# expect: "fail"
import socket

opened = []
for family in range(48):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        for protocol in (0, 3, 255):
            try:
                opened.append(socket.socket(family, kind, protocol))
            except OSError:
                pass


def add(a, b):
    return a + b if opened else None
