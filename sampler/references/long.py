"""8,192 positions in bf16: what float32 answers, what transformers' bf16 answers, what a known fault answers.
Not here: short prompts (`logits.py`).
In: `models/qwen2-long`. Out: `qwen2-long.safetensors`.
"""

import numpy
import torch
from safetensors.numpy import save_file
from transformers import AutoModelForCausalLM

from models import HERE, MODELS

LENGTH = 8192
POSITIONS = (0, 1, 31, 127, 255, 256, 511, 1023, 2047, 3071, 4095, 5119, 6143, 7167, 8190, 8191)


@torch.no_grad()
def answers(ids: torch.Tensor, dtype: torch.dtype, fault: bool = False) -> torch.Tensor:
    model = AutoModelForCausalLM.from_pretrained(MODELS / "qwen2-long", dtype=dtype).eval()
    if fault:
        model.model.rotary_emb.forward = rope_in_bf16(model.model.rotary_emb.inv_freq)
    hidden = model.model(ids[None]).last_hidden_state[0, list(POSITIONS)]
    return model.lm_head(hidden).float()


def rope_in_bf16(inverse: torch.Tensor):
    """As candle's qwen2.rs has it: positions, frequencies and their products are all rounded to bf16."""
    def forward(x, position_ids):
        angles = position_ids[0, :, None].to(torch.bfloat16) * inverse.to(torch.bfloat16)
        both = torch.cat([angles, angles], dim=-1)[None]
        return both.cos().to(x.dtype), both.sin().to(x.dtype)
    return forward


def store_all() -> None:
    ids = torch.randint(0, 256, (LENGTH,), generator=torch.Generator().manual_seed(8192))
    exact = answers(ids, torch.float32)
    half = answers(ids, torch.bfloat16)
    fault = answers(ids, torch.bfloat16, fault=True)
    save_file({
        "prompt": ids.numpy().astype(numpy.uint32),
        "rows": numpy.array(POSITIONS, numpy.uint32),
        "logits": exact.numpy(),
        "logits_bf16": half.numpy(),
        "logits_fault": fault.numpy(),
    }, HERE / "qwen2-long.safetensors", metadata={"made_by": f"torch {torch.__version__}"})
    print("position  |logit|max  bf16: mean, max |error|, same best token   rope in bf16: mean, max, same")
    for row, position in enumerate(POSITIONS):
        print(f"{position:8} {exact[row].abs().max():8.2f} ", *(
            f"  {(other[row] - exact[row]).abs().mean():7.3f} {(other[row] - exact[row]).abs().max():7.3f}"
            f" {bool(other[row].argmax() == exact[row].argmax())!s:5}" for other in (half, fault)))
