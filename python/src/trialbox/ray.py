"""Ray: a pool of daemons, one on each node, and a function for `Dataset.map_batches`.

    pool = trialbox.ray.VerifierPool()
    rows = pool.verify(jobs)

Not here: what a job is (docs/http.md). A node that dies takes only what was in flight with it: Ray asks another one, and a verdict
is the same wherever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import ray

from ._client import Client
from ._daemon import Daemon, serve
from ._rows import Job, Row

BATCH = 128


class _Node:
    """A daemon of this node."""

    def __init__(self, data: Mapping[str, str], workers: int | None, options: Sequence[str]) -> None:
        self._daemon: Daemon = serve(data=data, workers=workers, options=options)
        self._client = Client(self._daemon.url, batch=1 << 20)

    def verify(self, jobs: Sequence[Job], semantics: str, tests_passed: bool) -> list[Row]:
        return self._client.verify(jobs, semantics=semantics, tests_passed=tests_passed)

    def close(self) -> None:
        self._client.close()
        self._daemon.close()


class VerifierPool:
    """Daemons on the nodes of a Ray cluster."""

    def __init__(
        self,
        *,
        nodes: int | None = None,
        cpus: float = 1,
        batch: int = BATCH,
        in_flight: int = 2,
        data: Mapping[str, str] | None = None,
        workers: int | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """One daemon a node that has `cpus` to spare, or on `nodes` of them. Each has at most `in_flight` batches at once: one
        that is judged, and one that waits."""
        self.batch, self.in_flight = batch, in_flight
        alive = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= cpus]
        count = len(alive) if nodes is None else nodes
        if count < 1:
            raise ValueError(f"no node of the cluster has {cpus} CPUs to spare")
        actor = ray.remote(_Node).options(num_cpus=cpus, scheduling_strategy="SPREAD", max_restarts=-1, max_task_retries=-1)
        self._nodes = [actor.remote(data or {}, workers, options) for _ in range(count)]

    def verify(self, jobs: Iterable[Job], *, semantics: str = "real", tests_passed: bool = False) -> list[Row]:
        """Judges programs; the rows are in the order of the jobs."""
        batches = dict(self.verify_batches(jobs, semantics=semantics, tests_passed=tests_passed))
        return [row for begin in sorted(batches) for row in batches[begin]]

    def verify_batches(
        self, jobs: Iterable[Job], *, semantics: str = "real", tests_passed: bool = False
    ) -> Iterator[tuple[int, list[Row]]]:
        """The same, each batch as soon as it is done: where it begins among the jobs, and its rows."""
        rest, begin = iter(jobs), 0
        free = [node for node in self._nodes for _ in range(self.in_flight)]
        flying: dict[Any, tuple[int, Any]] = {}
        while True:
            while free and (batch := list(islice(rest, self.batch))):
                node = free.pop(0)
                flying[node.verify.remote(batch, semantics, tests_passed)] = (begin, node)
                begin += len(batch)
            if not flying:
                return
            done, _ = ray.wait(list(flying), num_returns=1)
            at, node = flying.pop(done[0])
            free.append(node)
            rows: list[Row] = ray.get(done[0])
            yield at, [Row.of(row.raw, at + place) for place, row in enumerate(rows)]

    def close(self) -> None:
        """Ends the daemons."""
        ray.get([node.close.remote() for node in self._nodes])
        for node in self._nodes:
            ray.kill(node)

    def __enter__(self) -> VerifierPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Verify:
    """For Ray Data: `dataset.map_batches(trialbox.ray.Verify, concurrency=3, batch_size=256)` adds `verdict`, `tests_run` and
    `tests_total` to rows that hold jobs in the column `job`, or whose columns are one."""

    def __init__(self, **options: Any) -> None:
        self._daemon = serve(**options)
        self._client = Client(self._daemon.url, batch=1 << 20)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        from .rewards import plain

        columns = plain(batch)
        names = list(columns)
        rows = [dict(zip(names, values)) for values in zip(*columns.values())]
        jobs = [row.get("job", row) for row in rows]
        found = self._client.verify([{key: value for key, value in job.items() if value is not None} for job in jobs])
        return {
            **batch,
            "verdict": [row.verdict or "infra_error" for row in found],
            "tests_run": [row.tests_run for row in found],
            "tests_total": [row.tests_total for row in found],
        }
