"""Which tokens may be drawn, and how likely each is: temperature, then top-k, then top-p.
Not here: drawing (the chi-square is the test's).
In: vectors of logits, by a formula. Out: `nucleus.json`.

A vector is made of splitmix64, in float64 in this order, so that any language has the same bits:

    next():     state += 0x9E3779B97F4A7C15;  z = state
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;  z = z ^ (z >> 31)
    uniform():  (next() >> 11) * 2**-53
    logit:      t = uniform() + uniform() + uniform() + uniform() - 2;  (float32)(slope * t + cube * (t * t * t))

with `state` = seed before the first, arithmetic modulo 2**64, the four draws added from left to right.
"""

import json

import numpy
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from models import HERE

VECTORS = {
    "small": dict(vocabulary=1000, seed=1, slope=2.0, cube=1.0),
    "flat": dict(vocabulary=1000, seed=2, slope=0.5, cube=0.0),
    "peaked": dict(vocabulary=1000, seed=3, slope=4.0, cube=4.0),
    "large": dict(vocabulary=151_936, seed=4, slope=3.0, cube=1.5),
}
SETTINGS = [
    dict(temperature=1.0, top_p=0.9, top_k=None),
    dict(temperature=0.6, top_p=0.95, top_k=None),
    dict(temperature=0.7, top_p=0.8, top_k=20),
    dict(temperature=1.5, top_p=1.0, top_k=50),
    dict(temperature=0.8, top_p=0.05, top_k=None),
]
# Kept only so many of a nucleus, the likeliest; its size and mass are of the whole.
KEPT = 1000
MASK = (1 << 64) - 1


def logits(vocabulary: int, seed: int, slope: float, cube: float) -> numpy.ndarray:
    # All states at once: the k-th is seed + k * increment.
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + numpy.uint64(0x9E3779B97F4A7C15) * numpy.arange(1, 4 * vocabulary + 1, dtype=numpy.uint64)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    uniform = ((z >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53).reshape(-1, 4)
    t = uniform[:, 0] + uniform[:, 1] + uniform[:, 2] + uniform[:, 3] - 2
    return (slope * t + cube * (t * t * t)).astype(numpy.float32)


def warped(vector: numpy.ndarray, temperature: float, top_p: float, top_k: int | None) -> torch.Tensor:
    """As transformers does it, but in float64."""
    scores = torch.tensor(vector, dtype=torch.float64)[None]
    scores = TemperatureLogitsWarper(temperature)(None, scores)
    if top_k:
        scores = TopKLogitsWarper(top_k)(None, scores)
    if top_p < 1:
        scores = TopPLogitsWarper(top_p)(None, scores)
    return scores.softmax(-1)[0]


def by_the_rule(vector: numpy.ndarray, temperature: float, top_p: float, top_k: int | None) -> tuple[numpy.ndarray, float | None]:
    """Keep a token while the mass before it is < p; and how far the decision was from falling otherwise."""
    order = numpy.argsort(-vector, kind="stable")[:top_k]
    scaled = vector[order].astype(numpy.float64) / temperature
    shares = numpy.exp(scaled - scaled[0])
    shares /= shares.sum()
    before = numpy.cumsum(shares) - shares
    if top_p == 1:
        return order, None
    return order[before < top_p], float(numpy.abs(before - top_p).min())


def entry(name: str, setting: dict) -> dict:
    vector = logits(**VECTORS[name])
    shares = warped(vector, **setting)
    tokens, margin = by_the_rule(vector, **setting)
    assert set(shares.nonzero()[:, 0].tolist()) == set(tokens.tolist()), "transformers keeps others"
    assert len(set(vector[tokens].tolist())) == len(tokens) or len(tokens) > KEPT, "equal logits"
    return {
        "vector": name,
        **setting,
        "size": len(tokens),
        "margin": margin,
        "tokens": tokens[:KEPT].tolist(),
        "probabilities": shares[tokens[:KEPT].tolist()].tolist(),
    }


def store_all() -> None:
    out = {
        "vectors": {name: made | {"first": logits(**made)[:4].tolist(), "sum": float(logits(**made).astype(numpy.float64).sum())}
                    for name, made in VECTORS.items()},
        "cases": [entry(name, setting) for name in VECTORS for setting in SETTINGS],
    }
    (HERE / "nucleus.json").write_text(json.dumps(out, indent=None).replace('{"vector"', '\n{"vector"') + "\n")
    for case in out["cases"]:
        print(f"{case['vector']:7} T {case['temperature']} p {case['top_p']} k {case['top_k']}: {case['size']} tokens,"
              f" best {case['probabilities'][0]:.4f}, margin {case['margin'] or 1:.1e}")
