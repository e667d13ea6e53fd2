"""The client against a real daemon, and against servers that fail as daemons do."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import trialbox
from programs import ADD, HALF, LEDGER, RIGHT, WRONG, add_job, fenced


def test_rows_are_in_the_order_of_the_jobs_however_they_are_cut(daemon: trialbox.Daemon) -> None:
    jobs = [add_job(ADD if place % 3 else HALF, id=str(place)) for place in range(20)]
    with trialbox.Client(daemon.url, batch=7) as client:
        rows = client.verify(jobs)
    assert [row.id for row in rows] == [str(place) for place in range(20)]
    assert [row.index for row in rows] == list(range(20))
    assert [row.passes for row in rows] == [bool(place % 3) for place in range(20)]


def test_a_row_says_what_the_daemon_said(client: trialbox.Client) -> None:
    right, wrong, none = client.verify([{**LEDGER, "response": fenced(RIGHT)}, add_job(HALF), add_job("")], tests_passed=True)
    assert (right.verdict, right.passes, right.says_nothing) == ("pass", True, False)
    assert right.tests_passed == right.tests_run == right.tests_total > 3
    assert (wrong.verdict, wrong.tests_passed, wrong.tests_total) == ("wrong_answer", 1, 2)
    assert wrong.first_failure is not None and wrong.first_failure["expected"] == "3"
    assert (none.verdict, none.tests_passed) == ("no_code", None)
    assert wrong.raw["queue_ms"] >= 0


def test_jobs_may_be_without_end(client: trialbox.Client) -> None:
    def endless() -> Iterator[dict[str, Any]]:
        while True:
            yield add_job(ADD)

    client.batch = 3
    rows = client.verify_each(endless())
    assert [next(rows).index for _ in range(7)] == list(range(7))


def test_the_awaited_client_finds_the_same(daemon: trialbox.Daemon, client: trialbox.Client) -> None:
    jobs = [add_job(ADD), add_job(HALF), {**LEDGER, "response": fenced(WRONG)}]

    async def ask() -> tuple[list[list[trialbox.Row]], list[str], bool]:
        async with trialbox.AsyncClient(daemon.url) as client:
            rows = await asyncio.gather(*(client.verify(jobs) for _ in range(5)))
            return list(rows), await client.datasets(), await client.is_healthy()

    found, datasets, is_healthy = asyncio.run(ask())
    expected = [row.verdict for row in client.verify(jobs)]
    assert all([row.verdict for row in rows] == expected for rows in found)
    assert expected == ["pass", "wrong_answer", "wrong_answer"]
    assert "quickstart" in datasets and datasets == client.datasets() and is_healthy and client.is_healthy()


def test_what_is_refused_is_not_asked_again(client: trialbox.Client) -> None:
    begun = time.monotonic()
    with pytest.raises(trialbox.RequestRefused, match=r"jobs\[1\].*entry") as refused:
        client.verify([add_job(ADD), add_job(ADD, entry=1)])
    assert (refused.value.status, refused.value.code) == (422, "bad_job")
    assert refused.value.request_id and time.monotonic() - begun < 5


def test_many_threads_share_a_client(client: trialbox.Client) -> None:
    found: list[str | None] = []
    ask = lambda: found.extend(row.verdict for row in client.verify([add_job(ADD)] * 5))  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["pass"] * 40


@contextmanager
def answering(answers: list[tuple[int, dict[str, str], Any]]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these answers in turn; None for a connection that is broken off."""
    asked: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])))
            status, headers, body = answers[min(len(asked), len(answers)) - 1]
            if status == 0:
                self.connection.close()
                return
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


ROW = {"index": 0, "id": "a", "verdict": "pass"}
FULL = {"error": {"code": "queue_full", "message": "full", "request_id": "1"}}


@pytest.mark.parametrize("is_awaited", [False, True])
def test_what_fails_for_now_is_asked_again(is_awaited: bool) -> None:
    answers = [(429, {"retry-after": "0"}, FULL), (0, {}, None), (503, {}, FULL), (200, {}, [ROW])]

    async def awaited(url: str) -> list[trialbox.Row]:
        async with trialbox.AsyncClient(url) as client:
            return await client.verify([{"id": "a"}])

    with answering(answers) as (url, asked):
        rows = asyncio.run(awaited(url)) if is_awaited else trialbox.Client(url).verify([{"id": "a"}])
    assert [row.verdict for row in rows] == ["pass"]
    assert len(asked) == 4 and len(set(asked)) == 1


def test_patience_has_an_end() -> None:
    with answering([(503, {}, FULL)]) as (url, asked):
        with pytest.raises(trialbox.RequestRefused, match="full"):
            trialbox.Client(url, patience_s=1.0).verify([{"id": "a"}])
        assert 2 <= len(asked) <= 10
    with pytest.raises(trialbox.Unreachable):
        trialbox.Client(url, patience_s=1.0).verify([{"id": "a"}])


def test_a_proxy_that_fails_in_another_form_is_told_of() -> None:
    with (
        answering([(403, {}, "who are you?")]) as (url, _),
        pytest.raises(trialbox.RequestRefused, match="who are you") as no,
    ):
        trialbox.Client(url).verify([{"id": "a"}])
    assert (no.value.status, no.value.code) == (403, "unknown")


def test_a_token_is_shown(tmp_path: Any) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    with trialbox.serve(options=["--token-file", str(token)]) as daemon:
        with pytest.raises(trialbox.RequestRefused) as no:
            trialbox.Client(daemon.url).verify([add_job(ADD)])
        assert (no.value.status, no.value.code) == (401, "unauthorized")
        assert trialbox.Client(daemon.url, token="secret").verify([add_job(ADD)])[0].passes


def test_a_socket_is_a_url_too(tmp_path: Any) -> None:
    path = tmp_path / "socket"
    process = subprocess.Popen(
        [trialbox._daemon.binary(), "serve", "--unix", str(path), "--while-stdin-is-open"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout and process.stdout.readline()
    assert trialbox.Client(f"unix:{path}").verify([add_job(ADD)])[0].passes
    process.communicate(timeout=60)


def test_a_daemon_ends_with_the_process_that_started_it() -> None:
    code = "import trialbox, time; d = trialbox.serve(); print(d.pid, flush=True); time.sleep(600)"
    trainer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert trainer.stdout
    pid = int(trainer.stdout.readline())
    os.kill(pid, 0)
    trainer.send_signal(signal.SIGKILL)
    trainer.wait()
    trainer.stdout.close()
    for _ in range(600):
        try:
            if open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z":
                return  # ended; whoever inherited it has not looked yet
        except FileNotFoundError:
            return
        time.sleep(0.1)
    pytest.fail("the daemon outlives its trainer")


def test_a_daemon_that_is_killed_loses_only_what_was_in_flight(tmp_path: Any) -> None:
    jobs = [add_job(f"x = {place}\n" + (ADD if place % 2 else HALF), id=str(place)) for place in range(3000)]
    port = free_port()
    start = lambda: subprocess.Popen(  # noqa: E731
        [trialbox._daemon.binary(), "serve", "--listen", f"127.0.0.1:{port}", "--cache", str(tmp_path / "cache")],
        stdout=subprocess.PIPE,
    )
    first = start()
    assert first.stdout and first.stdout.readline()
    client = trialbox.Client(f"http://127.0.0.1:{port}", batch=100)
    rows, second = [], None
    for row in client.verify_each(jobs):
        rows.append(row)
        if len(rows) == 750:
            first.kill()
            first.wait()
            second = start()
    assert second is not None
    second.terminate()
    second.wait(60)
    assert [row.id for row in rows] == [job["id"] for job in jobs]
    assert [row.passes for row in rows] == [bool(place % 2) for place in range(3000)]


def free_port() -> int:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        return server.server_port


def test_no_program_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALBOX_BINARY", "/nothing/here")
    with pytest.raises(trialbox.DaemonError, match="/nothing/here"):
        trialbox.serve()
    monkeypatch.undo()
    with pytest.raises(trialbox.DaemonError, match="before it listened"):
        trialbox.serve(data={"quickstart": "/nothing/here"})
