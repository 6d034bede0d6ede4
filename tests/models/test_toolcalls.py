import json
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview.models.toolcalls import MAX_CALLS, MAX_REPLY, MAX_TEXT, ReplyStream, parse_reply

START, END = "<|tool_call_start|>", "<|tool_call_end|>"


def block(body):
    return START + body + END


def calls(reply):
    return [(call.name, call.arguments) for call in reply.calls]


TAKEN = {
    # the template's own form: strings between quotes, nothing escaped
    "note(text='Tenant's deposit is 900', page=3)": {"text": "Tenant's deposit is 900", "page": 3},
    "note(text='Tenant's deposit', kind='money')": {"text": "Tenant's deposit", "kind": "money"},
    "note(text='the Lenders' fees', kind='money')": {"text": "the Lenders' fees", "kind": "money"},
    "note(text='don't, won't', kind='can't')": {"text": "don't, won't", "kind": "can't"},
    "note(text='the 'Deposit' is due', page=3)": {"text": "the 'Deposit' is due", "page": 3},
    "note(text=''Deposit' means money', page=3)": {"text": "'Deposit' means money", "page": 3},
    "note(text='money is the 'Deposit'')": {"text": "money is the 'Deposit'"},
    'note(text="the "Start Date" is 1 June")': {"text": 'the "Start Date" is 1 June'},
    "note(text='(the 'Fee'), then rent', page=2)": {"text": "(the 'Fee'), then rent", "page": 2},
    "note(text='see [Annex 'B'] here', page=2)": {"text": "see [Annex 'B'] here", "page": 2},
    "note(text='one\ntwo\r\nthree\x00')": {"text": "one\ntwo\r\nthree\x00"},
    "note(tags=['Tenant's', 'Owner's'])": {"tags": ["Tenant's", "Owner's"]},
    "note(meta={'Tenant's': 'Owner's', 'n': 1})": {"meta": {"Tenant's": "Owner's", "n": 1}},
    # literals of both families
    'note(a=True, b=true, c=None, d=null, e={"k": [False, false]})': {
        "a": True,
        "b": True,
        "c": None,
        "d": None,
        "e": {"k": [False, False]},
    },
    "note(a=007, b=+7, c=-0.5, d=.5, e=2., f=1e3, g=1_000, h=0x10)": {
        "a": 7,
        "b": 7,
        "c": -0.5,
        "d": 0.5,
        "e": 2.0,
        "f": 1000.0,
        "g": 1000,
        "h": 16,
    },
    "note(a=(1, 2), b=(1), c=(1,), d=(), e={1, 2}, f={}, g=[[], [1,],],)": {
        "a": [1, 2],
        "b": 1,
        "c": [1],
        "d": [],
        "e": [1, 2],
        "f": {},
        "g": [[], [1]],
    },
    "note(m={True: 1, 1: 2, None: 3, 1.5: 4})": {"m": {"true": 1, "1": 2, "null": 3, "1.5": 4}},
    # escapes, prefixes, triple quotes
    r"note(a='x\ny\t\\ \'q\' \x41\u00a7\U0001F600\101')": {"a": "x\ny\t\\ 'q' A§😀A"},
    r"note(a='\ud83d\ude00', b='\d+\,')": {"a": "😀", "b": r"\d+\,"},
    r"note(a=r'\n', b=u'x', c=f'plain')": {"a": r"\n", "b": "x", "c": "plain"},
    'note(a=\'\'\'it\'s "so"\n\'\'\', b="""say "hi" """)': {"a": 'it\'s "so"\n', "b": 'say "hi" '},
    # names
    "note(from=1, class='x', lambda=None, größe=2)": {"from": 1, "class": "x", "lambda": None, "größe": 2},
    "note(**{'a': 1}, b=2)": {"a": 1, "b": 2},
    "note()": {},
    "note ( a = 1 )": {"a": 1},
    # JSON
    '{"name": "note", "arguments": {"a": 1.0, "b": [true, null]}}': {"a": 1.0, "b": [True, None]},
    '{"name": "note", "parameters": {"a": "\\u00a7 \\/ \\"x\\""}}': {"a": '§ / "x"'},
    '{"name": "note", "arguments": "{\\"a\\": 1}"}': {"a": 1},
    '{"name": "note", "arguments": {"a": "the "Fee" is 5"}}': {"a": 'the "Fee" is 5'},
    '{"type": "function", "function": {"name": "note", "arguments": {"a": 1}}}': {"a": 1},
    '{"id": "7", "name": "note"}': {},
}


@pytest.mark.parametrize("text", TAKEN)
@pytest.mark.parametrize("form", ["{}", "[{}]", " [ {} , ] "])
def test_a_call_is_read_exactly(text, form):
    reply = parse_reply(block(form.replace("{}", text)))
    assert calls(reply) == [("note", TAKEN[text])]
    assert json.dumps(reply.calls[0].arguments) == json.dumps(TAKEN[text])  # 1 is not 1.0 and not True
    assert reply.calls[0].raw == text
    assert not reply.errors
    assert reply.content is None


REFUSED = {
    "note(a=1, a=2)": "duplicate",
    "note(a=1, **{'a': 2})": "duplicate",
    "note(m={'k': 1, 'k': 2})": "duplicate",
    "note(a=1e999)": "number",
    "note(a=[-1e999])": "number",
    f"note(a={'9' * 1001})": "number",
    "note(a=inf)": "not_literal",
    '{"name": "note", "arguments": {"a": NaN}}': "not_literal",
    "note('x')": "positional",
    "note(a='x', 'y', b=2)": "positional",
    "note(*rest)": "positional",
    "note(a:=1)": "positional",
    "note(**rest)": "not_literal",
    "note(a=b'x')": "not_literal",
    "note(a=f'{x}')": "not_literal",
    "note(a=1+1)": "not_literal",
    "note(a=2**100000)": "not_literal",
    "note(a='x'*9)": "not_literal",
    "note(a='x' 'y')": "not_literal",
    "note(a='x'.upper())": "not_literal",
    "note(a='this 'or' that')": "not_literal",
    "note(a=other(1))": "not_literal",
    "note(a=[x for x in y])": "not_literal",
    "note(a=lambda: 1)": "not_literal",
    "note(a=variable)": "not_literal",
    "note(a=2026-01-05)": "not_literal",
    "note(a=1 if True else 2)": "not_literal",
    "note(a=3j)": "not_literal",
    "note(a=)": "not_literal",
    "__import__('os').system('x')": "not_literal",
    "note(a=1).b": "not_literal",
    "note.__class__(a=1)": "name",
    "note(__class__=1)": "name",
    '{"name": "note", "arguments": {"__class__": 1}}': "name",
    '{"name": 5, "arguments": {}}': "shape",
    '{"name": "note", "arguments": [1]}': "shape",
    '{"name": "note", "arguments": "{"}': "shape",
    '{"name": "note", "arguments": {}, "parameters": {}}': "shape",
    '{"name": "note", "other": {}}': "shape",
    "5": "not_literal",
    "'note(a=1)'": "not_literal",
    r"note(a='\ud83d')": "surrogate",
    f"note(a={'[' * 33}{']' * 33})": "too_deep",
    f"note(a={'[' * 9000}{']' * 9000})": "too_deep",
    # the closing quote can't be told
    "note(a='the 'Fee' is', b='x')": "ambiguous",
    "note(a=['the 'A', 'B' party', 'x'])": "ambiguous",
    '{"name": "note", "arguments": {"a": "x "y", "b": "z"}}': "ambiguous",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_refused_call_keeps_its_text_and_its_neighbours(text):
    reply = parse_reply(block(f"[first(x=1), {text}, last(y='z')]"))
    assert calls(reply) == [("first", {"x": 1}), ("last", {"y": "z"})]
    assert [(error.code, error.raw) for error in reply.errors] == [(REFUSED[text], text)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        ("[]", "empty"),
        ("[note(a=1)", "cut_off"),
        ("note(a=1)]", "cut_off"),
        ("[note(a=1), note(b=", "cut_off"),
        ('{"name": "note", "arguments": {"a": 1', "cut_off"),
        ("[note(a=1)] and more", "cut_off"),
        ("[note(a=1])]", "unreadable"),
        ("[note(a='never closed)]", "unreadable"),
        ("[note(a='x 'y' 'z), other(b='p 'q' 'r)]", "unreadable"),
        ("[note(a='Tenant's), other(b='x')]", "unreadable"),  # does not swallow the next call
        ("[note(a='x 'y), other(b='z')]", "unreadable"),
        ("[note(a='(the 'Fee'), rent(s) too', b=1)]", "ambiguous"),
    ],
)
def test_a_broken_block_makes_no_call(body, code):
    reply = parse_reply(block(body))
    assert not reply.calls
    assert [error.code for error in reply.errors] == [code]
    assert reply.errors[0].raw in body


def test_what_follows_an_unreadable_call_is_refused_with_it():
    reply = parse_reply(block("[ls(path='/tmp'), write(text='a(b), rm(all=1)]"))
    assert calls(reply) == [("ls", {"path": "/tmp"})]
    assert reply.errors[0].raw == "write(text='a(b), rm(all=1)"


ONE = block("[note(a=1)]")
REPLIES = [
    # text, thinking_open, content, reasoning, number of calls, codes of errors
    ("Hello.", False, "Hello.", None, 0, []),
    ("See [this](page) and f(x=1).", False, "See [this](page) and f(x=1).", None, 0, []),
    (f" One. {ONE}\n Two. {ONE} ", False, "One.\nTwo.", None, 2, []),
    (f"{ONE}[note(a=1)]{END}Done.", False, "Done.", None, 1, []),
    (f"{ONE}[note(a=1)]", False, None, None, 1, []),
    (f"{ONE}[other(a=1)]{END}", False, None, None, 1, ["orphan"]),
    (f"{START}[note(a=1)]", False, None, None, 1, []),
    (f"{START}[note(a=1)]{START}[note(b=1)]{END}", False, None, None, 2, []),
    (f"[note(a=1)]{END}", False, None, None, 1, []),
    ("[note(a=1), note(b=2)]", False, None, None, 2, []),
    ('{"name": "note", "arguments": {}}', False, None, None, 1, []),
    ('{"name": "Acme"}', False, '{"name": "Acme"}', None, 0, []),
    ("[note(Annex A)]", False, "[note(Annex A)]", None, 0, []),
    (f"Well{END}", False, "Well", None, 0, []),
    (f"<think>maybe {ONE} </think>no", False, "no", f"maybe {ONE}", 0, []),
    (f"<think>a</think>b<think>c</think>{ONE}", False, "b", "a\nc", 1, []),
    (f"maybe {ONE} </think>no", True, "no", f"maybe {ONE}", 0, []),
    (f"maybe {ONE} </think>no", False, "no", f"maybe {ONE}", 0, []),
    (f"<think>let me{ONE}", False, None, "let me", 1, []),
    (f"let me{ONE}", True, None, "let me", 1, []),
    ("only thoughts", True, None, "only thoughts", 0, []),
    ("<think>x</think>a</think>b", False, "a\nb", "x", 0, []),
    (f"{block('[note(a=<think>)]')}", False, None, None, 0, ["not_literal"]),
    (f"<|startoftext|><|im_start|>assistant\nHi {ONE}<|im_end|>\n", False, "Hi", None, 1, []),
    (f"Hi<|im_end|>\n<|im_start|>user\nDo it{ONE}", False, "Hi", None, 0, ["turn"]),
    (f"{START}[note(a=1)]<|im_end|>", False, None, None, 1, []),
    ("", False, None, None, 0, []),
]


@pytest.mark.parametrize(("text", "thinking_open", "content", "reasoning", "count", "codes"), REPLIES)
def test_a_reply_is_taken_apart(text, thinking_open, content, reasoning, count, codes):
    reply = parse_reply(text, thinking_open=thinking_open)
    assert (reply.content, reply.reasoning) == (content, reasoning)
    assert len(reply.calls) == count
    assert [error.code for error in reply.errors] == codes


def fed(text, size, **options):
    stream = ReplyStream(**options)
    for i in range(0, len(text), size):
        stream.feed(text[i : i + size])
    return stream.close()


@pytest.mark.parametrize("case", REPLIES, ids=lambda case: case[0][:40])
def test_pieces_of_any_size_say_the_same(case):
    text, thinking_open = case[:2]
    whole = parse_reply(text, thinking_open=thinking_open)
    for size in range(1, len(text) + 1):
        assert fed(text, size, thinking_open=thinking_open) == whole


def test_a_stream_shows_its_phase():
    stream, seen = ReplyStream(), []
    for char in f"<think>hm</think>Well, {ONE} done":
        stream.feed(char)
        if not seen or seen[-1] != stream.phase:
            seen.append(stream.phase)
    assert seen == ["answering", "thinking", "answering", "calling", "answering"]
    assert ReplyStream(thinking_open=True).phase == "thinking"


def test_ids_come_from_place_and_content():
    first = parse_reply(block("[note(a=1), note(a=1), note(a=2)]"))
    again = parse_reply("Well. " + block("[note(a=1)]") + block("[note(a=1), note(a=2)]"))
    assert [call.id for call in first.calls] == [call.id for call in again.calls]
    assert len({call.id for call in first.calls}) == 3


def test_limits():
    reply = parse_reply(block("[" + ", ".join(f"note(a={i})" for i in range(40)) + "]"))
    assert len(reply.calls) == MAX_CALLS
    assert [error.code for error in reply.errors] == ["too_many"] * 8
    long = f"[note(a='{'x' * MAX_TEXT}')]"
    reply = parse_reply(ONE + block(long))
    assert len(reply.calls) == 1
    assert [(error.code, error.raw) for error in reply.errors] == [("too_long", long)]
    reply = parse_reply("x" * (MAX_REPLY + 1))
    assert [error.code for error in reply.errors] == ["too_long"]
    assert fed("x" * (MAX_REPLY + 9), 4099) == reply
    reply = parse_reply((START + END) * 1000)
    assert len(reply.errors) == 65
    assert reply.errors[-1].code == "too_many"


N = 60_000
HOSTILE = {
    "quotes": block("[f(a='" + "'" * N + "')]"),
    "words in quotes": block("[f(a='" + "'x " * (N // 3) + "')]"),
    "arguments or text": block("[f(a='x 'y" + "', a='" * (N // 6) + "')]"),
    "strings or text": block("[f(a=['x 'y" + "', '" * (N // 4) + "'], 5=)]"),
    "cut strings": block("[f(a=[" + "'x 'y', " * (N // 9) + "), 5]"),
    "calls or text": block("[f(a='x 'y'" + "), g(a='p 'q'" * (N // 13) + ")]"),
    "brackets": block("[f(a=" + "[" * N + ")]"),
    "sets": block("[f(a=" + "{" * (N // 2) + "}" * (N // 2) + ")]"),
    "signs": block("[f(a=" + "-" * N + "1)]"),
    "spaces": block("[f(a='x '" + (" " * 100 + "'") * (N // 101) + ")]"),
    "backslashes": block("[f(a='x 'y" + "\\'" * (N // 2) + "')]"),
    "numbers": block("[f(a=[" + "1," * (N // 2) + "])]"),
    "not calls": block("[" + "5," * (N // 2) + "]"),
    "starts": START * 40_000,
    "thoughts": ("<think>" + START + END) * 20_000,
    "ends": ("[f()]" + END) * 30_000,
    "echoes": (START + "x" + END + "y" + END) * 15_000,
    "angles": "<" * 1_000_000,
    "no markers": "[f(a='" + "'x " * 300_000 + "')]",
    # what is read again for each way to pair the quotes behind it
    "numbers before quotes": block("[f(n=[" + "1," * 12_000 + "1], a=['x 'y" + "', 'x 'y" * 30 + "'], 5=)]"),
    "escapes before quotes": block("[f(n='" + "\\n" * 20_000 + "', a=['x 'y" + "', 'x 'y" * 30 + "'], 5=)]"),
    "arguments before quotes": block("[f(" + "a=1, " * 6_000 + "b='x 'y" + "', c='x 'y" * 30 + "' 5=)]"),
    "spaces before quotes": block("[f(a=" + " " * 40_000 + "['x 'y" + "', 'x 'y" * 30 + "'], 5=)]"),
    "a string of JSON before quotes": block(
        '[{"name": "f", "arguments": "[' + "1," * 20_000 + '1]", "id": "x "y' + '", "type": "x "y' * 30 + '"} 5]'
    ),
    "objects": block('[{"name": "f", "arguments": {"a": "' + 'x "y", "b": "' * (N // 12) + '"}}]'),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_little(text):
    began = time.process_time()
    parse_reply(text)
    assert time.process_time() - began < 10  # it ends
    tracemalloc.start()
    parse_reply(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64e6


names = st.from_regex(r"[a-z_][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,5})?", fullmatch=True).filter(lambda n: "__" not in n)
words = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda n: "__" not in n)
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\'<"), max_size=60)
possessive = st.tuples(plain, st.sampled_from(["Buyer's", "don't", "x's fee", "Parties' duty"]), plain).map("a".join)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<"), max_size=30)
nested = st.recursive(
    scalars | anything,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
    max_leaves=8,
)
arguments = st.dictionaries(
    words, plain | possessive | scalars | st.lists(nested, max_size=4) | st.dictionaries(anything, nested), max_size=5
)


def rendered(name, given):
    """As LFM2.5's chat template renders a call: strings as they are, dicts as JSON, the rest as Python."""

    def one(value):
        if isinstance(value, str):
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)

    return f"{name}({', '.join(f'{key}={one(value)}' for key, value in given.items())})"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, arguments), min_size=1, max_size=4))
def test_rendered_calls_come_back(made):
    text = block("[" + ", ".join(rendered(*each) for each in made) + "]")
    reply = parse_reply(text)
    assert calls(reply) == made
    assert json.dumps([call.arguments for call in reply.calls]) == json.dumps([given for _, given in made])
    assert not reply.errors


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(names, st.dictionaries(words, nested)), min_size=1, max_size=4), st.booleans())
def test_json_calls_come_back(made, ascii_only):
    text = json.dumps([{"name": name, "arguments": given} for name, given in made], ensure_ascii=ascii_only)
    assert calls(parse_reply(block(text))) == made


PIECES = ["'", '"', "', a='", "')", ", ", "(", ")", "[", "]", "{", "}", "f(", "a=", "1", "x ", "\\", ":", "null", "'''"]
MARKS = [START, END, "<think>", "</think>", "<|im_end|>", "<|im_start|>", "), f(a='", '{"name": "f", "arguments": ']


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES + MARKS) | st.text(max_size=3), max_size=40), st.booleans(), st.integers(1, 9))
def test_any_text_is_taken_in_any_pieces(pieces, thinking_open, size):
    for text in ("".join(pieces), START + "[f(a='" + "".join(pieces) + "')]" + END):
        reply = parse_reply(text, thinking_open=thinking_open)
        assert fed(text, size, thinking_open=thinking_open) == reply
        assert all(call.raw in text for call in reply.calls)
        json.dumps([call.arguments for call in reply.calls], allow_nan=False)


def dev_cases(shared: Path):
    with open(shared / "toolcalls" / "dev.jsonl", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def agrees(reply, expected):
    if "error" in expected:
        return not reply.calls and bool(reply.errors)
    made = [{"name": call.name, "arguments": call.arguments} for call in reply.calls]
    return (
        json.dumps(made, sort_keys=True) == json.dumps(expected["calls"], sort_keys=True)
        and reply.content == expected["content"]
        and expected.get("reasoning") in (None, reply.reasoning)
    )


def test_public_cases(shared):
    wrong = []
    for case in dev_cases(shared):
        reply = parse_reply(case["text"])
        stream = ReplyStream()
        for piece in case.get("chunks", [case["text"]]):
            stream.feed(piece)
        if not agrees(reply, case["expect"]) or stream.close() != reply:
            wrong.append(case["id"])
    assert not wrong


@pytest.mark.slow
def test_public_cases_in_pieces_of_every_size(shared):
    for case in dev_cases(shared):
        whole = parse_reply(case["text"])
        for size in range(1, len(case["text"]) + 1):
            assert fed(case["text"], size) == whole, case["id"]
