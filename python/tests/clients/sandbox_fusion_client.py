"""SandboxFusion's own client.

In: $TRIALBOX_URL. Out: what it made of the answers.
"""

import json
import os

import sandbox_fusion
from sandbox_fusion import RunCodeRequest, run_code, run_concurrent, set_endpoint


def main():
    set_endpoint(os.environ["TRIALBOX_URL"])
    asked = RunCodeRequest(
        code="import helper\nprint(helper.twice(input()))\nopen('out', 'w').write('left')",
        language="python",
        stdin="7",
        files={"helper.py": "dHdpY2UgPSBsYW1iZGEgeDogeCArIHgK"},
        fetch_files=["out"],
    )
    one = run_code(asked, max_attempts=1)
    failed = run_code(RunCodeRequest(code="raise SystemExit(3)", language="python"), max_attempts=1)
    late = run_code(RunCodeRequest(code="while True: pass", language="python", run_timeout=0.5), max_attempts=1)
    arguments = [(RunCodeRequest(code=f"print({n} * {n})", language="python"), "", 1) for n in range(40)]
    many = run_concurrent(run_code, args=arguments)
    print(
        json.dumps(
            {
                "version": getattr(sandbox_fusion, "__version__", None),
                "one": [one.status.value, one.run_result.stdout, one.files],
                "failed": [failed.status.value, failed.run_result.return_code],
                "late": [late.status.value, late.run_result.status.value],
                "many": [answer.run_result.stdout for answer in many],
            }
        )
    )


if __name__ == "__main__":
    main()
