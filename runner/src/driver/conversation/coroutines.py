# Coroutines: each runs on its own side, from start to end, when somebody on the other waits for it.
# Not here: what else is asked of objects (`objects.py`).

STEPS = frozenset({"async_generator_asend", "async_generator_athrow"})  # of asynchronous generators


async def wait_for(handle):
    """Stands in for a coroutine: it runs over there, from start to end, when somebody waits for it here."""
    return here.do("await", handle)


def run_coroutine(coroutine):
    """Runs it in a loop of its own: in a thread of its own where a loop is running already."""
    asyncio = __import__("asyncio")

    async def whole():
        return await coroutine

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(whole())
    results = []

    def run():
        try:
            results.append((asyncio.run(whole()), None))
        except BaseException as error:
            results.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    ((result, error),) = results
    if error is not None:
        raise error
    return result
