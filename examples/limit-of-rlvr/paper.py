"""Watches RL move coverage: a base model of the toy set, RL on it by TRL with trialbox's verdicts, and who solves what.

    just paper-small                 one base, one run of RL
    just paper-small --grid          three bases, three runs of RL each
    just paper-small --all           the grid, and all that follows

The same command goes on where it was ended, and adds what another one has not asked for. docs/paper-small.md tells of it.
Not here: the tasks (plan.py), what they show (findings.py).
"""

import argparse
import fcntl
import os
import platform
import shutil
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "python/src"
sys.path.insert(0, str(PACKAGE))

import findings
import pictures
import words
from plan import Asked, Plan
from tasks import TaskFailed, do_all
from trialbox import DaemonError, binary
from watched import WatchedDaemon

KEPT = "paper-small.toml"
"""The settings that a folder was begun with."""
DOCUMENT = ROOT / "docs/paper-small.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
LIBRARIES = ("torch", "transformers", "trl", "tokenizers", "numpy")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="paper.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "runs/paper-small", help="where everything is kept")
    parser.add_argument("--settings", type=Path, default=HERE / "settings.toml")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="threads in all, and so most tasks at once")
    parser.add_argument("--grid", action="store_true", help="all bases and all seeds of RL")
    parser.add_argument("--algorithms", action="store_true", help="RLOO, Dr. GRPO, DAPO's loss and GRPO with KL beside GRPO")
    parser.add_argument("--series", action="store_true", help="coverage after 20, 40, 80 and 160 steps")
    parser.add_argument("--narrow", action="store_true", help="RL on few problems, seen many times")
    parser.add_argument("--distilled", action="store_true", help="the base taught by a stronger teacher")
    parser.add_argument("--all", action="store_true", help="all of these")
    parser.add_argument("--record", action="store_true", help="write what was found into docs/paper-small.md")
    parser.add_argument("--fresh", action="store_true", help="throw away what --out holds")
    return parser.parse_args()


def asked_for(given: argparse.Namespace, settings: dict[str, Any]) -> Asked:
    is_grid = given.grid or given.all
    bases, rl_seeds = settings["base"]["seeds"], settings["rl"]["seeds"]
    return Asked(
        bases if is_grid else bases[:1],
        rl_seeds if is_grid else rl_seeds[:1],
        given.algorithms or given.all,
        given.series or given.all,
        given.narrow or given.all,
        given.distilled or given.all,
    )


def flat(settings: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Settings by their whole names."""
    found = {}
    for key, value in settings.items():
        found |= flat(value, f"{path}{key}.") if isinstance(value, dict) else {f"{path}{key}": value}
    return found


def read_settings(file: Path) -> dict[str, Any]:
    """Settings with all that ours have, but for the algorithms, of which there must be GRPO."""
    try:
        settings = tomllib.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{file}: {error}") from error
    ours = tomllib.loads((HERE / "settings.toml").read_text())
    expected = {name for name in flat(ours) if not name.startswith("algorithms.")} | {"algorithms.grpo.trainer"}
    if missing := sorted(expected - flat(settings).keys()):
        raise SystemExit(f"{file}: {', '.join(missing)} is missing")
    return settings


def claim_folder(out: Path, settings: dict[str, Any], settings_file: Path, is_fresh: bool) -> IO[str]:
    """A folder belongs to one file of settings, and to one process at a time: as long as what is given stays open."""
    out.mkdir(parents=True, exist_ok=True)
    kept = out / KEPT
    if not kept.exists():
        if any(out.iterdir()):
            raise SystemExit(f"{out} is not empty, and holds no run of this experiment")
        shutil.copyfile(settings_file, kept)
    claim = kept.open("r+")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SystemExit(f"{out} is in use by another paper.py") from error
    if is_fresh:
        for path in out.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        claim.truncate()
        claim.write(settings_file.read_text())
        claim.flush()
        return claim
    begun, now = flat(tomllib.loads(claim.read())), flat(settings)
    if names := sorted(name for name in begun.keys() | now.keys() if begun.get(name) != now.get(name)):
        raise SystemExit(f"{out} was begun with other settings ({', '.join(names)}): name another --out, or say --fresh")
    return claim


def environment(trialbox: str) -> str:
    said = subprocess.run([trialbox, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{said}; Python {platform.python_version()}, {libraries}; {os.cpu_count()} cores"


def record(text: str, files: list[Path]) -> None:
    """Puts what was found, and its pictures, into the document."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after and END not in rest:
        raise SystemExit(f"{DOCUMENT}: expected {BEGIN} and {END}")
    folder = DOCUMENT.with_suffix("")
    folder.mkdir(exist_ok=True)
    for file in files:
        shutil.copyfile(file, folder / file.name)
    shown = "\n".join(f"![{file.stem}]({folder.name}/{file.name})\n" for file in files)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{shown}\n{text}{END}{after}")


def main() -> None:
    given = options()
    if given.jobs < 1:
        raise SystemExit(f"--jobs: expected at least 1, found {given.jobs}")
    settings, out = read_settings(given.settings), given.out.resolve()
    with claim_folder(out, settings, given.settings, given.fresh):
        conduct(given, settings, out)


def conduct(given: argparse.Namespace, settings: dict[str, Any], out: Path) -> None:
    """Does what is left to be done, and tells what all of it shows."""
    # Whatever it runs finds the package too.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")]))
    # As Ctrl-C: what is under way is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    trialbox = binary()
    daemon: WatchedDaemon | None = None
    plan = Plan(out, settings, trialbox, asked_for(given, settings), lambda: daemon.url if daemon else "")
    do_all([plan.problems], given.jobs)
    if all(task.is_done for task in plan.tasks):
        print("all is done")
    else:
        with WatchedDaemon({"toy": plan.problems_file}, workers=given.jobs) as daemon:
            do_all(plan.tasks, given.jobs)
            if daemon.restarts:
                print(f"the daemon was started again {daemon.restarts} times")
    results = findings.Results(plan)
    claims, checked = findings.claims(results), findings.checks(results)
    files = pictures.draw(results, out)
    text = words.markdown(results, claims, checked) + f"\n{environment(trialbox)}.\n"
    (out / "findings.md").write_text(text)
    print(text)
    print(f"{out / 'findings.md'}, {', '.join(file.name for file in files)} beside it, and pages to look at:")
    for seed in plan.asked.bases:
        print(f"  {out}/base-{seed}/report/page/report.html")
    if given.record:
        record(text, files)


if __name__ == "__main__":
    try:
        main()
    except (TaskFailed, DaemonError) as error:
        sys.exit(f"paper.py: {error}")
    except KeyboardInterrupt:
        sys.exit("ended; the same command goes on")
