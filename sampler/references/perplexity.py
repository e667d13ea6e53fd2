"""Log-probabilities of given responses under tiny-qwen2.
Not here: logits (`logits.py`).
In: PAIRS. Out: `perplexity.json`.

Prompt and response are tokenised apart, without special tokens, and joined: no token stands across the seam, no end of
text is added. The response's tokens alone count, its first one given the whole prompt.
"""

import json
import math

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from logits import TINY
from models import HERE

PAIRS = [
    ('"""\nWrite a function to add two numbers.\nassert add(1, 2) == 3\n"""\n', "\ndef add(a, b):\n    return a + b\n"),
    ('"""\nWrite a python function to find the maximum of two numbers.\n"""\n', "\ndef maximum(a, b):\n    return max(a, b)\n"),
    ('"""\nWrite a function to reverse a string.\n"""\n', "\ndef reverse(s):\n    return s[::-1]\n"),
    ('"""\nWrite a function to sum a list.\nassert total([1, 2]) == 3\n"""\n', "\ndef total(numbers):\n    return sum(numbers)\n"),
    ('"""\nWrite a function to check whether a number is even.\n"""\n', "\ndef is_even(n):\n    return n % 2 == 0\n"),
    ('"""\nCount the vowels.\n"""\n', "\ndef vowels(text):\n    return sum(c in 'aeiou' for c in text.lower())\n"),
    ('"""\nWrite a function to find the n-th square number.\n"""\n', "\ndef square(n):\n    return n * n\n"),
    ('"""\nRemove duplicates, keep order.\n"""\n', "\ndef unique(items):\n    return list(dict.fromkeys(items))\n"),
    ('"""\nThe larger of three.\n"""\n', "\ndef largest(a, b, c):\n    if a >= b and a >= c:\n        return a\n    return max(b, c)\n"),
    ('"""\nFactorial.\n"""\n', "\ndef factorial(n):\n    result = 1\n    for i in range(2, n + 1):\n        result *= i\n    return result\n"),
    ('"""\nWrite a function to count words.\n"""\n', "\nfrom collections import Counter\n\ndef words(text):\n    return Counter(text.split())\n"),
    ('"""\nFlatten a list of lists.\n"""\n', "\ndef flatten(rows):\n    return [x for row in rows for x in row]\n"),
    ("def f(x):\n", "    return x\n"),
    ("def greet(name):\n", '    return f"Hällo, {name}! 日本 🦀"\n'),
    ("import math\n", "\ndef area(r):\n\treturn math.pi * r ** 2\n"),
    ("# is it prime?\n", "def prime(n):\n    return n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1))\n"),
    ("x", "="),
    ("class Stack:\n", "    def __init__(self):\n        self.items = []\n\n    def push(self, item):\n        self.items.append(item)\n"),
    ("Explain.\n", "Zebras quietly juxtapose twelve foggy waxworks; by 1984 it was 3.14159e-10.\r\n"),
    ('"""\nMerge two sorted lists.\n"""\n', "\ndef merge(a, b):\n    out = []\n    while a and b:\n        out.append((a if a[0] <= b[0] else b).pop(0))\n"
     "    return out + a + b\n" + "\n# and once more, at length\n" * 12),
]


def store_all() -> None:
    tokenizer = Tokenizer.from_file(str(TINY / "tokenizer.json"))
    model = AutoModelForCausalLM.from_pretrained(TINY, dtype=torch.float32).eval()
    rows = [score(tokenizer, model, *pair) for pair in PAIRS]
    (HERE / "perplexity.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(rows)} responses of {min(row['tokens'] for row in rows)} to {max(row['tokens'] for row in rows)} tokens,"
          f" perplexity {min(row['perplexity'] for row in rows):.2f} to {max(row['perplexity'] for row in rows):.0f}")


@torch.no_grad()
def score(tokenizer: Tokenizer, model: torch.nn.Module, prompt: str, response: str) -> dict:
    given = tokenizer.encode(prompt, add_special_tokens=False).ids
    wanted = tokenizer.encode(response, add_special_tokens=False).ids
    logits = model(torch.tensor([given + wanted]), use_cache=False).logits[0]
    each = logits.double().log_softmax(-1)[len(given) - 1:-1].gather(-1, torch.tensor(wanted)[:, None])[:, 0]
    mean = float(each.mean())
    return {
        "prompt": prompt,
        "response": response,
        "prompt_tokens": len(given),
        "tokens": len(wanted),
        "mean_log_probability": mean,
        "perplexity": math.exp(-mean),
        "log_probabilities": [round(value, 9) for value in each.tolist()],
    }
