"""Three steps of TRL's GRPOTrainer on the CPU, with a tiny Qwen2 that was taught two answers, one of them right.

In: $TRIALBOX_URL. Out: the completions with their rewards, and whether the model has moved.
"""

import json
import sys
import tempfile

import torch
from datasets import Dataset
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer

import trialbox.trl

RIGHT = "```python\nfrom fractions import Fraction\nn = int(input())\nprint(sum(Fraction(input()) for _ in range(n)))\n```"
WRONG = "```python\nprint(0)\n```"
PROMPT = "Add up the ledger.\n"
END = "<end>"


def tokenizer():
    symbols = sorted(set(RIGHT + WRONG + PROMPT))
    vocabulary = {symbol: place for place, symbol in enumerate(["<pad>", END, "<unknown>", *symbols])}
    bare = Tokenizer(models.WordLevel(vocabulary, unk_token="<unknown>"))
    bare.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    bare.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=bare, pad_token="<pad>", eos_token=END, unk_token="<unknown>")


def taught(words):
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=len(words),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        pad_token_id=words.pad_token_id,
        eos_token_id=words.eos_token_id,
        bos_token_id=None,
        tie_word_embeddings=True,
    )
    model = Qwen2ForCausalLM(config)
    batch = words([PROMPT + RIGHT + END, PROMPT + WRONG + END], return_tensors="pt", padding=True, padding_side="right")
    labels = batch.input_ids.masked_fill(batch.attention_mask == 0, -100)
    labels[:, : len(PROMPT)] = -100
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(400):
        loss = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def main():
    words = tokenizer()
    model = taught(words)
    before = torch.cat([parameter.detach().flatten().clone() for parameter in model.parameters()])
    client = trialbox.Client()
    judge = trialbox.trl.reward_func(client)
    seen = []

    def reward(prompts, completions, **columns):
        rewards = judge(prompts=prompts, completions=completions, **columns)
        # The first sample of a batch is masked, as one is where the host failed.
        rewards[0] = None
        seen.extend({"completion": text, "reward": value} for text, value in zip(completions, rewards))
        return rewards

    row = {"prompt": PROMPT, "dataset": "quickstart", "task_id": "quickstart/fraction_ledger"}
    with tempfile.TemporaryDirectory() as folder:
        settings = GRPOConfig(
            output_dir=folder,
            max_steps=3,
            per_device_train_batch_size=8,
            num_generations=8,
            max_completion_length=140,
            learning_rate=1e-3,
            report_to=[],
            use_cpu=True,
            logging_steps=1,
            save_strategy="no",
            seed=11,
            disable_tqdm=True,
        )
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=[reward],
            args=settings,
            train_dataset=Dataset.from_list([row] * 8),
            processing_class=words,
        )
        trainer.train()
    after = torch.cat([parameter.detach().flatten() for parameter in trainer.model.parameters()])
    moved = float((after.cpu() - before).abs().max())
    print(json.dumps({"steps": trainer.state.global_step, "seen": seen, "moved": moved}))


if __name__ == "__main__":
    sys.exit(main())
