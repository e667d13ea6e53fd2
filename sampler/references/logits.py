"""What each model answers: logits of whole prompts, greedy continuations, logits along them.
Not here: 8,192 positions (`long.py`), log-probabilities of given texts (`perplexity.py`).
In: a model's folder. Out: `<name>.safetensors`.
"""

import os
from pathlib import Path

import numpy
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from models import HERE, MODELS, SHAPES, Shape, build

LENGTHS = (5, 23, 61)
NEW_TOKENS = 200
STEPS = (1, 17, 100, 199)
TINY = Path(os.environ.get("TINY_QWEN2", "/work/shared/models/tiny-qwen2"))
# Rows of the prompts that are kept of tiny-qwen2, whose vocabulary is larger: the file stays below 400 KB.
TINY_ROWS = {5: (0, 2, 4), 61: (0, 15, 16, 31, 59, 60)}
# tiny-qwen2 knows only such texts; its prompts are their first 5, 23 and 61 tokens.
TINY_TEXT = '''"""
Write a function to find the sum of the even numbers in the given list.
assert even_sum([1, 2, 3, 4]) == 6
"""

def even_sum(numbers):
    total = 0
    for number in numbers:
        if number % 2 == 0:
'''
GAP = 1.2e-3


def prompt(length: int, vocabulary: int) -> list[int]:
    """Any ids will do: they are stored."""
    if vocabulary == 1024:
        return Tokenizer.from_file(str(TINY / "tokenizer.json")).encode(TINY_TEXT).ids[:length]
    return torch.randint(3, vocabulary, (length,), generator=torch.Generator().manual_seed(length)).tolist()


@torch.no_grad()
def greedy(model: torch.nn.Module, ids: list[int]) -> tuple[list[int], torch.Tensor]:
    """The likeliest continuation, end of text ignored, with a cache; and the logits that chose each token."""
    cache, feed, chosen, rows = None, ids, [], []
    for _ in range(NEW_TOKENS):
        out = model(torch.tensor([feed]), past_key_values=cache, use_cache=True)
        cache, row = out.past_key_values, out.logits[0, -1]
        rows.append(row)
        chosen.append(int(row.argmax()))
        feed = chosen[-1:]
    return chosen, torch.stack(rows)


def gaps(rows: torch.Tensor) -> torch.Tensor:
    best = rows.topk(2, dim=-1).values
    return best[:, 0] - best[:, 1]


def reference(model: torch.nn.Module, rows_kept: dict[int, tuple]) -> dict[str, numpy.ndarray]:
    out = {"steps": numpy.array(STEPS, numpy.uint32)}
    for length in LENGTHS:
        ids = prompt(length, model.config.vocab_size)
        chosen, cached = greedy(model, ids)
        with torch.no_grad():
            whole = model(torch.tensor([ids + chosen[:-1]]), use_cache=False).logits[0]
        along = whole[length - 1:]
        assert along.argmax(-1).tolist() == chosen, "the cache changed a token"
        assert (along - cached).abs().max() < 2e-4, (along - cached).abs().max()
        kept = rows_kept.get(length, range(length))
        assert len(ids) == length
        out[f"prompt.{length}"] = numpy.array(ids, numpy.uint32)
        out[f"rows.{length}"] = numpy.array(list(kept), numpy.uint32)
        out[f"logits.{length}"] = whole[list(kept)].numpy()
        out[f"greedy.{length}"] = numpy.array(chosen, numpy.uint32)
        out[f"gaps.{length}"] = gaps(along).numpy()
        out[f"forced.{length}"] = along[list(STEPS)].numpy()
    return out


def store(name: str, folder: Path, rows_kept: dict[int, tuple]) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tensors = reference(model, rows_kept)
    save_file(tensors, HERE / f"{name}.safetensors", metadata={"made_by": f"torch {torch.__version__}"})
    for length in LENGTHS:
        text, logits = tensors[f"greedy.{length}"], tensors[f"logits.{length}"]
        print(f"{name:13} {length:3} tokens: least gap {tensors[f'gaps.{length}'].min():.4f},"
              f" {len(set(text.tolist()))} different ones in the text, logits {logits.min():.1f} to {logits.max():.1f}")


def store_all() -> None:
    for shape in SHAPES:
        if shape.name != "qwen2-long":
            store(shape.name, MODELS / shape.name, {})
    store("tiny-qwen2", TINY, TINY_ROWS)


def search(shape: Shape, seeds: range) -> tuple[int, dict] | None:
    """The first seed whose greedy texts never stand on the edge, and wander."""
    for seed in seeds:
        model = build(shape, seed)
        least, variety = 1e9, 1e9
        for length in LENGTHS:
            chosen, rows = greedy(model, prompt(length, shape.config.vocab_size))
            least, variety = min(least, float(gaps(rows).min())), min(variety, len(set(chosen)))
            if least < GAP:
                break
        print(shape.name, seed, f"gap {least:.4f}", variety, flush=True)
        if least >= GAP and variety >= 40:
            return seed
    return None


def search_all() -> None:
    for shape in SHAPES:
        if shape.name != "qwen2-long":
            print(shape.name, "->", search(shape, range(40)))
