"""What has to be done for the experiment: models, their samples, and reports, each a task in a folder of its own.

    OUT/problems              the problems of RL
    OUT/base-1/model          a base model, in its corpus' seed
    OUT/base-1/base-run       its samples, judged: what `trialbox run` leaves, and some at temperature 1
    OUT/base-1/grpo-1         RL on it: step-80/, rollouts.jsonl, metrics.jsonl
    OUT/base-1/grpo-1-run     samples of what came of it
    OUT/base-1/report         all of these beside the base: `trialbox report`

Not here: doing tasks (tasks.py), what is made of the reports (findings.py).
"""

import json
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import answers
from tasks import Task, TaskFailed

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TRAIN = ROOT / "sampler/toy/train.py"
BASE = "base"
CONTROL = "answers of others"
"""The name of the samples that were given to problems that they do not answer."""


@dataclass(frozen=True)
class Asked:
    """Which part of the experiment."""

    bases: list[int]
    rl_seeds: list[int]
    algorithms: bool = False
    series: bool = False
    narrow: bool = False
    distilled: bool = False


@dataclass
class Run:
    """A model's samples, judged."""

    base: int
    name: str
    task: Task

    @property
    def folder(self) -> Path:
        """What `trialbox run` left."""
        return self.task.folder / "judged"

    @property
    def entropy(self) -> Path:
        """Samples at temperature 1."""
        return self.task.folder / "entropy/completions.jsonl"


class Plan:
    """All tasks, in the order in which they are best begun. `daemon` gives the address of one that has the problems of RL."""

    def __init__(self, out: Path, settings: dict[str, Any], trialbox: str, asked: Asked, daemon: Callable[[], str]) -> None:
        self.out, self.settings, self.trialbox, self.asked, self.daemon = out, settings, trialbox, asked, daemon
        self.problems_file = out / "problems/rl.jsonl"
        self.models: list[Task] = []
        self.runs: list[Run] = []
        self.afterwards: list[Task] = []
        self.problems = Task("the problems of RL", out / "problems", self._print_problems)
        for seed in asked.bases:
            self._add_base(seed)
        reports = [self._report(seed) for seed in asked.bases]
        # Models first: samples of one are drawn while the next ones are trained.
        self.tasks = [self.problems, *self.models, *(run.task for run in self.runs), *self.afterwards, *reports]

    # ---- What there is of each base --------------------------------------------------------------------------------------

    def _add_base(self, seed: int) -> None:
        corpus = {**self.settings["base"], "corpus_seed": seed}
        base = self._model(seed, "model", lambda task: self._train(task, seed, corpus, corpus.get("init")))
        run = self._sampled(seed, BASE, base, Path())
        self._add_control(seed, run)
        for algorithm in self.settings["algorithms"] if self.asked.algorithms else ["grpo"]:
            for rl_seed in self.asked.rl_seeds if algorithm == "grpo" else self.asked.rl_seeds[:1]:
                self._add_rl(seed, base, f"{algorithm}-{rl_seed}", algorithm, rl_seed, [self.settings["rl"]["steps"]])
        if self.asked.series and seed in self.settings["series"]["bases"]:
            self._add_rl(seed, base, "series", "grpo", self.asked.rl_seeds[0], self.settings["series"]["steps"])
        if self.asked.narrow and seed in self.settings["narrow"]["bases"]:
            narrow = self.settings["narrow"]
            self._add_rl(seed, base, "narrow", "grpo", self.asked.rl_seeds[0], [narrow["steps"]], narrow["problems"])
        if self.asked.distilled:
            self._add_distilled(seed, base)

    def _add_rl(
        self, seed: int, base: Task, name: str, algorithm: str, rl_seed: int, keep: list[int], first: int | None = None
    ) -> None:
        """RL on a base, whose model is kept and sampled at some steps; on the first problems alone, where that is said."""
        of = self.settings["rl"]
        chosen = self.settings["algorithms"][algorithm]

        def work(task: Task) -> None:
            words: list[object] = ["--model", base.folder, "--problems", self.problems_file, "--daemon", self.daemon()]
            words += ["--trainer", chosen["trainer"], "--options", json.dumps(chosen["options"]), "--threads", task.threads]
            words += ["--out", task.folder, "--seed", rl_seed, "--keep", *keep, "--first", first or of["problems"]]
            for option in ("prompts_per_step", "samples_per_prompt", "temperature", "max_tokens", "learning_rate"):
                words += ["--" + option.replace("_", "-"), of[option]]
            task.run(sys.executable, HERE / "reinforce.py", *words)

        trained = self._model(seed, name, work, base, self.problems)
        again = Task(f"{trained.name}: rewards again", self._folder(seed, f"{name}-again"), self._again(trained), [trained])
        again.is_short = True
        self.afterwards.append(again)
        for step in keep:
            self._sampled(seed, f"{name}-step-{step}" if len(keep) > 1 else name, trained, Path(f"step-{step}"))

    def _add_distilled(self, seed: int, base: Task) -> None:
        of = self.settings["teacher"]
        # Another seed than the base's corpus, and the same split of the family.
        corpus = {**of, "corpus_seed": 1000 + seed, "batch": self.settings["base"]["batch"]}
        teacher = self._model(seed, "teacher", lambda task: self._train(task, seed, corpus, base.folder), base)
        judged = Task(
            f"base-{seed}: the teacher's answers",
            self._folder(seed, "teacher-answers"),
            lambda task: self._run(task, teacher.folder, of["samples"], ["--data", self.problems_file]),
            [teacher, self.problems],
            goes_on=True,
        )
        self.models.append(judged)

        def work(task: Task) -> None:
            count = answers.write_right_answers(judged.folder / "judged", self.problems_file, task.folder / "corpus.jsonl")
            if not count:
                raise TaskFailed(f"{task.name}: the teacher has no right answer to learn from")
            changed = {**self.settings["distilled"], "batch": self.settings["base"]["batch"]}
            self._fit(task, seed, changed, task.folder / "corpus.jsonl", base.folder)

        distilled = self._model(seed, "distilled", work, base, judged)
        self._sampled(seed, "teacher", teacher, Path())
        self._sampled(seed, "distilled", distilled, Path())

    def _add_control(self, seed: int, run: Run) -> None:
        def work(task: Task) -> None:
            most = self.settings["evaluation"]["control_samples"]
            answers.write_answers_of_others(run.folder / "completions.jsonl", most, task.folder / "samples.jsonl")
            words = ["--samples", task.folder / "samples.jsonl", "--out", task.folder / "judged", "--fresh"]
            task.run(self.trialbox, "eval", *self._problems_to_measure(), *words, *self._judging(task))

        self.afterwards.append(Task(f"base-{seed}: {CONTROL}", self._folder(seed, "control"), work, [run.task], is_short=True))

    # ---- Kinds of tasks --------------------------------------------------------------------------------------------------

    def _folder(self, seed: int, name: str) -> Path:
        return self.out / f"base-{seed}" / name

    def _model(self, seed: int, name: str, work: Callable[[Task], None], *needs: Task) -> Task:
        task = Task(f"base-{seed}: {name}", self._folder(seed, name), work, list(needs))
        self.models.append(task)
        return task

    def _sampled(self, seed: int, name: str, model: Task, below: Path) -> Run:
        of = self.settings["evaluation"]

        def work(task: Task) -> None:
            self._run(task, model.folder / below, of["samples"], self._problems_to_measure()[1:])
            self._read_by_the_base(task, seed)
            entropy = ["--out", task.folder / "entropy", "--n", of["entropy_samples"], "--temperature", 1, "--top-p", 1]
            self._sample(task, "sample", model.folder / below, [*self._problems_to_measure()[1:], *entropy])

        task = Task(f"base-{seed}: samples of {name}", self._folder(seed, f"{name}-run"), work, [model], goes_on=True)
        run = Run(seed, name, task)
        self.runs.append(run)
        return run

    def _report(self, seed: int) -> Task:
        runs = [run for run in self.runs if run.base == seed]

        def work(task: Task) -> None:
            named = [f"{run.name}={run.folder}" for run in runs]
            title = f"toy: base {seed} and what became of it"
            task.run(self.trialbox, "report", *named, "--title", title, "--out", task.folder / "page")
            task.run(self.trialbox, "compare", *named, "--title", title, "--json", out=task.folder / "compare.json")

        needs, names = [run.task for run in runs], [run.name for run in runs]
        return Task(f"base-{seed}: report", self._folder(seed, "report"), work, needs, of=names)

    def _again(self, trained: Task) -> Callable[[Task], None]:
        """Judges a training log once more, by the command and not by the daemon."""
        rollouts = trained.folder / "rollouts.jsonl"

        def work(task: Task) -> None:
            answers.write_jobs(rollouts, task.folder / "jobs.jsonl")
            words = ["--data", f"toy={self.problems_file}", "--jobs", task.folder / "jobs.jsonl", *self._judging(task)]
            task.run(self.trialbox, "verify", *words, out=task.folder / "verdicts.jsonl")
            counts = answers.rewards_beside_verdicts(rollouts, task.folder / "verdicts.jsonl")
            (task.folder / "counts.json").write_text(json.dumps(counts) + "\n")
            if counts["different"]:
                raise TaskFailed(
                    f"{task.name}: {counts['different']} of {counts['rewards']} rewards are not what `trialbox verify` says"
                )

        return work

    # ---- Commands --------------------------------------------------------------------------------------------------------

    def _print_problems(self, task: Task) -> None:
        of = self.settings["rl"]
        words = ["--split", "rl", "--size", of["problems"], "--seed", of["problem_seed"]]
        task.run(self.trialbox, "datasets", "toy", *words, out=self.problems_file)

    def _train(self, task: Task, seed: int, of: dict[str, Any], init: Path | str | None) -> None:
        corpus = task.folder / "corpus.jsonl"
        words = ["--split", "base", "--size", of["texts"], "--seed", of["corpus_seed"], "--noise", of["noise"]]
        task.run(self.trialbox, "datasets", "toy", *words, out=corpus)
        self._fit(task, seed, of, corpus, init)

    def _fit(self, task: Task, seed: int, of: dict[str, Any], corpus: Path, init: Path | str | None) -> None:
        words = ["--corpus", corpus, "--out", task.folder, "--seed", seed, "--threads", task.threads]
        words += ["--steps", of["steps"], "--batch", of["batch"], "--lr", of["learning_rate"]]
        task.run(sys.executable, TRAIN, *words, *(["--init", ROOT / init] if init else []))

    def _problems_to_measure(self) -> list[object]:
        of = self.settings["evaluation"]
        return ["toy", "--problems", of["problems"], "--problem-seed", of["problem_seed"]]

    def _judging(self, task: Task) -> list[object]:
        """No verdict but those of this run counts."""
        return ["--workers", task.threads, "--cache", "off"]

    def _run(self, task: Task, model: Path, samples: int, problems: list[object]) -> None:
        of = self.settings["evaluation"]
        words = ["--out", task.folder / "judged", "--n", samples, "--temperature", of["temperature"], "--top-p", of["top_p"]]
        self._sample(task, "run", model, [*problems, *words, *self._judging(task)])

    def _read_by_the_base(self, task: Task, seed: int) -> None:
        """How likely the base finds what a model answered."""
        few = answers.write_few(
            task.folder / "judged/completions.jsonl", self.settings["evaluation"]["perplexity_samples"], task.folder / "few"
        )
        words = ["--perplexity", few, "--model", self._folder(seed, "model"), "--threads", task.threads]
        task.run(self.trialbox, "sample", *words, out=task.folder / "judged/perplexity.jsonl")

    def _sample(self, task: Task, command: str, model: Path, words: list[object]) -> None:
        # Of its own for each run: draws with one seed have their chances in common.
        seed = zlib.crc32(str(task.folder.relative_to(self.out)).encode())
        drawn = [
            "--model",
            model,
            "--max-tokens",
            self.settings["evaluation"]["max_tokens"],
            "--seed",
            seed,
            "--threads",
            task.threads,
        ]
        task.run(self.trialbox, command, "toy", *drawn, *words)
