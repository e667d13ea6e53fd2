"""Makes the tiny models: folders as Hugging Face has them, random weights of fixed seeds.
Not here: what the models answer (`logits.py`).
In: nothing. Out: `models/<name>/`, and each shape's seed, found by `python make.py seeds`.
"""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

HERE = Path(__file__).parent
MODELS = HERE / "models"


@dataclass
class Shape:
    name: str
    model: type
    config: object
    seed: int
    dtype: torch.dtype = torch.float32
    shard: str = "5GB"
    # config.json as the Hub has it from transformers 4: `rope_theta`, `rope_scaling`, `torch_dtype` at the top.
    old_config: bool = False
    # How far attention looks: the standard deviation of a query's and a key's entries.
    sharpness: float = 1.6
    logit: float = 2.6
    generation: dict = field(default_factory=dict)


def rope(theta: float, **scaling: object) -> dict:
    return {"rope_type": "default", "rope_theta": theta, **scaling}


LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)
COMMON = dict(max_position_embeddings=512, bos_token_id=0, eos_token_id=1)

SHAPES = [
    Shape(
        "qwen2", Qwen2ForCausalLM, seed=3, old_config=True,
        config=Qwen2Config(vocab_size=320, hidden_size=64, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                           num_key_value_heads=2, tie_word_embeddings=True, rope_parameters=rope(10_000.0), **COMMON),
        generation=dict(do_sample=True, temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.05, eos_token_id=[1, 0]),
    ),
    Shape(
        "qwen2-untied", Qwen2ForCausalLM, seed=0, dtype=torch.bfloat16, shard="100KB",
        config=Qwen2Config(vocab_size=256, hidden_size=64, intermediate_size=56, num_hidden_layers=3, num_attention_heads=4,
                           num_key_value_heads=2, tie_word_embeddings=False, rope_parameters=rope(1_000_000.0), **COMMON),
    ),
    Shape(
        "qwen3", Qwen3ForCausalLM, seed=5,
        config=Qwen3Config(vocab_size=271, hidden_size=48, intermediate_size=88, num_hidden_layers=2, num_attention_heads=4,
                           num_key_value_heads=2, head_dim=16, tie_word_embeddings=True, rope_parameters=rope(1_000_000.0),
                           **COMMON),
    ),
    Shape(
        "llama", LlamaForCausalLM, seed=0, old_config=True,
        config=LlamaConfig(vocab_size=256, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=3,
                           num_key_value_heads=1, tie_word_embeddings=False, rms_norm_eps=1e-5,
                           rope_parameters=rope(500_000.0) | LLAMA3, **COMMON),
        generation=dict(eos_token_id=[1, 2, 3]),
    ),
    Shape(
        "llama-plain", LlamaForCausalLM, seed=4,
        config=LlamaConfig(vocab_size=256, hidden_size=64, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
                           num_key_value_heads=4, tie_word_embeddings=True, attention_bias=True, mlp_bias=True,
                           rope_parameters=rope(10_000.0), **COMMON),
    ),
    Shape(
        "qwen2-long", Qwen2ForCausalLM, seed=0, dtype=torch.bfloat16, old_config=True, sharpness=2.0,
        config=Qwen2Config(vocab_size=256, hidden_size=128, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
                           num_key_value_heads=1, tie_word_embeddings=True, rope_parameters=rope(1_000_000.0),
                           **COMMON | dict(max_position_embeddings=8192)),
    ),
]


def build(shape: Shape, seed: int) -> torch.nn.Module:
    """The model of that seed, in float32, its weights rounded to the stored dtype."""
    random = torch.Generator().manual_seed(seed)
    model = shape.model(shape.config).eval()
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            weight.copy_(draw(shape, name, weight, random).to(shape.dtype).float())
    return model


def draw(shape: Shape, name: str, weight: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Attention that is far from uniform, layers that outweigh the token they start from, no bias and no norm without effect."""
    noise = torch.randn(weight.shape, generator=random)
    tied = shape.config.tie_word_embeddings
    if name.endswith("q_norm.weight") or name.endswith("k_norm.weight"):
        return shape.sharpness * (1 + 0.3 * noise)
    if name == "model.norm.weight":
        return (1 + 0.2 * noise) * (shape.logit if not tied else 1.0)
    if name.endswith("norm.weight"):
        return 1 + 0.2 * noise
    if name.endswith(".bias"):
        return 0.3 * noise
    if "embed_tokens" in name:
        return noise * (shape.logit / weight.shape[1] ** 0.5 if tied else 1.0)
    scale = 1.0
    if "q_proj" in name or "k_proj" in name:
        scale = shape.sharpness
    elif "o_proj" in name or "down_proj" in name:
        scale = 2.0
    return noise * scale / weight.shape[1] ** 0.5


def store(shape: Shape) -> Path:
    folder = MODELS / shape.name
    # Only what this function writes: the tokenizer beside it is `tokens.py`'s.
    for old in [*folder.glob("*.safetensors*"), *folder.glob("*config.json")]:
        if old.name != "tokenizer_config.json":
            old.unlink()
    model = build(shape, shape.seed).to(shape.dtype)
    for key, value in shape.generation.items():
        setattr(model.generation_config, key, value)
    model.save_pretrained(folder, max_shard_size=shape.shard)
    if shape.old_config:
        as_transformers_4(folder / "config.json")
    return folder


def as_transformers_4(path: Path) -> None:
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype")
    config.pop("layer_types", None)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def store_all() -> None:
    for shape in SHAPES:
        folder = store(shape)
        print(folder.name, sum(file.stat().st_size for file in folder.iterdir()), "bytes")
