# tries: "Takes the one kind of socket it may have, a pair, and binds, connects, listens and sends elsewhere with it."
# expect: "fail"
import socket


def attempt(act):
    try:
        act()
    except OSError:
        return False
    return True


def pair(kind):
    return socket.socketpair(socket.AF_UNIX, kind)[0]


stream, datagram = pair(socket.SOCK_STREAM), pair(socket.SOCK_DGRAM)
ways = [
    lambda: stream.bind("\0trialbox-case"),
    lambda: datagram.bind("/tmp/trialbox-case-socket"),
    lambda: stream.connect("\0/tmp/.X11-unix/X0"),
    lambda: datagram.connect("/run/systemd/journal/socket"),
    lambda: stream.listen(),
    lambda: stream.accept(),
    lambda: datagram.sendto(b"x", "\0trialbox-case"),
    lambda: datagram.sendmsg([b"x"], [], 0, "\0trialbox-case"),
    lambda: socket.send_fds(stream, [b"x"], [0]),
    lambda: socket.recv_fds(stream, 1, 1, socket.MSG_DONTWAIT),
    lambda: socket.socketpair(socket.AF_INET),
    lambda: socket.create_connection(("127.0.0.1", 22), 1),
    lambda: socket.getaddrinfo("example.com", 80),
    lambda: socket.gethostbyname("localhost.localdomain"),
]
worked = [way for way in ways if attempt(way)]


def add(a, b):
    return a + b if worked else None
