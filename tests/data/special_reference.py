#!/usr/bin/env python3
"""Makes special.json: what transformers puts around a text, and which tokens begin and end one.

    pip install transformers      (the committed file: transformers 5.24, tokenizers 0.23.3)
    python tests/data/special_reference.py

Each case is tokenizer_base/tokenizer.json with another post_processor and other added tokens (from id 900
on), and the small files beside it as published directories have them.  For each text: what
AutoTokenizer.from_pretrained(dir)(text).input_ids is; bos, eos: its bos_token, eos_token.
"""
import json
import os
import tempfile

import transformers

HERE = os.path.dirname(os.path.abspath(__file__))
BASE = json.load(open(os.path.join(HERE, "tokenizer_base", "tokenizer.json"), encoding="utf-8"))
FIRST = len(BASE["model"]["vocab"])
A = {"Sequence": {"id": "A", "type_id": 0}}
LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
IM = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LLAMA = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"]
DEEP = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]
TEXTS = ["", "the end", " of it\n", "x <|im_start|>user\n<|eot_id|>"]


def special(name):
    return {"SpecialToken": {"id": name, "type_id": 0}}


def template(added, *single, **ids):
    """single: A or names of added tokens; ids: several for one name."""
    names = [s for s in single if isinstance(s, str)]
    return {"type": "TemplateProcessing", "single": [special(s) if isinstance(s, str) else s for s in single],
            "pair": [A, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {s: {"id": s, "ids": ids.get(s) or [FIRST + added.index(s)], "tokens": [s]} for s in names}}


def sequence(*parts):
    return {"type": "Sequence", "processors": list(parts)}


def token(text):
    return {"__type": "AddedToken", "content": text, "lstrip": False, "normalized": True, "rstrip": False,
            "single_word": False}


def case(name, added, post, config=None, special_map=None):
    return {"name": name, "added": added, "post_processor": post, "tokenizer_config.json": config,
            "special_tokens_map.json": special_map}


FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}
R1 = {"tokenizer_class": "LlamaTokenizerFast", "bos_token": token(DEEP[0]), "eos_token": token(DEEP[1])}
CASES = [
    case("Llama 3", LLAMA, sequence(LEVEL, template(LLAMA, LLAMA[0], A)), {**FAST, "bos_token": LLAMA[0], "eos_token": LLAMA[2]}),
    case("Llama 3, the template alone", LLAMA, template(LLAMA, LLAMA[0], A), {**FAST, "bos_token": LLAMA[0], "eos_token": LLAMA[2]}),
    case("Qwen2", IM, LEVEL, {"tokenizer_class": "Qwen2Tokenizer", "bos_token": None, "eos_token": IM[2], "add_bos_token": False}),
    case("SmolLM2", IM, LEVEL, {"tokenizer_class": "GPT2Tokenizer", "bos_token": IM[1], "eos_token": IM[2]}),
    case("SmolLM2 as transformers 5 saves it", IM, template(IM, A),
         {"tokenizer_class": "TokenizersBackend", "bos_token": IM[1], "eos_token": IM[2]}),
    case("DeepSeek-R1 distilled", DEEP, template(DEEP, DEEP[0], A), {**R1, "add_bos_token": True, "add_eos_token": False}),
    case("DeepSeek, add_bos_token alone", DEEP, LEVEL, {**R1, "add_bos_token": True}),
    case("DeepSeek, add_bos_token false", DEEP, template(DEEP, DEEP[0], A), {**R1, "add_bos_token": False}),
    case("no post_processor", LLAMA, None, {**FAST, "bos_token": LLAMA[0], "add_bos_token": True}),
    case("two before, one behind", LLAMA, template(LLAMA, LLAMA[0], LLAMA[2], A, LLAMA[1]), FAST),
    case("one name, two ids", LLAMA, template(LLAMA, LLAMA[0], A, **{LLAMA[0]: [FIRST, FIRST + 2]}), FAST),
    case("cls and sep", LLAMA, {"type": "RobertaProcessing", "sep": [LLAMA[1], FIRST + 1], "cls": [LLAMA[0], FIRST],
                                "trim_offsets": True, "add_prefix_space": False}, FAST),
    case("special_tokens_map.json", LLAMA, LEVEL, FAST, {"bos_token": LLAMA[0], "eos_token": token(LLAMA[2])}),
    case("special_tokens_map.json and a null", LLAMA, LEVEL, {**FAST, "bos_token": None}, {"bos_token": LLAMA[0]}),
    case("special_tokens_map.json not asked", LLAMA, LEVEL, {**FAST, "added_tokens_decoder": {}}, {"bos_token": LLAMA[0]}),
    case("both name one", LLAMA, LEVEL, {**FAST, "bos_token": LLAMA[2]}, {"bos_token": LLAMA[0]}),
]


def measure(c):
    with tempfile.TemporaryDirectory() as d:
        def put(name, what):
            json.dump(what, open(os.path.join(d, name), "w", encoding="utf-8"))
        added = [dict(id=FIRST + i, content=s, single_word=False, lstrip=False, rstrip=False, normalized=False,
                      special=True) for i, s in enumerate(c["added"])]
        put("tokenizer.json", {**BASE, "added_tokens": added, "post_processor": c["post_processor"]})
        put("config.json", {"model_type": "llama", "architectures": ["LlamaForCausalLM"]})
        for name in ("tokenizer_config.json", "special_tokens_map.json"):
            if c[name]:
                put(name, c[name])
        t = transformers.AutoTokenizer.from_pretrained(d)
        texts = TEXTS + [c["added"][0] + "twice"]
        return {**c, "bos": t.bos_token, "eos": t.eos_token, "texts": texts, "ids": [t(s).input_ids for s in texts]}


with open(os.path.join(HERE, "special.json"), "w", encoding="utf-8") as f:
    rows = ",\n ".join(json.dumps(measure(c), ensure_ascii=False) for c in CASES)
    f.write('{"cases": [\n ' + rows + "\n]}\n")
