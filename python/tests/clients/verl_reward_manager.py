"""verl's NaiveRewardManager on a real DataProto, by way of /run_code and by way of our own compute_score.

In: $TRIALBOX_URL. Out: the scores.
"""

import asyncio
import json
import os
import threading

import numpy as np
import torch
from omegaconf import OmegaConf
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from verl import DataProto
from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager
from verl.utils.reward_score import default_compute_score

import trialbox.verl

TRUTH = json.dumps({"inputs": ["1 2\n", "3 4\n"], "outputs": ["3\n", "7\n"]})
ANSWERS = ["```python\nprint(sum(map(int, input().split())))\n```", "```python\nprint(3)\n```", "I do not know."]


def tokenizer():
    symbols = sorted(set("".join(ANSWERS)))
    bare = Tokenizer(models.WordLevel({word: place for place, word in enumerate(["<pad>", *symbols])}, unk_token="<pad>"))
    bare.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    bare.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=bare, pad_token="<pad>", unk_token="<pad>")


def data(words, answer, source):
    prompt, response = torch.tensor([[0, 1]]), torch.tensor([words(answer).input_ids])
    tensors = {
        "prompts": prompt,
        "responses": response,
        "input_ids": torch.cat([prompt, response], dim=1),
        "attention_mask": torch.ones(1, prompt.shape[1] + response.shape[1], dtype=torch.long),
    }
    others = {
        "data_source": np.array([source], dtype=object),
        "reward_model": np.array([{"style": "rule", "ground_truth": TRUTH}], dtype=object),
        "extra_info": np.array([{}], dtype=object),
    }
    return DataProto.from_dict(tensors=tensors, non_tensors=others)


async def scores(words, compute_score, source):
    config = OmegaConf.create({"reward_model": {}, "data": {}})
    NaiveRewardManager.init_class(config, words)
    manager = NaiveRewardManager(config, words, compute_score)
    return [(await manager.run_single(data(words, answer, source)))["reward_score"] for answer in ANSWERS]


def main():
    url = os.environ["TRIALBOX_URL"] + "/run_code"

    def by_run_code(**given):
        return default_compute_score(**given, sandbox_fusion_url=url, concurrent_semaphore=threading.Semaphore(8))

    words = tokenizer()
    found = {
        "run_code": asyncio.run(scores(words, by_run_code, "taco")),
        "compute_score": asyncio.run(scores(words, trialbox.verl.compute_score, "ours")),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
