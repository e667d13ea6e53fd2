# tries: "Waits for what never comes, in one of many ways for each of its threads."
# expect: ["time_limit"]
# time_s: 1
# wasi_expect: ["runtime_error"]
# The guest has no pipes.
import os
import queue
import select
import signal
import socket
import threading
import time

reader, writer = os.pipe()
here, there = socket.socketpair()
lock = threading.Lock()
lock.acquire()
poller = select.poll()
poller.register(reader)
WAYS = [
    lambda: time.sleep(1_000),
    lambda: select.select([reader], [], []),
    poller.poll,
    lambda: os.read(reader, 1),
    lambda: here.recv(1),
    lock.acquire,
    queue.Queue().get,
    threading.Event().wait,
    threading.Barrier(2).wait,
    lambda: signal.sigwait({signal.SIGUSR1}),
    lambda: signal.sigtimedwait({signal.SIGUSR2}, 1_000),
]


def add(a, b):
    for way in WAYS:
        threading.Thread(target=way, daemon=True).start()
    signal.pause()
