"""Makes the stored references that trialbox's sampler is checked against.

    HF_HUB_OFFLINE=1 python make.py [PART...]

Run by hand; CI only reads what it wrote. Needs torch 2.15 and transformers 5.23 (with tokenizers 0.23, safetensors 0.8,
jinja2 3.1); other versions move logits by about 1e-5. Everything is written beside this file: see README.md. Without parts
it makes all but `seeds`, in about two minutes on one core. Not here: SmolLM2 (`gguf_to_hf.py`, `smollm2.py`).
"""

import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import torch
import transformers

import logits
import long
import models
import nucleus
import perplexity
import templates
import tokens

PARTS = {
    "models": models.store_all,
    "logits": logits.store_all,
    "long": long.store_all,
    "templates": templates.store_all,
    "perplexity": perplexity.store_all,
    "nucleus": nucleus.store_all,
    "tokens": tokens.store_all,
}
# Not part of making: looks for seeds, which then are written into models.py.
SEARCHES = {"seeds": logits.search_all}


def main(names: list[str]) -> None:
    # One thread: sums are made in one order.
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    for name in names or PARTS:
        (PARTS | SEARCHES)[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
