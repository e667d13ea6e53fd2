"""verifiers' `vf-eval` on a taskset of ours, with a model that is a server here: it streams one answer after the other.

In: $TRIALBOX_URL. Out: scores, by the prompt's last word.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ANSWERS = {
    "right": "```python\nfrom fractions import Fraction\nn = int(input())\nprint(sum(Fraction(input()) for _ in range(n)))\n```",
    "wrong": "```python\nprint(0)\n```",
    "none": "I do not know.",
}


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = json.dumps(asked["messages"])
        text = next(answer for word, answer in ANSWERS.items() if f": {word}." in said)
        whole = {"id": "1", "object": "chat.completion", "created": 1, "model": asked["model"]}
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        if asked.get("stream"):
            chunk = whole | {"object": "chat.completion.chunk"}
            pieces = [
                chunk | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}]},
                chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
                chunk | {"choices": [], "usage": usage},
            ]
            body = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
            kind = "text/event-stream"
        else:
            message = {"role": "assistant", "content": text}
            body = json.dumps(whole | {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})
            kind = "application/json"
        content = body.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def main():
    model = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(Path(sys.executable).parent / "vf-eval"),
            "ledger_taskset",
            "-m",
            "stub",
            "--no-push",
            "-o",
            folder,
            "--env.agent.runtime.type",
            "subprocess",
            "--env.agent.harness.id",
            "null",
            "--client.base-url",
            f"http://127.0.0.1:{model.server_port}/v1",
        ]
        environment = {**os.environ, "OPENAI_API_KEY": "none", "PRIME_API_KEY": "none", "HOME": folder, "TERM": "dumb"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
        episodes = [json.loads(line) for file in Path(folder).rglob("traces.jsonl") for line in file.open()]
    if not episodes:
        sys.exit(f"vf-eval ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    print(json.dumps([score for episode in episodes for score in scores(episode)]))


def scores(episode):
    words = json.dumps(episode["task"])
    word = next(word for word in ANSWERS if f": {word}." in words)
    for trace in episode["traces"]:
        yield {"word": word, "score": trace["rewards"]["right"]["score"], "errors": episode["errors"] + trace["errors"]}


if __name__ == "__main__":
    main()
