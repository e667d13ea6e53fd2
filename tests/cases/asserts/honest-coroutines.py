# tries: "Defines coroutines, asynchronous generators and contexts, and waits for coroutines of the tests."
# expect: "pass"
# mode: "asserts"
# tests_py: "import asyncio, pytest\nfrom solution import f, many, agen, Ctx, bad, apply, with_timeout\ndef test_a():\n    assert asyncio.run(f(1)) == 2\n    assert asyncio.run(many([1, 2])) == [2, 3]\n    async def main():\n        a, b = await asyncio.gather(f(1), f(2))\n        return a + b\n    assert asyncio.run(main()) == 5\n    with pytest.raises(KeyError): asyncio.run(bad())\n    assert asyncio.run(with_timeout()) == 'late'\ndef test_loop():\n    loop = asyncio.new_event_loop()\n    assert loop.run_until_complete(f(3)) == 4\n    loop.close()\ndef test_agen():\n    async def main(): return [x async for x in agen(3)]\n    assert asyncio.run(main()) == [0, 1, 2]\ndef test_ctx():\n    async def main():\n        async with Ctx() as v: return v\n    assert asyncio.run(main()) == 5\ndef test_cb():\n    async def twice(x): return x * 2\n    assert asyncio.run(apply(twice, 4)) == 8\n"
# canonical: "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + 1\nasync def many(xs): return await asyncio.gather(*(f(x) for x in xs))\nasync def agen(n):\n    for i in range(n): yield i\nclass Ctx:\n    async def __aenter__(self): return 5\n    async def __aexit__(self, *a): pass\nasync def bad(): raise KeyError('k')\nasync def apply(fn, x): return await fn(x)\nasync def with_timeout(): \n    try: await asyncio.wait_for(asyncio.sleep(10), 0.01)\n    except asyncio.TimeoutError: return 'late'\n"
# time_s: 5
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import asyncio
async def f(x):
    await asyncio.sleep(0)
    return x + 1
async def many(xs): return await asyncio.gather(*(f(x) for x in xs))
async def agen(n):
    for i in range(n): yield i
class Ctx:
    async def __aenter__(self): return 5
    async def __aexit__(self, *a): pass
async def bad(): raise KeyError('k')
async def apply(fn, x): return await fn(x)
async def with_timeout(): 
    try: await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except asyncio.TimeoutError: return 'late'
