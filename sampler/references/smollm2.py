"""What SmolLM2-135M-Instruct answers to one prompt, and how likely it finds one given answer.

    python smollm2.py /tmp/smollm2/hf

Run by hand after gguf_to_hf.py; its weights are too large to keep. Needs torch 2.15 and transformers 5.23. Writes
`smollm2.json`.
"""

import json
import sys
from pathlib import Path

import torch
import transformers

from models import HERE

MESSAGES = [{"role": "user", "content": "Write a Python function that returns the n-th Fibonacci number."}]
NEW_TOKENS = 64
RESPONSE = "def fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n"


@torch.no_grad()
def main(folder: Path) -> None:
    torch.set_num_threads(1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    text = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False)
    prompt = tokenizer(text, add_special_tokens=False).input_ids
    cache, feed, chosen, rows = None, prompt, [], []
    for _ in range(NEW_TOKENS):
        out = model(torch.tensor([feed]), past_key_values=cache, use_cache=True)
        cache, row = out.past_key_values, out.logits[0, -1]
        rows.append(row)
        chosen.append(int(row.argmax()))
        feed = chosen[-1:]
    first, last = (row.topk(20) for row in (rows[0], rows[-1]))
    best = torch.stack(rows).topk(2).values
    response = tokenizer(RESPONSE, add_special_tokens=False).input_ids
    given = model(torch.tensor([prompt + response]), use_cache=False).logits[0, len(prompt) - 1:-1]
    each = given.double().log_softmax(-1).gather(-1, torch.tensor(response)[:, None])[:, 0]
    answer = {
        "messages": MESSAGES,
        "text": text,
        "prompt": prompt,
        "greedy": chosen,
        "greedy_text": tokenizer.decode(chosen),
        "least_gap": float((best[:, 0] - best[:, 1]).min()),
        "first_top": {"tokens": first.indices.tolist(), "logits": first.values.tolist()},
        "last_top": {"tokens": last.indices.tolist(), "logits": last.values.tolist()},
        "response": {
            "text": RESPONSE,
            "ids": response,
            "mean_log_probability": float(each.mean()),
            "perplexity": float((-each.mean()).exp()),
        },
    }
    (HERE / "smollm2.json").write_text(json.dumps(answer, ensure_ascii=False).replace(', "', ',\n "') + "\n")
    print(f"{len(prompt)} tokens, least gap {answer['least_gap']:.4f},"
          f" perplexity of the response {answer['response']['perplexity']:.3f}")
    print(answer["greedy_text"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
