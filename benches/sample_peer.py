"""How fast transformers' generate samples: the peer of `trialbox sample`.

    python benches/sample_peer.py MODEL --batch 8 --prompt-tokens 64 --new-tokens 64 --threads 2 --temperature 0.6 --top-p 0.95

Needs torch and transformers; MODEL is a Hugging Face folder. Prompts are random ids, all of one length; end of text is
ignored, so that every sequence has all its new tokens. A run before the measured ones warms up. Prints one JSON line:
`decode` counts the tokens after the first and the time after it, `whole` all of them and the prompts' time too; medians of
`--rounds`. Not here: the sampler itself, and what its tokens are worth.
"""

import argparse
import json
import os
import resource
import statistics
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers


class Clock(transformers.StoppingCriteria):
    """Is asked after every token, stops nothing; notes when the first one was there."""

    def __init__(self):
        self.first = None

    def __call__(self, ids, scores, **_):
        if self.first is None:
            self.first = now()
        return torch.zeros(ids.shape[0], dtype=torch.bool, device=ids.device)


def now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--prompt-tokens", type=int, default=64)
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--temperature", type=float, default=0.6, help="0 is greedy")
    parser.add_argument("--top-p", type=float, default=0.95)
    parser.add_argument("--top-k", type=int, default=0, help="0 is all")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16", "float16"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def settings(options: argparse.Namespace) -> transformers.GenerationConfig:
    """Nothing of the folder's own generation_config.json holds."""
    chance = dict(do_sample=False)
    if options.temperature > 0:
        chance = dict(do_sample=True, temperature=options.temperature, top_p=options.top_p, top_k=options.top_k)
    return transformers.GenerationConfig(max_new_tokens=options.new_tokens, eos_token_id=None, pad_token_id=0, **chance)


def measure(model: torch.nn.Module, prompts: torch.Tensor, config: transformers.GenerationConfig) -> tuple[float, float]:
    """How long until the first tokens, and how long in all."""
    clock, start = Clock(), now()
    out = model.generate(prompts, attention_mask=torch.ones_like(prompts), generation_config=config, stopping_criteria=[clock])
    end = now()
    assert out.shape[1] == prompts.shape[1] + config.max_new_tokens, "a sequence ended early"
    return clock.first - start, end - start


def main() -> None:
    options = arguments()
    assert options.new_tokens > 1, "decoding begins at the second token"
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    dtype = getattr(torch, options.dtype)
    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype).to(options.device).eval()
    # The library merges what a config leaves open with the model's own: that one must say nothing.
    model.generation_config = transformers.GenerationConfig()
    prompts = torch.randint(0, model.config.vocab_size, (options.batch, options.prompt_tokens), device=options.device)
    config = settings(options)
    measure(model, prompts, config)
    rounds = [measure(model, prompts, config) for _ in range(options.rounds)]
    first = statistics.median(first for first, _ in rounds)
    whole = statistics.median(whole for _, whole in rounds)
    decode = statistics.median(whole - first for first, whole in rounds)
    print(json.dumps({
        "peer": f"transformers {transformers.__version__}, torch {torch.__version__}",
        **vars(options),
        "prefill_s": round(first, 4),
        "decode_s": round(decode, 4),
        "decode_tokens_per_s": round(options.batch * (options.new_tokens - 1) / decode, 2),
        "whole_tokens_per_s": round(options.batch * options.new_tokens / whole, 2),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
