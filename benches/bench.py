#!/usr/bin/env python3
"""Benchmarks that print tables: trialbox, its peers and the floor below them, in one run on this machine.

Without a section named: the peers' tables, HumanEval+ (compare.py) and LiveCodeBench (lcb.py). CPU time is what counts;
the machine may be busy, and wall time suffers from it.
Not here: measuring (measure.py), the sections themselves.
"""

import argparse, os, shutil, sys, tempfile, time
from pathlib import Path

import canonical, compare, lcb, measure, overhead, record, sampling, scale, serve, synthetic, wasi

HERE = Path(__file__).resolve().parent
SECTIONS = {
    "native_only": [overhead],
    "humaneval": [compare],
    "lcb": [lcb],
    "wasi": [wasi],
    "canonical": [canonical],
    "scale": [scale],
    "serve": [serve],
    "sampling": [sampling],
    "synthetic": [synthetic],
}
DEFAULT = [compare, lcb]


def parse_arguments():
    shared = Path(os.environ.get("TRIALBOX_SHARED", HERE.parent.parent / "shared"))
    samples = shared / "data/samples"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.set_defaults(shared=shared)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--native-only", action="store_true", help="trialbox against the floor alone, in detail (overhead.py)")
    which.add_argument("--humaneval", action="store_true", help="HumanEval+ and its peers alone (compare.py)")
    which.add_argument("--lcb", action="store_true", help="LiveCodeBench's programs and lcb_runner alone (lcb.py)")
    which.add_argument("--wasi", action="store_true", help="the WASI backend beside the native one (wasi.py)")
    which.add_argument("--canonical", action="store_true", help="canonical solutions of HumanEval+ and MBPP+ (canonical.py)")
    which.add_argument("--scale", action="store_true", help="164 x 100 samples: plain, deduped, from a full cache (scale.py)")
    which.add_argument("--serve", action="store_true", help="the daemon under load, and beside the command (serve.py)")
    which.add_argument("--sampling", type=Path, metavar="MODEL",
                       help="completions by a model's folder on the CPU, beside transformers (sampling.py)")
    which.add_argument("--synthetic", type=int, nargs="?", const=1_000_000, metavar="N",
                       help="memory and throughput over N made-up samples, a million if none is said (synthetic.py)")
    parser.add_argument("--trialbox", type=Path, default=HERE.parent / "target/release/trialbox")
    parser.add_argument("--python", default="python3", help="the interpreter that runs the candidates")
    parser.add_argument("--transformers", type=Path, metavar="PYTHON",
                        help="an interpreter with torch and transformers for --sampling; else one is made, of 5 GB")
    parser.add_argument("--samples", type=Path, default=samples / "humaneval_codegen16b_n8.jsonl.gz")
    parser.add_argument("--more-samples", type=Path, default=samples / "humaneval_codegen16b_n92_ungraded.jsonl.gz",
                        help="taken together with --samples by --scale")
    parser.add_argument("--data", type=Path, default=shared / "data/evalplus/HumanEvalPlus-v0.1.10.jsonl.gz")
    parser.add_argument("--mbpp-data", type=Path, default=shared / "data/evalplus/MbppPlus-v0.2.0.jsonl.gz")
    parser.add_argument("--lcb-samples", default="lcb_qwen2.5-7b_n1.jsonl.gz", metavar="FILE", help="which of the shared ones")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--all", action="store_true", help="leave no problem and no candidate out (takes long)")
    parser.add_argument("--pin", type=int, metavar="CPU", help="run everything on this core")
    parser.add_argument("--eval-options", default="", metavar="WORDS", help="more words for the `trialbox eval` of --scale and --synthetic")
    parser.add_argument("--order", choices=["problem", "interleaved"], default="interleaved",
                        help="of the samples of --synthetic; by problem, each tenth has problems of its own")
    parser.add_argument("--record", action="store_true", help="write the tables into docs/benchmarks.md")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep subsets and verdicts here")
    parser.add_argument("--work-cache", type=Path, metavar="DIR", help="expected values, own work, the peers' environments",
                        default=Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trialbox-bench")
    return parser.parse_args()


def command_line():
    """What was typed, less the paths that are this machine's."""
    words, skip = [], False
    for word in sys.argv[1:]:
        if not skip and word not in ("--trialbox", "--keep", "--work-cache", "--transformers"):
            words.append(word)
        skip = not skip and word in ("--trialbox", "--keep", "--work-cache", "--transformers")
    return " ".join(["just bench", *words])


def with_command(lines, begun, load):
    """The section's lines, the command behind its heading and the machine at its end."""
    machine = (f"- made on {time.strftime('%Y-%m-%d')} in {(time.monotonic() - begun) / 60:.0f} min on {os.cpu_count()} cores,"
               f" Linux {os.uname().release}; load {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    return "\n".join([lines[0], "", f"    {command_line()}", *lines[1:], machine])


def main():
    arguments = parse_arguments()
    if not arguments.trialbox.exists():
        sys.exit(f"bench: {arguments.trialbox} is missing: cargo build --release")
    if arguments.pin is not None:
        os.sched_setaffinity(0, {arguments.pin})
    arguments.trialbox = arguments.trialbox.resolve()
    arguments.work_cache.mkdir(parents=True, exist_ok=True)
    chosen = next((parts for name, parts in SECTIONS.items() if getattr(arguments, name)), DEFAULT)
    for part in chosen:
        folder = arguments.keep.resolve() / part.__name__ if arguments.keep else Path(tempfile.mkdtemp(prefix="trialbox-bench-"))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            begun, load = time.monotonic(), os.getloadavg()[0]
            text = with_command(part.section(arguments, folder), begun, load)
        except measure.CommandFailed as error:
            sys.exit(f"bench: {error}")
        finally:
            if not arguments.keep:
                shutil.rmtree(folder, ignore_errors=True)
        print(text, end="\n\n", flush=True)
        if arguments.record:
            record.record(part.__name__, text)


if __name__ == "__main__":
    main()
