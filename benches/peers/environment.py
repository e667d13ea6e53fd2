"""Virtual environments for the peers: made once, with pinned versions, and kept.

Not here: what is run in them.
"""

import hashlib, shutil, subprocess

import measure

PATIENCE_S = 900


class Unavailable(Exception):
    """A peer cannot be measured here; the text says why."""


def prepared(home, python, *installs):
    """The interpreter of an environment with what `installs` (arguments of pip, one list each) put there. Each interpreter
    has one of its own."""
    home = home.with_name(f"{home.name}-{hashlib.sha256(python.encode()).hexdigest()[:8]}")
    wanted = "\n".join([python, *(" ".join(words) for words in installs)])
    ready = home / "ready"
    if ready.exists() and ready.read_text() == wanted:
        return home / "bin/python"
    shutil.rmtree(home, ignore_errors=True)
    measure.say(f"making {home}: " + "; ".join(" ".join(words) for words in installs))
    attempt([python, "-m", "venv", home], f"no virtual environment for {python}")
    for words in installs:
        attempt([home / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *words],
                f"{' '.join(words)} could not be installed")
    ready.write_text(wanted)
    return home / "bin/python"


def attempt(command, complaint):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{complaint} ({error})") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()[-1]
        offline = "the package index cannot be reached; " if "Connection" in done.stderr + done.stdout else ""
        raise Unavailable(f"{complaint} ({offline}{last.strip()[:200]})")
