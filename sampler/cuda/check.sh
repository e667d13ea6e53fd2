#!/usr/bin/env bash
# Everything about the GPU that only a GPU can show, in under 8 minutes: that what was built elsewhere starts, that models compute
# what they should, and how fast.
# Not here: building (package.sh), what the table's columns are (table.py).
# In: a machine with a GPU and a Python that has torch and transformers; $1, the folder that package.sh wrote. Out: on stdout the
# tests' report and the table; 1 where a test fails.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=$(cd "${1:?usage: check.sh FOLDER}" && pwd)
python=${PYTHON:-python3}

# cuBLAS stands beside torch, or in a package of its own.
libraries=$("$python" - <<'PYTHON'
import pathlib, sysconfig
found = {path.parent for path in pathlib.Path(sysconfig.get_paths()["purelib"]).glob("**/libcublas.so.13")}
print(":".join(map(str, sorted(found))))
PYTHON
)
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader

# The tests' references lie in the repository; what they would skip is a failure here.
(
    export CARGO_MANIFEST_DIR="$here/.." TRIALBOX_GPU_THOROUGH=1 TRIALBOX_GPU_EXPECTED=1 TRIALBOX_TESTS_STRICT=1
    skipped=()
    # The shared model does not travel with the repository: without it, what needs it is left out, and this says so.
    if [ ! -d "${TRIALBOX_SHARED:-$here/../../../shared}/models/tiny-qwen2" ]; then
        printf 'SKIPPED: what needs models/tiny-qwen2, which is not in TRIALBOX_SHARED\n'
        skipped=(--skip texts_have_the_perplexity --skip the_shared_model)
    fi
    "$built/tests" gpu:: --test-threads 4 "${skipped[@]}"
)
# From a prompt to a verdict, with the model that stands in the program.
"$built/trialbox" run toy --device gpu --n 32 | "$python" -c '
import json, sys
report = json.load(sys.stdin)
print("toy on the GPU:", json.dumps(report.get("pass_at_k") or report))'

"$python" "$here/table.py" --throughput "$built/throughput"
