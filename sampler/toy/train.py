"""Trains the tiny model of the `toy` dataset: a base model in Qwen2's layout, from the corpus that trialbox prints.

    trialbox datasets toy --split base --size 26000 > corpus.jsonl
    python sampler/toy/train.py --corpus corpus.jsonl --out sampler/toy/model

takes six minutes on one thread of a busy CPU. It was run with Python 3.11, torch 2.15.0, transformers 5.23.0, tokenizers 0.23.3
and safetensors 0.8.0. The same corpus, seed and number of steps give the same weights on the same machine and versions.

A corpus is JSON lines with `prompt` and what follows it: `completion` where the line has one (right samples of a teacher, to
distil it), else `noisy`, which is wrong in places. `--init DIR` goes on from weights, with the tokenizer that lies there: on a
corpus with `--noise 0.2` that makes a teacher of the base.

Not here: the family and its corpus (datasets/src/toy.rs), measuring (`trialbox run toy`), reinforcement learning (TRL).
"""

import argparse
import json
import math
import pathlib
import random
import time

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

END = "<|endoftext|>"
VOCABULARY = 512
CONTEXT = 512
# Qwen2's own, which transformers puts in the place of whatever tokenizer.json says.
PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
WARM_UP_STEPS = 20
# Texts of one length are batched together; so many batches are sorted at once.
SORTED_BATCHES = 16


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=pathlib.Path, required=True, help="JSON lines")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder of the model")
    parser.add_argument("--init", type=pathlib.Path, help="the folder of a model to go on from")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and of the order of the corpus")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def read(corpus):
    with corpus.open() as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["prompt"], row["completion"] if "completion" in row else row["noisy"]) for row in rows]


def train_tokenizer(pairs):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((text for pair in pairs for text in pair), trainer)
    return tokenizer


def new_model():
    config = transformers.Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=160,
        intermediate_size=448,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        max_window_layers=4,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
        dtype="float32",
    )
    return transformers.Qwen2ForCausalLM(config)


def encode(tokenizer, pairs):
    """Token ids with the length of the prompt. Prompts are encoded alone, as they are when the model is sampled."""
    prompts = tokenizer.encode_batch([prompt for prompt, _ in pairs])
    answers = tokenizer.encode_batch([answer for _, answer in pairs])
    end = tokenizer.token_to_id(END)
    return [(prompt.ids + answer.ids + [end], len(prompt.ids)) for prompt, answer in zip(prompts, answers)]


def batches(texts, size, rng):
    """Batches without end, the corpus in another order each time it is through."""
    while True:
        order = list(range(len(texts)))
        rng.shuffle(order)
        ready = []
        for start in range(0, len(order), size * SORTED_BATCHES):
            window = sorted(order[start : start + size * SORTED_BATCHES], key=lambda index: len(texts[index][0]))
            ready += [window[at : at + size] for at in range(0, len(window), size)]
        rng.shuffle(ready)
        for batch in ready:
            yield [texts[index] for index in batch]


def tensors(batch):
    """Inputs padded on the right, where no token before them sees the padding, and labels for what follows the prompt."""
    longest = max(len(ids) for ids, _ in batch)
    inputs = torch.zeros((len(batch), longest), dtype=torch.long)
    labels = torch.full((len(batch), longest), -100)
    for row, (ids, prompt) in enumerate(batch):
        inputs[row, : len(ids)] = torch.tensor(ids)
        labels[row, prompt : len(ids)] = inputs[row, prompt : len(ids)]
    return inputs, labels


def rate(step, steps):
    """The part of the learning rate: up in a line, down to a tenth along a cosine."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    done = (step - WARM_UP_STEPS) / max(1, steps - WARM_UP_STEPS)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * done))


def train(model, texts, asked):
    optimizer = torch.optim.AdamW(model.parameters(), lr=asked.lr, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, asked.steps))
    model.train()
    begun, losses = time.monotonic(), []
    for step, batch in zip(range(1, asked.steps + 1), batches(texts, asked.batch, random.Random(asked.seed))):
        inputs, labels = tensors(batch)
        loss = model(input_ids=inputs, labels=labels, use_cache=False).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 25 == 0 or step == asked.steps:
            seconds = time.monotonic() - begun
            print(f"step {step} of {asked.steps}: loss {sum(losses[-25:]) / len(losses[-25:]):.4f}, {seconds:.0f} s", flush=True)


def save(model, tokenizer, folder):
    model.generation_config = transformers.GenerationConfig(
        eos_token_id=0, pad_token_id=0, do_sample=True, temperature=0.6, top_p=0.95
    )
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save(str(folder / "tokenizer.json"))


def main():
    asked = options()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    pairs = read(asked.corpus)
    if asked.init:
        tokenizer = Tokenizer.from_file(str(asked.init / "tokenizer.json"))
        model = transformers.Qwen2ForCausalLM.from_pretrained(asked.init, dtype=torch.float32)
    else:
        tokenizer, model = train_tokenizer(pairs), new_model()
    texts = encode(tokenizer, pairs)
    longest, tokens = max(len(ids) for ids, _ in texts), sum(len(ids) for ids, _ in texts)
    print(f"{len(texts)} texts, {tokens} tokens, the longest {longest}; {model.num_parameters()} parameters")
    if longest > CONTEXT:
        raise SystemExit(f"a text of {longest} tokens is longer than the context of {CONTEXT}")
    train(model, texts, asked)
    save(model, tokenizer, asked.out)


if __name__ == "__main__":
    main()
