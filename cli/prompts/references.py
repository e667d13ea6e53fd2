#!/usr/bin/env python3
"""What the origins of our prompts make of the same problems: references/prompts.json.

    pip install blake3
    pip download --no-deps evalplus==0.3.1 nvidia-livecodebench==26.3    # and unpack both
    python3 references.py --evalplus DIR --livecodebench DIR --code-r1 coder1.py --shared DIR
    python3 references.py --livecodebench DIR --livecodebench-base FILE.toml

DIR is where a wheel was unpacked, coder1.py is Code-R1's examples/data_preprocess/coder1.py. The problems are those of
references/rows.jsonl, which are our own, and of SHARED/data: of these nothing but a hash is kept. The second command
writes our livecodebench-base.toml with lcb_runner's own examples in the place of ours.
"""
import argparse
import ast
import gzip
import importlib.util
import json
import pathlib
import re
import sys
import types

HERE = pathlib.Path(__file__).parent
EXAMPLES = json.loads((HERE / "references/examples.json").read_text())


def rows(path):
    """The rows of a file of JSON lines, or of one JSON list."""
    text = gzip.open(path, "rt").read()
    return json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines() if line]


def text(written):
    return {"parts": ["text", written]}


def chat(messages, prefill=""):
    parts = [part for message in messages for part in (message["role"], message["content"])]
    return {"parts": parts + (["prefill", prefill] if prefill else [])}


class EvalPlus:
    """evalplus/codegen.py and evalplus/provider, without the models."""

    def __init__(self, folder):
        package = pathlib.Path(folder) / "evalplus"
        spec = importlib.util.spec_from_file_location("utility", package / "provider/utility.py")
        self.utility = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.utility)
        codegen = (package / "codegen.py").read_text()
        assert 'prompt = task["prompt"].strip() + "\\n"' in codegen
        run = next(node for node in ast.parse(codegen).body if getattr(node, "name", "") == "run_codegen")
        self.words = {}
        for node in run.body:
            if isinstance(node, ast.Assign) and node.targets[0].id in ("instruction_prefix", "response_prefix"):
                self.words[node.targets[0].id] = ast.literal_eval(node.value)
        for provider in ("vllm", "hf"):
            source = (package / f"provider/{provider}.py").read_text()
            assert 'self.eos += ["\\n```\\n"]' in source and "self.eos += extra_eos_for_direct_completion(dataset)" in source

    def __call__(self, style, dataset, row):
        prompt = row["prompt"].strip() + "\n"
        if style == "evalplus-base":
            name = {"humaneval+": "humaneval", "mbpp+": "mbpp"}[dataset]
            return text(prompt) | {"stop": self.utility.EOS + self.utility.extra_eos_for_direct_completion(name)}
        turns = []

        class Tokenizer:
            chat_template = "any"

            def apply_chat_template(self, messages, tokenize):
                turns.extend(messages)
                return messages[-1]["content"]

        prefill = self.utility.make_raw_chat_prompt(prompt, *self.words.values(), Tokenizer())
        return chat(turns[:-1], prefill) | {"stop": self.utility.EOS + ["\n```\n"]}


class LiveCodeBench:
    """lcb_runner/prompts/code_generation.py, which NVIDIA's wheel calls livecodebench/prompts."""

    def __init__(self, folder):
        # What it imports and these prompts do not use.
        sys.modules["datasets"] = types.SimpleNamespace(load_dataset=None, Dataset=None)
        sys.modules["anthropic"] = types.SimpleNamespace(HUMAN_PROMPT=None, AI_PROMPT=None)
        sys.path.insert(0, folder)
        from livecodebench.lm_styles import LMStyle
        from livecodebench.prompts import code_generation

        parser = (pathlib.Path(folder) / "livecodebench/runner/parser.py").read_text()
        assert re.search(r'"--stop",\s*default="###"', parser)
        chats = (pathlib.Path(folder) / "livecodebench/runner/oai_runner.py").read_text()
        assert '# "stop": args.stop' in chats and chats.count('"stop"') == 1
        self.module, self.style = code_generation, LMStyle
        self.examples = {"func": code_generation.func[0], "stdin": code_generation.stdin[0]}

    def __call__(self, style, dataset, row):
        question = types.SimpleNamespace(question_content=row["question_content"], starter_code=row["starter_code"])
        self.module.func, self.module.stdin = [EXAMPLES["func"]], [EXAMPLES["stdin"]]
        if style == "livecodebench":
            return chat(self.module.format_prompt_generation(question, self.style.OpenAIChat)) | {"stop": []}
        if style == "livecodebench-base":
            return text(self.module.format_prompt_generation(question, self.style.GenericBase)) | {"stop": ["###"]}
        written = self.module.format_prompt_generation(question, self.style.CodeQwenInstruct)
        turn = r"<\|im_start\|>{}\n(.*)<\|im_end\|>\n"
        turns = re.fullmatch(turn.format("system") + turn.format("user") + r"<\|im_start\|>assistant\n", written, re.S)
        messages = [{"role": role, "content": said} for role, said in zip(("system", "user"), turns.groups())]
        return chat(messages) | {"stop": ["###"]}

    def base_template(self):
        """Our template with the origin's examples."""
        template = (HERE / "livecodebench-base.toml").read_text()
        head, body = template.split("answers = ", 1)
        def shown(example):
            starter = f"### Starter Code\n{example['sample_code']}\n\n" if "sample_code" in example else ""
            return f"### Question\n{example['question']}\n\n{starter}### Answer\n\n{example['answer']}\n\n"

        for kind, ours in EXAMPLES.items():
            ours, theirs = shown(ours), shown(self.examples[kind])
            assert body.count(ours) == 1 and not any(mark in theirs for mark in ("{{", "{%", "{#", "'''"))
            body = body.replace(ours, theirs)
        return f"# lcb_runner's LMStyle.GenericBase with its own examples, written by references.py.\nanswers = {body}"


class CodeR1:
    """The statements of coder1.py that put a prompt together."""

    def __init__(self, file):
        module = ast.parse(pathlib.Path(file).read_text())
        system = next(node for node in module.body if isinstance(node, ast.Assign) and node.targets[0].id == "SYSTEM_PROMPT")
        self.system = ast.literal_eval(system.value)
        self.makers = {
            node.name: [each for each in ast.walk(node) if getattr(each, "name", "") == "process_fn"][-1]
            for node in module.body
            if isinstance(node, ast.FunctionDef) and node.name in ("kodcode", "taco", "codecontests", "leetcode2k")
        }

    def prompt(self, maker, example):
        def makes_prompt(node):
            return re.match(r"(prompt|prompt_pieces)( =| \+=|\.append)", ast.unparse(node))

        def wanted(node):
            return makes_prompt(node) or isinstance(node, ast.If) and all(map(makes_prompt, node.body))

        body = [node for node in self.makers[maker].body if wanted(node)]
        scope = {"example": example}
        exec(compile(ast.Module(body, []), "coder1.py", "exec"), scope)
        return scope["prompt"]

    def __call__(self, style, dataset, row):
        if dataset == "leetcode-dataset":
            prompt = self.prompt("leetcode2k", {"meta": {"query": row["query"]}})
        elif dataset == "code_contests":
            prompt = self.prompt("codecontests", {"description": row["problem"]})
        elif dataset == "taco":
            prompt = self.prompt("taco", row)
        else:
            prompt = self.prompt("kodcode", {"question": row["instruction"], "test_entry_point": "fold"})
        messages = [{"role": "system", "content": self.system}, {"role": "user", "content": prompt}]
        return chat(messages) | {"stop": []}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--evalplus", "--livecodebench", "--code-r1", "--shared", "--livecodebench-base"):
        parser.add_argument(option)
    options = parser.parse_args()
    livecodebench = LiveCodeBench(options.livecodebench)
    if options.livecodebench_base:
        pathlib.Path(options.livecodebench_base).write_text(livecodebench.base_template())
        return
    import blake3

    evalplus, code_r1 = EvalPlus(options.evalplus), CodeR1(options.code_r1)
    origins = {
        "evalplus-base": (evalplus, ["humaneval+", "mbpp+"]),
        "evalplus-instruct": (evalplus, ["humaneval+", "mbpp+"]),
        "livecodebench": (livecodebench, ["livecodebench"]),
        "livecodebench-qwen": (livecodebench, ["livecodebench"]),
        "livecodebench-base": (livecodebench, ["livecodebench"]),
        "code-r1": (code_r1, ["leetcode-dataset", "code_contests", "taco", "kodcode"]),
    }
    files = {
        "humaneval+": "evalplus/HumanEvalPlus-v0.1.10.jsonl.gz",
        "mbpp+": "evalplus/MbppPlus-v0.2.0.jsonl.gz",
        "livecodebench": "lcb/lcb_v6_1055_public_only.jsonl.gz",
        "leetcode-dataset": "train/LeetCodeDataset-v0.3.1-test.jsonl.gz",
        "code_contests": "train/rllm_test_code_code_contests.json.gz",
    }
    own = [json.loads(line) for line in (HERE / "references/rows.jsonl").read_text().splitlines()]
    prompts, hashes = [], []
    for style, (origin, datasets) in origins.items():
        for dataset in datasets:
            for place, row in enumerate(own):
                if row["dataset"] == dataset:
                    prompts.append({"style": style, "row": place} | origin(style, dataset, row["row"]))
            if dataset in files:
                problems = rows(pathlib.Path(options.shared) / "data" / files[dataset])
                # SHARED's edition of LiveCodeBench has public tests only, which some problem lacks: it cannot be loaded.
                problems = [row for row in problems if row.get("public_test_cases") != "[]"]
                hasher = blake3.blake3()
                for row in problems:
                    for part in origin(style, dataset, row)["parts"]:
                        hasher.update(part.encode() + b"\0")
                about = {"style": style, "dataset": dataset, "file": files[dataset], "problems": len(problems)}
                hashes.append(about | {"blake3": hasher.hexdigest()})
    written = json.dumps({"prompts": prompts, "hashes": hashes}, indent=1, ensure_ascii=False)
    (HERE / "references/prompts.json").write_text(written + "\n")


main()
