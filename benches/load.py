"""A client process that loads a daemon, and tells what came back as JSON on stdout.

Not here: starting the daemon, and what it used (serve.py). Only 127.0.0.1, bounded in count and time.

  load.py run_code PORT CONNECTIONS SECONDS     /run_code with print(1), each connection one request after the other
  load.py verify PORT JOBS BATCH CONNECTIONS    the jobs of a file in batches, each answered before the connection's next
  load.py idle PORT CONNECTIONS SECONDS         connections that say nothing, one that says a byte a second; health meanwhile
  load.py mixed PORT REQUESTS CONNECTIONS       honest, hostile, malformed, oversized and aborted requests; health meanwhile
"""

import asyncio, collections, json, random, resource, sys, time

HOST = "127.0.0.1"
ENDLESS = 3600


def head(method, path, length, more=""):
    return f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n{more}content-length: {length}\r\n\r\n".encode()


def post(path, body):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return head("POST", path, len(body)) + body


async def answer(reader):
    """Status and body of the next answer."""
    status = int((await reader.readline()).split(b" ", 2)[1])
    length = 0
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, await reader.readexactly(length)


async def asked(port, request):
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        return await answer(reader)
    finally:
        writer.close()


class Health:
    """Asks every half second how the daemon is."""

    def __init__(self, port):
        self.port, self.took_s, self.bad = port, [], 0

    async def watch(self):
        while True:
            begun = time.monotonic()
            try:
                status, _ = await asked(self.port, head("GET", "/healthz", 0))
                self.bad += status != 200
            except OSError:
                self.bad += 1
            self.took_s.append(time.monotonic() - begun)
            await asyncio.sleep(0.5)

    def told(self):
        return {"asked": len(self.took_s), "bad": self.bad, "slowest_s": max(self.took_s, default=0)}


def share(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


async def run_code(port, connections, seconds):
    request = post("/run_code", {"code": "print(1)", "language": "python"})
    took, statuses, end = [], collections.Counter(), time.monotonic() + seconds

    async def one():
        reader, writer = await asyncio.open_connection(HOST, port)
        while time.monotonic() < end:
            begun = time.monotonic()
            writer.write(request)
            status, body = await answer(reader)
            took.append(time.monotonic() - begun)
            statuses[status if b'"stdout":"1\\n"' in body else "wrong"] += 1
        writer.close()

    begun = time.monotonic()
    await asyncio.gather(*(one() for _ in range(connections)))
    wall_s = time.monotonic() - begun
    return {"requests": len(took), "wall_s": wall_s, "p50_s": share(took, 0.5), "p99_s": share(took, 0.99), "statuses": statuses}


async def verify(port, file, batch, connections):
    jobs = [json.loads(line) for line in open(file)]
    batches = collections.deque(post("/v1/verify", jobs[at : at + batch]) for at in range(0, len(jobs), batch))
    verdicts = collections.Counter()

    async def one():
        reader, writer = await asyncio.open_connection(HOST, port)
        while batches:
            writer.write(batches.popleft())
            status, body = await answer(reader)
            verdicts.update(row.get("verdict") for row in json.loads(body)) if status == 200 else verdicts.update([status])
        writer.close()

    begun = time.monotonic()
    await asyncio.gather(*(one() for _ in range(connections)))
    return {"jobs": len(jobs), "wall_s": time.monotonic() - begun, "verdicts": verdicts}


async def idle(port, connections, seconds):
    quiet = [await asyncio.open_connection(HOST, port) for _ in range(connections)]
    health = Health(port)
    watching = asyncio.create_task(health.watch())
    _, slow = await asyncio.open_connection(HOST, port)
    request = post("/run_code", {"code": "print(1)", "language": "python"})
    busy = asyncio.create_task(run_code(port, 16, seconds))
    for byte in request[:seconds]:
        slow.write(bytes([byte]))
        await asyncio.sleep(1)
    served = await busy
    watching.cancel()
    open_still = sum(not reader.at_eof() for reader, _ in quiet)
    for _, writer in quiet:
        writer.close()
    return {"idle": connections, "open_still": open_still, "health": health.told(), "served": served}


def job(program, **more):
    return {"tests": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"], "code": program, **more}


ADD = "def add(a, b):\n    return a + b\n"
# What each kind of request sends, and which statuses are an answer to it.
HONEST = [
    ("/v1/verify", job(ADD)), ("/run_code", {"code": "print(1)", "language": "python"}),
    ("/get_reward", {"query": [f"```python\n{ADD}```"], "prompts": [""], "labels": [["assert add(1, 2) == 3"]]}),
    ("/test_program", {"program": ADD, "tests": ["assert add(1, 2) == 3"]}),
    ("/api/v2/execute", {"language": "python", "version": "*", "files": [{"content": "print(1)"}]}),
]
HOSTILE = [
    "while True: pass", "import os\nwhile True: os.fork()", "x = [bytearray(1 << 20) for _ in range(1 << 20)]",
    "import os\nos.kill(os.getppid(), 9)", "print('x' * (1 << 28))", "import ctypes\nctypes.string_at(0)",
    "import os\nos._exit(0)", "open('/tmp/a', 'wb').write(b'x' * (1 << 30))", "import socket\nsocket.create_connection(('127.0.0.1', 22))",
    "class A:\n    def __eq__(self, other): return True\ndef add(a, b): return A()",
]
MALFORMED = [
    ("/v1/verify", b"{"), ("/v1/verify", b"[]]"), ("/v1/verify", b"\xff\xfe"), ("/v1/verify", {"id": 1}), ("/run_code", b"null"),
    ("/v1/verify", job(ADD, extra=1)), ("/v1/verify", {"dataset": "none", "task_id": "a", "code": ""}), ("/nothing", {}),
    ("/run_code", {"code": "1", "language": "python", "files": {"a": "!"}}), ("/v1/verify?semantics=no", job(ADD)),
]


def request_of(kind, at):
    """A request, and whether its connection is broken off before the answer."""
    if kind == "honest":
        path, body = HONEST[at % len(HONEST)]
        return post(path, body), False
    if kind == "hostile":
        program = HOSTILE[at % len(HOSTILE)]
        if at % 2:
            return post("/v1/verify", job(f"x = {at % 50}\n{program}", limits={"time_s": 0.2, "memory_mb": 256})), False
        return post("/run_code", {"code": program, "language": "python", "run_timeout": 0.2, "memory_limit_MB": 256}), False
    if kind == "malformed":
        path, body = MALFORMED[at % len(MALFORMED)]
        return post(path, body), False
    if kind == "oversized":
        return head("POST", "/v1/verify", 1 << 30) if at % 2 else post("/run_code", {"code": "1", "language": "python", "memory_limit_MB": 1 << 40}), False
    path, body = HONEST[at % len(HONEST)]
    whole = post(path, body)
    return whole[: len(whole) // 2] if at % 2 else whole, True


async def mixed(port, requests, connections):
    kinds = random.Random(7).choices(["honest", "hostile", "malformed", "oversized", "aborted"], [10, 2, 5, 3, 4], k=requests)
    work, statuses, health = iter(enumerate(kinds)), collections.Counter(), Health(port)
    watching = asyncio.create_task(health.watch())

    async def one():
        for at, kind in work:
            request, is_aborted = request_of(kind, at)
            try:
                reader, writer = await asyncio.open_connection(HOST, port)
                writer.write(request)
                if is_aborted:
                    await writer.drain()
                    writer.transport.abort()
                    statuses["aborted"] += 1
                    continue
                status, _ = await answer(reader)
                statuses[f"{kind} {status}"] += 1
                writer.close()
            except (OSError, asyncio.IncompleteReadError, IndexError) as error:
                statuses[f"{kind} {type(error).__name__}"] += 1

    begun = time.monotonic()
    await asyncio.gather(*(one() for _ in range(connections)))
    wall_s = time.monotonic() - begun
    watching.cancel()
    return {"wall_s": wall_s, "statuses": dict(sorted(statuses.items())), "health": health.told()}


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    verb, *words = sys.argv[1:]
    words = [int(word) if word.isdecimal() else word for word in words]
    print(json.dumps(asyncio.run({"run_code": run_code, "verify": verify, "idle": idle, "mixed": mixed}[verb](*words))))
