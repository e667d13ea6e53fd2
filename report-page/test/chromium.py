"""A headless Chromium driven over a pipe by the DevTools protocol: pages, keys, the console, requests, pictures.
Not here: what is tested (`test_page.py`). Nothing but Python's library and the `chromium` program is needed.
In: addresses and expressions. Out: values; `console` and `requests` have what a page said and asked for.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

# Codes of keys that are no letters.
KEYS = {
    "Enter": 13,
    "Escape": 27,
    "ArrowUp": 38,
    "ArrowDown": 40,
    "Tab": 9,
    "PageDown": 34,
    "PageUp": 33,
    "Home": 36,
    "End": 35,
    " ": 32,
}

READ = Path(__file__).with_name("read.js")


def program() -> str | None:
    return next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)


class Browser:
    def __init__(self) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="report-page-", ignore_cleanup_errors=True)
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()

        def place_pipes() -> None:
            # Chromium reads commands on descriptor 3 and answers on 4, each message ended by NUL. Copies far above come
            # first, so that neither overwrites the other.
            far = [fcntl.fcntl(pipe, fcntl.F_DUPFD, 100) for pipe in (commands, answers)]
            os.dup2(far[0], 3)
            os.dup2(far[1], 4)
            for pipe in far:
                os.close(pipe)

        self.process = subprocess.Popen(
            [program() or "chromium", "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu",
             "--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--force-color-profile=srgb",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            close_fds=False, preexec_fn=place_pipes, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.number = 0
        self.session: str | None = None
        self.console: list[str] = []
        self.asked: dict[str, str] = {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")
        # In a scope of its own: only `window.read` is seen.
        self.call("Page.addScriptToEvaluateOnNewDocument", source=f"(() => {{ {READ.read_text('utf-8')} }})();")

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened, the page's own first."""
        return list(self.asked.values())

    def close(self) -> None:
        try:
            self.session = None
            self.call("Browser.close")
        except (OSError, RuntimeError):
            self.process.kill()
        self.process.wait(20)
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def message(self, wait_s: float = 60) -> dict[str, Any]:
        end = time.monotonic() + wait_s
        while b"\0" not in self.buffer:
            if not select.select([self.answers], [], [], max(0.0, end - time.monotonic()))[0]:
                raise RuntimeError("chromium does not answer")
            read = os.read(self.answers, 1 << 20)
            if not read:
                raise RuntimeError("chromium has ended")
            self.buffer += read
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        asked = {"id": self.number, "method": method, "params": params}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self.commands, json.dumps(asked).encode() + b"\0")
        while (said := self.message()).get("id") != self.number:
            self.notice(said)
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']}")
        return said["result"]

    def notice(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled":
                self.console.append(
                    f"{params['type']}: " + " ".join(str(a.get("value", a.get("description"))) for a in params["args"])
                )
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                self.console.append("exception: " + details.get("exception", {}).get("description", details["text"]))
            case "Log.entryAdded":
                self.console.append(f"{params['entry']['level']}: {params['entry']['text']}")
            case "Network.requestWillBeSent":
                self.asked[params["requestId"]] = params["request"]["url"]
            case "Network.loadingFailed" if params.get("blockedReason") == "csp":
                # Refused by the page's policy: it never left.
                self.asked.pop(params["requestId"], None)

    def value(self, expression: str) -> Any:
        """The value of an expression, which may be a promise; it must be plain data."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return result["result"].get("value")

    def read(self, what: str, *arguments: str) -> Any:
        """What a function of `read.js` finds in the page."""
        return self.value(f"read.{what}(...{json.dumps(arguments)})")

    def until(self, expression: str, wait_s: float = 20) -> Any:
        end = time.monotonic() + wait_s
        while not (value := self.value(expression)):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {expression}")
            time.sleep(0.02)
        return value

    def open(self, page: Path, width: int = 1200, scheme: str = "light", media: str = "screen", scale: int = 1) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=scale, mobile=False)
        self.look(scheme, media)
        filled = "document.readyState === 'complete' && document.querySelector('main')?.childElementCount > 0"
        self.navigate(page.as_uri(), filled)

    def navigate(self, address: str, ready: str) -> None:
        self.call("Page.navigate", url="about:blank")
        self.console.clear()
        self.asked.clear()
        self.call("Page.navigate", url=address)
        self.until(ready)

    def look(self, scheme: str, media: str = "screen") -> None:
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def key(self, key: str) -> None:
        code = KEYS.get(key, ord(key[0].upper()))
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        for kind in ["keyDown" if text else "rawKeyDown", "keyUp"]:
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                **({"text": text} if kind == "keyDown" else {}),
            )

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.key(key)

    def choose(self, select: str, text: str) -> None:
        """Chooses the option that begins with a text, by arrows: letters would add to those of a choice just made."""
        place = self.read("option", select, text)
        assert place >= 0, f"no option {text}"
        self.keys("Home", *["ArrowDown"] * place)

    def picture(self, to: Path, part: str = "body") -> None:
        """A PNG of a part of the page, all of it even where it is longer than the screen."""
        box = self.value(f"document.querySelector({json.dumps(part)}).getBoundingClientRect().toJSON()")
        area = {key: box[key] for key in ["x", "y", "width", "height"]}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip={**area, "scale": 1})
        to.write_bytes(base64.b64decode(shot["data"]))
