"""A client for the trialbox daemon, the daemon as a context manager, and rewards for RL trainers.

Not here: judging. Programs run in the daemon's sandboxes, never in this process, and nothing here forks or unshares.

    with trialbox.serve() as daemon, trialbox.Client(daemon.url) as client:
        rows = client.verify([{"dataset": "quickstart", "task_id": "quickstart/squeeze_runs", "completion": "..."}])
"""

from ._client import AsyncClient, Client
from ._daemon import Daemon, DaemonError, binary, serve
from ._rows import RequestRefused, Row, Unreachable

__all__ = ["AsyncClient", "Client", "Daemon", "DaemonError", "RequestRefused", "Row", "Unreachable", "binary", "serve"]
