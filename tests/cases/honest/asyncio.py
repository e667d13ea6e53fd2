# tries: "Adds in an event loop, with tasks, a queue, a timeout, a thread and a lock."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import asyncio


async def total(a, b):
    queue = asyncio.Queue()
    await queue.put(a)
    await asyncio.gather(queue.put(b), asyncio.sleep(0.001))
    first = await asyncio.wait_for(queue.get(), 1)
    second = await asyncio.get_running_loop().run_in_executor(None, lambda: b)
    async with asyncio.Lock():
        return first + second


def add(a, b):
    return asyncio.run(total(a, b))
