"""Tokens per second on a GPU: the shapes of Qwen2.5 0.5B, 1.5B and 7B with random weights, beside transformers.

    python sampler/cuda/table.py --throughput PROGRAM [--shapes 0.5B,1.5B,7B] [--batches 1,32,128,256]

Both draw at temperature 0.6 and top-p 0.95 in bf16, from the same folder, in the same run; end of text never comes. A prompt
of 512 tokens, then 512 of each sample by trialbox and 64 by transformers, whose time per token hardly depends on how many
there are. `roofline` is what memory at 4.3 TB/s (a copy on an H200) would allow: all weights once a step, every
sample's own keys and values, and the prompt's once (`shared`) or once a sample (`plain`). Prints Markdown.
Not here: the programs (../examples/throughput.rs, ../../benches/sample_peer.py).
"""

import argparse, json, shutil, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEER = HERE.parent.parent / "benches/sample_peer.py"
TOKENIZER = HERE.parent / "toy/model/tokenizer.json"
BYTES_PER_S = 4.3e12
PROMPT, OURS, THEIRS = 512, 512, 64
GOALS = {("7B", 256): 20_000, ("0.5B", 256): 60_000}
# hidden, between, layers, heads of queries, of keys, tied
SHAPES = {
    "0.5B": (896, 4864, 24, 14, 2, True),
    "1.5B": (1536, 8960, 28, 12, 2, True),
    "7B": (3584, 18944, 28, 28, 4, False),
}
VOCABULARY = {"0.5B": 151_936, "1.5B": 151_936, "7B": 152_064}


def write(folder, name):
    """A folder with that shape and random weights; how many bytes of them are read in a step."""
    import torch
    from safetensors.torch import save_file

    hidden, between, layers, queries, keys, tied = SHAPES[name]
    width, vocabulary = hidden // queries, VOCABULARY[name]
    folder.mkdir()
    config = {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": vocabulary, "hidden_size": hidden,
        "intermediate_size": between, "num_hidden_layers": layers, "num_attention_heads": queries,
        "num_key_value_heads": keys, "max_position_embeddings": 32_768, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
        "hidden_act": "silu", "tie_word_embeddings": tied, "eos_token_id": vocabulary - 1, "torch_dtype": "bfloat16",
    }
    (folder / "config.json").write_text(json.dumps(config))
    shutil.copy(TOKENIZER, folder)
    torch.manual_seed(0)
    random = lambda *shape: (torch.randn(*shape, dtype=torch.bfloat16, device="cuda") * 0.02).cpu()
    ones = lambda *shape: torch.ones(*shape, dtype=torch.bfloat16)
    tensors = {"model.embed_tokens.weight": random(vocabulary, hidden), "model.norm.weight": ones(hidden)}
    if not tied:
        tensors["lm_head.weight"] = random(vocabulary, hidden)
    for layer in range(layers):
        at = f"model.layers.{layer}."
        for part, rows in [("q", queries * width), ("k", keys * width), ("v", keys * width)]:
            tensors[f"{at}self_attn.{part}_proj.weight"] = random(rows, hidden)
            tensors[f"{at}self_attn.{part}_proj.bias"] = random(rows)
        tensors[f"{at}self_attn.o_proj.weight"] = random(hidden, queries * width)
        tensors[f"{at}mlp.gate_proj.weight"] = random(between, hidden)
        tensors[f"{at}mlp.up_proj.weight"] = random(between, hidden)
        tensors[f"{at}mlp.down_proj.weight"] = random(hidden, between)
        tensors[f"{at}input_layernorm.weight"] = ones(hidden)
        tensors[f"{at}post_attention_layernorm.weight"] = ones(hidden)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    read = sum(tensor.numel() for key, tensor in tensors.items() if tied or key != "model.embed_tokens.weight")
    return 2 * read


def roofline(name, weights_bytes, batch, shared):
    """Tokens per second that reading memory allows, at the middle of the completion."""
    _, _, layers, queries, keys, _ = SHAPES[name]
    width = SHAPES[name][0] // queries
    position_bytes = 2 * layers * keys * width * 2
    positions = batch * OURS / 2 + PROMPT * (1 if shared else batch)
    return batch * BYTES_PER_S / (weights_bytes + positions * position_bytes)


def told(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no word"])[-1][:200]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--throughput", required=True, type=Path)
    parser.add_argument("--shapes", default="0.5B,1.5B,7B")
    parser.add_argument("--batches", default="1,32,128,256")
    options = parser.parse_args()
    print("| shape | batch | trialbox, tok/s | of plain roofline | of shared roofline | goal | transformers, tok/s | ratio |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    failed = False
    with tempfile.TemporaryDirectory() as work:
        for name in options.shapes.split(","):
            folder, began = Path(work) / name, time.monotonic()
            weights_bytes = write(folder, name)
            print(f"{name}: written in {time.monotonic() - began:.0f} s", file=sys.stderr)
            for batch in map(int, options.batches.split(",")):
                same = [folder, "--batch", batch, "--prompt-tokens", PROMPT]
                ours = told([options.throughput, *same, "--new-tokens", OURS, "--rounds", 1, "--device", "gpu", "--dtype", "bf16"])
                peer = told([sys.executable, PEER, *same, "--new-tokens", THEIRS, "--rounds", 1, "--device", "cuda", "--dtype", "bfloat16"])
                for run in (ours, peer):
                    if "failed" in run:
                        failed = True
                        print(f"{name}, batch {batch}: {run['failed']}", file=sys.stderr)
                speed, theirs = ours.get("decode_tokens_per_s"), peer.get("decode_tokens_per_s")
                part = lambda shared: f"{speed / roofline(name, weights_bytes, batch, shared):.0%}" if speed else "-"
                goal = GOALS.get((name, batch))
                print(
                    f"| {name} | {batch} | {f'{speed:.0f}' if speed else 'failed'} | {part(False)} | {part(True)} | {goal or ''} "
                    f"| {f'{theirs:.0f}' if theirs else 'failed'} | {f'{speed / theirs:.1f}' if speed and theirs else '-'} |",
                    flush=True,
                )
            shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
