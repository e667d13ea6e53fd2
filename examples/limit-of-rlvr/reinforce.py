"""Reinforcement learning of one model with TRL, trialbox's verdicts as the reward.

In: a model's folder, problems as `trialbox datasets toy` prints them, the address of a daemon that has them as its dataset
`toy`. Out, in a folder: a model at each of the steps asked for (`step-80/`), every completion with its reward
(`rollouts.jsonl`), what TRL logs (`metrics.jsonl`).
Not here: when it is run, and on what (plan.py).
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

import trialbox
import trialbox.trl

TRAINERS = {"grpo": (GRPOTrainer, GRPOConfig), "rloo": (RLOOTrainer, RLOOConfig)}
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--problems", type=Path, required=True)
    parser.add_argument("--first", type=int, help="only so many of the problems")
    parser.add_argument("--daemon", required=True, help="its address")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--trainer", choices=TRAINERS, required=True)
    parser.add_argument("--options", type=json.loads, default={}, help="of the trainer's config, as JSON")
    parser.add_argument("--seed", type=int, required=True, help="of the order of the problems and of all draws")
    parser.add_argument("--keep", type=int, nargs="+", required=True, help="steps at which the model is kept; the last one ends it")
    parser.add_argument("--prompts-per-step", type=int, required=True)
    parser.add_argument("--samples-per-prompt", type=int, required=True)
    parser.add_argument("--temperature", type=float, required=True)
    parser.add_argument("--max-tokens", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def read_problems(file, first):
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return Dataset.from_list([{"prompt": row["prompt"], "dataset": "toy", "task_id": row["task_id"]} for row in rows[:first]])


class Logged:
    """The reward function, which writes down all that it was asked and said."""

    def __init__(self, client, file):
        self.judge = trialbox.trl.reward_func(client, answers="completion")
        self.lines = file.open("w")
        # What TRL calls it in its log.
        self.__name__ = "verdict"

    def __call__(self, completions, task_id, trainer_state, **columns):
        rewards = self.judge(completions=completions, task_id=task_id, **columns)
        for name, completion, reward in zip(task_id, completions, rewards, strict=True):
            row = {"step": trainer_state.global_step + 1, "task_id": name, "completion": completion, "reward": reward}
            self.lines.write(json.dumps(row) + "\n")
        self.lines.flush()
        return rewards


class Keep(TrainerCallback):
    """Keeps the model at some steps, in folders that trialbox and transformers read."""

    def __init__(self, steps, tokenizer, out):
        self.steps, self.tokenizer, self.out = steps, tokenizer, out

    def on_step_end(self, args, state, control, model=None, **others):
        if state.global_step in self.steps:
            folder = self.out / f"step-{state.global_step}"
            model.save_pretrained(folder)
            for name in TOKENIZER_FILES:
                if (self.tokenizer / name).exists():
                    shutil.copyfile(self.tokenizer / name, folder / name)


def main():
    asked = options()
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    trainer_of, config_of = TRAINERS[asked.trainer]
    settings = config_of(
        output_dir=str(asked.out / "trainer"),
        max_steps=max(asked.keep),
        per_device_train_batch_size=asked.prompts_per_step * asked.samples_per_prompt,
        num_generations=asked.samples_per_prompt,
        max_completion_length=asked.max_tokens,
        temperature=asked.temperature,
        top_p=1.0,
        learning_rate=asked.learning_rate,
        lr_scheduler_type="constant",
        seed=asked.seed,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        save_strategy="no",
        logging_steps=1,
        report_to=[],
        disable_tqdm=True,
        **asked.options,
    )
    with trialbox.Client(asked.daemon) as client:
        trainer = trainer_of(
            model=AutoModelForCausalLM.from_pretrained(asked.model, dtype=torch.float32),
            reward_funcs=[Logged(client, asked.out / "rollouts.jsonl")],
            args=settings,
            train_dataset=read_problems(asked.problems, asked.first),
            processing_class=AutoTokenizer.from_pretrained(asked.model),
            callbacks=[Keep(asked.keep, asked.model, asked.out)],
        )
        trainer.train()
    log = trainer.state.log_history
    (asked.out / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in log))


if __name__ == "__main__":
    main()
