"""Clients of a daemon: `Client`, and `AsyncClient` for those who await.

Not here: what answers mean (`_rows`), starting a daemon (`_daemon`).
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Any

import httpx

from ._rows import PASSING_STATUSES, Job, Row, Unreachable, refused, wait_s

DEFAULT_URL = "http://127.0.0.1:8077"


class _Base:
    """What both clients know."""

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        batch: int = 256,
        timeout_s: float = 600.0,
        patience_s: float = 600.0,
    ) -> None:
        """`url` is by default $TRIALBOX_URL or the daemon's own default, `token` $TRIALBOX_TOKEN; `unix:PATH` is a socket.

        A request has at most `batch` jobs and takes at most `timeout_s`; one that fails for now (nobody listens, the queue
        is full, the host failed) is sent again until `patience_s` are over.
        """
        if batch < 1:
            raise ValueError(f"batch: expected at least 1, found {batch}")
        self.url = url or os.environ.get("TRIALBOX_URL") or DEFAULT_URL
        self.batch, self.patience_s = batch, patience_s
        token = token or os.environ.get("TRIALBOX_TOKEN")
        self._socket = self.url.removeprefix("unix:") if self.url.startswith("unix:") else None
        self._options: dict[str, Any] = {
            "base_url": "http://localhost" if self._socket else self.url,
            "headers": {"authorization": f"Bearer {token}"} if token else {},
            "timeout": httpx.Timeout(timeout_s, connect=10.0),
            # A proxy that is meant for the internet is none for a daemon that was named.
            "trust_env": False,
        }

    def _batches(self, jobs: Iterable[Job]) -> Iterator[list[Job]]:
        rest = iter(jobs)
        while batch := list(islice(rest, self.batch)):
            yield batch

    def _exchange(
        self, method: str, path: str, body: bytes | None
    ) -> Generator[httpx.Request | float, httpx.Response | Exception, httpx.Response]:
        """One request until it is answered: yields requests to be sent and seconds to be waited, is sent what came of them."""
        headers = {"content-type": "application/json"} if body is not None else {}
        begun, attempt = time.monotonic(), 0
        while True:
            request = self._request(method, path, body, headers)
            found = yield request
            if isinstance(found, httpx.Response) and found.status_code == 200:
                return found
            if isinstance(found, httpx.Response) and found.status_code not in PASSING_STATUSES:
                raise refused(found.status_code, found.content)
            retry_after = found.headers.get("retry-after") if isinstance(found, httpx.Response) else None
            pause_s = wait_s(attempt, retry_after)
            if time.monotonic() - begun + pause_s > self.patience_s:
                if isinstance(found, httpx.Response):
                    raise refused(found.status_code, found.content)
                raise Unreachable(f"{self.url}: {found}") from found
            attempt += 1
            yield pause_s

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> httpx.Request:
        raise NotImplementedError

    @staticmethod
    def _path(semantics: str, tests_passed: bool) -> str:
        return f"/v1/verify?semantics={semantics}&tests_passed={str(tests_passed).lower()}"

    @staticmethod
    def _body(jobs: Sequence[Job]) -> bytes:
        return json.dumps(list(jobs)).encode()

    @staticmethod
    def _rows(response: httpx.Response, begin: int) -> list[Row]:
        return [Row.of(raw, begin + place) for place, raw in enumerate(response.json())]


class Client(_Base):
    """Speaks to a daemon. May be used by many threads at once."""

    def __init__(self, url: str | None = None, **options: Any) -> None:
        super().__init__(url, **options)
        transport = httpx.HTTPTransport(uds=self._socket) if self._socket else None
        self._http = httpx.Client(transport=transport, **self._options)

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> httpx.Request:
        return self._http.build_request(method, path, content=body, headers=headers)

    def _send(self, method: str, path: str, body: bytes | None = None) -> httpx.Response:
        exchange = self._exchange(method, path, body)
        step = next(exchange)
        try:
            while True:
                if isinstance(step, float):
                    time.sleep(step)
                    step = next(exchange)
                    continue
                try:
                    found: httpx.Response | Exception = self._http.send(step)
                except httpx.TransportError as error:
                    found = error
                step = exchange.send(found)
        except StopIteration as end:
            response: httpx.Response = end.value
            return response

    def verify(self, jobs: Iterable[Job], *, semantics: str = "real", tests_passed: bool = False) -> list[Row]:
        """Judges programs, in the form of docs/http.md; the rows are in the order of the jobs."""
        return list(self.verify_each(jobs, semantics=semantics, tests_passed=tests_passed))

    def verify_each(self, jobs: Iterable[Job], *, semantics: str = "real", tests_passed: bool = False) -> Iterator[Row]:
        """The same, batch by batch: `jobs` may be without end."""
        begin = 0
        for batch in self._batches(jobs):
            response = self._send("POST", self._path(semantics, tests_passed), self._body(batch))
            yield from self._rows(response, begin)
            begin += len(batch)

    def datasets(self) -> list[str]:
        """The datasets whose problems jobs may name."""
        return [listed["name"] for listed in self._send("GET", "/v1/datasets").json()]

    def is_healthy(self) -> bool:
        """Whether the daemon can run a program now. Asks once."""
        try:
            return self._http.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def close(self) -> None:
        """Ends all connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncClient(_Base):
    """Speaks to a daemon, for those who await. Belongs to one event loop."""

    def __init__(self, url: str | None = None, **options: Any) -> None:
        super().__init__(url, **options)
        transport = httpx.AsyncHTTPTransport(uds=self._socket) if self._socket else None
        self._http = httpx.AsyncClient(transport=transport, **self._options)

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> httpx.Request:
        return self._http.build_request(method, path, content=body, headers=headers)

    async def _send(self, method: str, path: str, body: bytes | None = None) -> httpx.Response:
        exchange = self._exchange(method, path, body)
        step = next(exchange)
        try:
            while True:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                    step = next(exchange)
                    continue
                try:
                    found: httpx.Response | Exception = await self._http.send(step)
                except httpx.TransportError as error:
                    found = error
                step = exchange.send(found)
        except StopIteration as end:
            response: httpx.Response = end.value
            return response

    async def verify(self, jobs: Iterable[Job], *, semantics: str = "real", tests_passed: bool = False) -> list[Row]:
        """Judges programs, in the form of docs/http.md; the rows are in the order of the jobs."""
        return [row async for row in self.verify_each(jobs, semantics=semantics, tests_passed=tests_passed)]

    async def verify_each(self, jobs: Iterable[Job], *, semantics: str = "real", tests_passed: bool = False) -> AsyncIterator[Row]:
        """The same, batch by batch: `jobs` may be without end."""
        begin = 0
        for batch in self._batches(jobs):
            response = await self._send("POST", self._path(semantics, tests_passed), self._body(batch))
            for row in self._rows(response, begin):
                yield row
            begin += len(batch)

    async def datasets(self) -> list[str]:
        """The datasets whose problems jobs may name."""
        return [listed["name"] for listed in (await self._send("GET", "/v1/datasets")).json()]

    async def is_healthy(self) -> bool:
        """Whether the daemon can run a program now. Asks once."""
        try:
            return (await self._http.get("/healthz")).status_code == 200
        except httpx.TransportError:
            return False

    async def close(self) -> None:
        """Ends all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()
