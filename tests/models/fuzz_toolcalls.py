"""Fuzzes the parser of tool calls, guided by coverage: `python tests/models/fuzz_toolcalls.py SECONDS [FOLDER]`.

Needs atheris (`pip install atheris`). FOLDER keeps the corpus and what was found; a new temporary one by default. A
finding is a file of it: `python tests/models/fuzz_toolcalls.py replay FILE` shows it. Inputs that took longest are
timed once more without the instruments of coverage, which slow everything down several times.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zlib import crc32

SLOW = 0.5
"""Seconds of processor time that the parser may take."""
SLOW_INSTRUMENTED = 5.0
MEMORY_MIB = 64
"""What one reply may cost beyond what the process had."""
LARGEST = 150_000  # characters of an input
KEPT = 8  # slowest inputs
START, END = "<|tool_call_start|>", "<|tool_call_end|>"
SYNTAX = r"""
    ' " \' \" ''' ', a=' ", "b": " ') ), , ( ) [ ] { } }, : = ** * \ \n \u00e9 \ud83d 0x1f 1e999 1_0 -1 .5 07
    True null None f' r' b' f( f(a=' a.b( __x__( {"name":"f","arguments":{ "parameters": x y's the Parties' and or
    lambda if # § 本 […] [] <think> </think> <|im_end|> <|im_start|>assistant <|startoftext|> <|pad|> <|tool_call_
"""
PIECES = [*SYNTAX.split(), " ", START, END, END + START, "\n", "\t", "\x00", "\u200b", "\ud800", "\u2028", '"""']
PIECES += [f"{START}[f(a='", f"')]{END}"]


def text_of(data: bytes) -> tuple[str, bool]:
    """A reply from bytes, and whether it begins inside reasoning: pieces of the grammar, plain text, or repetitions."""
    if len(data) < 3:
        return data.decode("utf-8", "replace"), False
    mode, rest = data[0], data[1:]
    if mode & 3 == 0:
        text = rest.decode("utf-8", "surrogateescape" if mode & 4 else "replace")
    else:
        text = "".join(PIECES[byte] if byte < len(PIECES) else chr(byte) for byte in rest)
    if mode & 7 == 7:
        third = len(text) // 3
        times = min(4 ** (1 + mode // 4 % 8), LARGEST // max(1, third))
        text = text[:third] + text[third : 2 * third] * times + text[2 * third :]
    text = text[:LARGEST]
    return (text if mode & 64 else f"{START}[f(a='{text}')]{END}"), bool(mode & 128)


def check(text: str, *, thinking_open: bool) -> float:
    """Parse a reply whole and in random pieces, check what must hold; the seconds that the whole took."""
    from docreview.models.toolcalls import MAX_CALLS, ParsedReply, ReplyStream, parse_reply

    began = time.process_time()
    reply = parse_reply(text, thinking_open=thinking_open)
    seconds = time.process_time() - began
    assert isinstance(reply, ParsedReply)
    assert len(reply.calls) <= MAX_CALLS
    assert all(call.name and call.raw in text for call in reply.calls)
    assert all(error.message for error in reply.errors)
    assert all(
        error.raw in text for error in reply.errors if error.code not in ("too_many", "orphan")
    )  # those are joined
    assert len({call.id for call in reply.calls}) == len(reply.calls)
    assert reply.content is None or reply.content == reply.content.strip() != ""
    assert reply.reasoning is None or reply.reasoning == reply.reasoning.strip() != ""
    arguments = json.dumps([dict(call.arguments) for call in reply.calls], allow_nan=False)
    assert "\\ud800" not in arguments or "\ud800" in text
    turn, stream, at = (
        random.Random(crc32(text.encode("utf-8", "surrogatepass"))),
        ReplyStream(thinking_open=thinking_open),
        0,
    )
    while at < len(text):
        size = turn.choice((1, 2, 3, 7, 50, 5_000, 50_000))
        stream.feed(text[at : at + size])
        at += size
    assert stream.close() == reply
    return seconds


def fuzz(folder: Path, seconds: int) -> None:
    """Run until the time is over or something is found; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["docreview.models.toolcalls"]):
        import docreview.models.toolcalls  # noqa: F401
    slowest: list[tuple[float, bytes]] = []

    def one(data: bytes) -> None:
        text, thinking_open = text_of(data)
        took = check(text, thinking_open=thinking_open)
        assert took < SLOW_INSTRUMENTED, f"{took:.2f} s"
        if len(slowest) < KEPT or took > slowest[-1][0]:
            slowest.append((took, data))
            slowest.sort(reverse=True)
            del slowest[KEPT:]
            for number, (_, each) in enumerate(slowest):
                (folder / f"slow-{number}").write_bytes(each)

    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        "-max_len=6000",
        "-rss_limit_mb=600",
        "-timeout=60",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/found-", str(corpus)], one)
    atheris.Fuzz()


def replay(path: Path) -> float:
    """Check one input in this process, its time and memory too; the seconds that it took."""
    text, thinking_open = text_of(path.read_bytes())
    check("", thinking_open=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = min(check(text, thinking_open=thinking_open) for _ in range(3))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{path.name}: {len(text):,} characters, {took:.3f} s of processor time, {grown:.0f} MiB more at its peak")
    assert took < SLOW
    assert grown < MEMORY_MIB
    return took


def main(arguments: list[str]) -> int:
    if arguments[0] == "replay":
        replay(Path(arguments[1]))
        return 0
    folder = Path(arguments[1] if len(arguments) > 1 else tempfile.mkdtemp(prefix="fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    if arguments[-1] == "child":
        fuzz(folder, int(arguments[0]))
    done = subprocess.run([sys.executable, __file__, arguments[0], str(folder), "child"], check=False)
    print(f"the fuzzer ended with {done.returncode}; corpus and findings are in {folder}")
    replayed = [
        subprocess.run([sys.executable, __file__, "replay", str(each)], check=False).returncode
        for each in sorted([*folder.glob("slow-*"), *folder.glob("found-*")])
    ]
    return int(done.returncode != 0 or any(replayed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
