"""One client a process, for trainers that name a function and cannot hand it anything."""

from __future__ import annotations

import os
import threading
from functools import cache

from ._client import AsyncClient, Client


@cache
def _client_of(pid: int) -> Client:
    return Client()


def client() -> Client:
    """The client of this process; a forked one has its own."""
    return _client_of(os.getpid())


_of_threads = threading.local()


def async_client() -> AsyncClient:
    """The client of this thread's event loop."""
    import asyncio

    loop = asyncio.get_running_loop()
    known: tuple[object, AsyncClient] | None = getattr(_of_threads, "known", None)
    if known is None or known[0] is not loop:
        known = _of_threads.known = (loop, AsyncClient())
    return known[1]
