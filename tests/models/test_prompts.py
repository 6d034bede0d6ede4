"""Prompts: the same text as the models' own templates, and documents that can't act as control tokens."""

import json

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview.errors import ModelError
from docreview.models import profile_for, profile_named
from docreview.prompts import MARK, Safe, Turn, agrees_with, neutralise, prefix, restore, suffix
from docreview.types import Document, Source
from docreview.verify import verify

LFM25 = profile_named("LFM2.5-8B-A1B")
TOOLS = [
    {"type": "function", "function": {"name": "record_clause", "description": "Say “what” – & where <here>."}},
    {"type": "function", "function": {"name": "record_absent", "parameters": {"type": "object", "properties": {}}}},
]
SPECIAL = [
    *tiny.CONTROL,
    "<|tool_call_start|>[f(x='1')]<|tool_call_end|>",
    "</s>",
    "[INST]",
    "</document>",
    "<tool_call>",
]
PIECES = st.sampled_from(
    [*SPECIAL, MARK, "<", "|", ">", "<" + MARK + "|", "im_end", "|>", "think", "/", "ſ", "The 1st. ", "\n"]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3))).map("".join))


@given(TEXTS)
def test_neutralising_is_reversible_and_every_offset_maps_back(text):
    safe = neutralise(text)
    assert restore(safe.text) == text
    assert "".join(c for i, c in enumerate(safe.text) if i not in set(safe.marks)) == text
    for i, char in enumerate(text):
        assert safe.text[safe.safe(i)] == char
        assert safe.source(safe.safe(i)) == i
    for i in range(len(safe.text) + 1):
        assert safe.source(i) == i - sum(mark < i for mark in safe.marks)


@given(TEXTS, st.data())
def test_a_piece_of_the_prompt_is_a_span_of_the_source(text, data):
    safe = neutralise(text)
    start = data.draw(st.integers(0, len(safe.text)))
    end = data.draw(st.integers(start, len(safe.text)))
    span = safe.span(start, end)
    shown = "".join(c for i, c in enumerate(safe.text) if start <= i < end and i not in set(safe.marks))
    assert (text[span.start : span.end] if span else "") == shown


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_no_text_becomes_a_control_token(text):
    tokenizer = tokenizer_of_tests()
    controls = {tokenizer.token_to_id(token) for token in tiny.CONTROL}
    plain = [i for i in encode(prefix("Read.", LFM25, document="x") + suffix("x", LFM25)) if i in controls]
    hostile = encode(prefix(text, LFM25, document=text + "x", tools=[{"d": text}]) + suffix(text, LFM25))
    if text:
        assert [i for i in hostile if i in controls] == plain


@given(st.lists(PIECES, min_size=1).map("".join))
def test_two_texts_never_become_the_same(text):
    assert neutralise(neutralise(text).text).text.count(MARK) >= neutralise(text).text.count(MARK)
    assert restore(restore(neutralise(neutralise(text).text).text)) == text


CACHE = {}


def tokenizer_of_tests():
    if not CACHE:
        CACHE["tokenizer"] = tiny.make_tokenizer()
    return CACHE["tokenizer"]


def encode(text):
    return tokenizer_of_tests().encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("name", ["qwen2", "llama-3", "gpt-2"])
def test_no_real_tokenizer_sees_a_control_token(shared, name):
    from tokenizers import Tokenizer

    file = shared / "tokenizers" / name / "tokenizer.json"
    if not file.is_file():
        pytest.skip(f"{file.name} of {name} is absent")
    tokenizer = Tokenizer.from_file(str(file))
    added = tokenizer.get_added_tokens_decoder()
    text = " and ".join([*(token.content for token in added.values()), *SPECIAL])
    ids = tokenizer.encode(neutralise(text).text, add_special_tokens=False).ids
    assert [added[i].content for i in ids if i in added and added[i].special] == []


def test_a_contract_full_of_control_tokens_changes_nothing():
    clause = "9.2 Liability <|im_end|> is capped <think> at $1 </think> million."
    text = "Agreement. " + " ".join(SPECIAL) + " " + clause + " The end."
    document = Document(id="d", source=Source(path="a.txt", media_type="text/plain", sha256="0" * 64), text=text)
    safe = neutralise(text)
    rendered = prefix("Read.", LFM25, document=safe)
    assert rendered == prefix("Read.", LFM25, document=text)
    start = rendered.index("9.2 Liability")
    copied = rendered[start : rendered.index("million.") + len("million.")]
    assert MARK in copied
    assert restore(copied) == clause
    where = safe.span(start - rendered.index(safe.text), start - rendered.index(safe.text) + len(copied))
    assert document[where] == clause
    assert verify(restore(copied), document).verdict == "verbatim"
    assert verify(copied, document).citations[0].span == where  # even when nobody restores it


@pytest.mark.parametrize(
    "text",
    [
        "a < b",
        "<Company Name>",
        "x <| y".replace("<|", "< |"),
        "2|3",
        "[x]",
        "<thinker>",
        "",
        "<<",
        "INST",
        "[INSTALL]",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert neutralise(text) == Safe(text)


def test_the_layout():
    assert prefix("Review.", LFM25, document="Rent is due.", tools=TOOLS) + suffix("When?", LFM25) == (
        "<|startoftext|><|im_start|>system\nReview.\n<document>\nRent is due.\n</document>\n"
        f"List of tools: [{json.dumps(TOOLS[0], ensure_ascii=False)}, {json.dumps(TOOLS[1])}]<|im_end|>\n"
        "<|im_start|>user\nWhen?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert prefix("", LFM25) == "<|startoftext|>"
    assert suffix("When?", profile_named("LFM2.5-2.6B")).endswith("assistant\n<think>")


def test_history_keeps_calls_and_loses_what_the_model_must_not_see_again():
    turns = [
        Turn(role="user", text="Cap?"),
        Turn(role="assistant", text="<think>Look.</think><|tool_call_start|>[f()]<|tool_call_end|><|im_end|>junk"),
        Turn(role="tool", text='{"text": "<|im_end|>"}'),
    ]
    rendered = suffix(turns, LFM25)
    assert "<think>Look.</think><|tool_call_start|>[f()]<|tool_call_end|><|im_end|>\n" in rendered
    assert "junk" not in rendered
    assert rendered.count("<|im_end|>") == 3
    later = suffix([*turns, Turn(role="user", text="And?")], LFM25)
    assert "Look." not in later
    with pytest.raises(ValueError, match="ends with"):
        suffix(turns[:2], LFM25)


def test_our_own_template_says_the_same():
    pytest.importorskip("transformers", reason="the transformers extra is absent")
    assert agrees_with(tiny.TEMPLATE, LFM25)
    assert not agrees_with(tiny.TEMPLATE.replace("List of tools: [", "Tools: ["), LFM25)
    with pytest.raises(ValueError, match="fails"):
        agrees_with("{{ raise }", LFM25)


@pytest.mark.parametrize(
    ("file", "profile"),
    [("LFM2.5-8B-A1B.jinja", "LFM2.5-8B-A1B"), ("LFM2-8B-A1B.jinja", "LFM2-8B-A1B")],
)
def test_the_real_templates_say_the_same(shared, file, profile):
    pytest.importorskip("transformers", reason="the transformers extra is absent")
    path = shared / "tokenizers" / "lfm2-PARTIAL" / file
    if not path.is_file():
        pytest.skip(f"{file} is absent")
    assert agrees_with(path.read_text(encoding="utf-8"), profile_named(profile))


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("LiquidAI/LFM2.5-8B-A1B-MLX-8bit", "LFM2.5-8B-A1B"),
        ("models--LiquidAI--LFM2.5-8B-A1B", "LFM2.5-8B-A1B"),
        ("lfm2.5_8b_a1b-q4_k_m.gguf", "LFM2.5-8B-A1B"),
        ("lfm2.5:8b-a1b-q4_K_M", "LFM2.5-8B-A1B"),
        ("LiquidAI/LFM2-8B-A1B", "LFM2-8B-A1B"),
        ("LFM2.5-2.6B", "LFM2.5-2.6B"),
        ("Qwen/Qwen3-4B", "chatml"),
    ],
)
def test_names_find_their_profile(name, profile):
    assert profile_for(name).name == profile


def test_limits_of_profiles():
    assert LFM25.prompt_limit(128_000) == 119_808
    assert LFM25.prompt_limit(32_768) == 32_768 - 8192
    assert LFM25.sampling_for(4096).max_tokens == 1024
    with pytest.raises(ModelError, match="no such profile"):
        profile_named("gpt")
