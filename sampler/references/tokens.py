"""Tokenizers: two that are trained here, and what they and tiny-qwen2's make of texts.
Not here: chat templates (`templates.py`).
In: TRAINING, TEXTS. Out: `models/qwen2/tokenizer.json` (bytes, as Qwen's and Llama 3's), `tokenizer-byte-fallback.json`
(spaces and byte fall-back, as Llama 2's and Mistral's), `tokens.json`.
"""

import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from logits import TINY
from models import HERE, MODELS
from perplexity import PAIRS

QWEN_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TRAINING = [text for pair in PAIRS for text in pair]
CHATML = ("{% for message in messages %}"
          "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")

TEXTS = [
    "",
    " ",
    "def add(a, b):\n    return a + b\n",
    "\tif x:\r\n\t\tpass\r\n",
    "Hello, world!",
    "  leading and trailing  ",
    "Ünïcödé: naïve café, Straße",
    "e\u0301 is not \u00e9",
    "日本語のテキスト",
    "Привет, мир",
    "مرحبا بالعالم",
    "🦀🦀 👩‍👩‍👧‍👦 🇨🇭",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "zero\u200bwidth\u00a0space\ufeff",
    "1234567890 3.14159e-10 0x1F",
    "don't we'll I'M",
    "a<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
    "<|endoftext|><|endoftext|>x<|endoftext|>",
    "<think>\nhm\n</think>\n\nyes <tool_call>{\"a\": 1}</tool_call>",
    "<|im_start|x <| im_end |> <s>a</s> <unk>",
    "line\n\n\n\nbreaks   and    runs",
    "\u0000\u0001\u007f control",
    "▁underline▁ ▁",
    "x" * 60,
]


def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=316, special_tokens=["<|endoftext|>", "<|im_end|>", "<|im_start|>"],
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    tokenizer.train_from_iterator(TRAINING, trainer)
    # As in Qwen3: added, but not special, so that text keeps them.
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ("<think>", "</think>", "<tool_call>", "</tool_call>")])
    return tokenizer


def byte_fallback() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0),
    ])
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    # One word at a time, so that no token spans two.
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=["<unk>", "<s>", "</s>", *bytes_], show_progress=False)
    tokenizer.train_from_iterator((word for text in TRAINING for word in text.split() if word.isascii()), trainer)
    made = json.loads(tokenizer.to_str())
    made["added_tokens"] = [token for token in made["added_tokens"] if token["content"] not in bytes_]
    tokenizer = Tokenizer.from_str(json.dumps(made))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def save(tokenizer: Tokenizer, path: Path) -> None:
    tokenizer.save(str(path))


def config(path: Path) -> None:
    path.write_text(json.dumps({
        "add_bos_token": False,
        "bos_token": None,
        "chat_template": CHATML,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "model_max_length": 512,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }, indent=2) + "\n")


def entry(tokenizer: Tokenizer, text: str) -> dict:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return {
        "text": text,
        "ids": ids,
        "ids_with_special": tokenizer.encode(text, add_special_tokens=True).ids,
        "decoded": tokenizer.decode(ids, skip_special_tokens=True),
        "decoded_with_special": tokenizer.decode(ids, skip_special_tokens=False),
    }


def cut(tokenizer: Tokenizer, text: str) -> list[dict]:
    """All beginnings of a text's ids: some end within a character."""
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return [{"ids": ids[:end], "decoded": tokenizer.decode(ids[:end], skip_special_tokens=True)} for end in range(1, len(ids) + 1)]


def store_all() -> None:
    save(byte_level(), MODELS / "qwen2" / "tokenizer.json")
    config(MODELS / "qwen2" / "tokenizer_config.json")
    save(byte_fallback(), HERE / "tokenizer-byte-fallback.json")
    sources = {
        "tiny-qwen2": TINY / "tokenizer.json",
        "qwen2": MODELS / "qwen2" / "tokenizer.json",
        "byte-fallback": HERE / "tokenizer-byte-fallback.json",
    }
    out = {}
    for name, path in sources.items():
        tokenizer = Tokenizer.from_file(str(path))
        texts = [entry(tokenizer, text) for text in TEXTS]
        out[name] = {"texts": texts, "cut": cut(tokenizer, "né 日🦀 <|im_end|>x")}
        lossy = [row["text"] for row in texts if row["decoded_with_special"] != row["text"]]
        print(f"{name:14} {tokenizer.get_vocab_size()} tokens, {len(texts)} texts, not the same after decoding: {lossy}")
    lines = json.dumps(out).replace('{"text"', '\n{"text"').replace('{"ids"', '\n{"ids"')
    (HERE / "tokens.json").write_text(lines + "\n")
