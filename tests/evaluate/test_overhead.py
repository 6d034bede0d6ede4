"""Tokenization overhead: counts, ratios, Unicode form, what a document takes of a model, and LFM2 beside LFM2.5."""

import csv
import json
import unicodedata
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from docreview.cli import app
from docreview.evaluate.overhead import Text, form_of, gains, label_of, load_of, measure, parts_of, read_texts
from docreview.evaluate.overhead_report import csv_of, plot, rows_of, table_of
from docreview.models.cost import active_parameters, cache_cost, prefill_flop
from docreview.models.profiles import profile_named
from docreview.read import read
from docreview.tokens import load_counter

LFM = profile_named("LFM2.5-8B-A1B")


class Letters:
    """A `TokenCounter` of our own: every so many characters are a token."""

    def __init__(self, size):
        self.name, self.size = f"letters-{size}", size

    def count(self, texts):
        return [-(-len(text) // self.size) for text in texts]


def rows_for(*texts, counters=None, **options):
    return measure(
        [Text(name=n, language=lang, text=t) for n, lang, t in texts], counters or {"one": Letters(1)}, **options
    )


def test_the_counts_of_a_text():
    row = rows_for(("a", "en", "Pay 30 days.\n\n\u2014 Or do not.\n"))[0]
    assert (row.characters, row.bytes, row.words, row.tokens) == (24, 26, 6, 24)
    assert row.whole == 27, "a model reads the empty lines too"
    assert (row.per_character, row.per_word, row.per_byte) == (1.0, 4.0, 24 / 26)


@pytest.mark.parametrize("text", ["協定は有効である。", "สัญญานี้มีผลบังคับ", "本協議有效"])
def test_scripts_without_spaces_have_no_words(text):
    row = rows_for(("a", "xx", text))[0]
    assert row.words is None
    assert row.per_word is None


@pytest.mark.parametrize(
    ("text", "words"), [("합의서는 유효하다", 2), ("समझौता मान्य है।", 3), ("30 - days", 2), ("***", 0)]
)
def test_words_of_scripts_with_spaces(text, words):
    assert rows_for(("a", "xx", text))[0].words == words


def test_only_a_translation_has_a_ratio():
    english, german, other = "Pay.\n\nOr not.", "Zahle jetzt.\n\nOder auch nicht.", "Eins.\n\nZwei.\n\nDrei."
    rows = rows_for(("en", "en", english), ("de", "de", german), ("x", "de", other))
    assert [row.ratio for row in rows] == [1.0, 28 / 11, None]
    assert rows_for(("de", "de", german))[0].ratio is None
    base = Text(name="b", language="en", text=english)
    two = rows_for(("a", "en", english), ("b", "en", english), ("de", "de", german), english=base)
    assert two[2].ratio == 28 / 11


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("plain", "both"),
        ("r\u00e9sum\u00e9", "composed"),
        ("re\u0301sume\u0301", "decomposed"),
        ("\u00e9 e\u0301", "mixed"),
    ],
)
def test_unicode_form(text, form):
    assert form_of(text) == form
    row = rows_for(("a", "fr", text))[0]
    assert row.form == form
    assert row.composed == len(unicodedata.normalize("NFC", text))
    assert row.decomposed == len(unicodedata.normalize("NFD", text))


def test_text_that_a_vocabulary_lost_is_said_and_not_compared():
    rows = rows_for(("en", "en", "Pay the rent."), ("th", "th", "สัญญา มีผล"), counters={"minilm": load_counter()})
    assert rows[0].unknown == 0
    assert rows[1].unknown > 0
    assert rows[1].ratio is None
    assert "UNKNOWN" in table_of(rows, LFM)


def test_empty_texts_are_left_out():
    assert rows_for(("a", "und", " \n\n ")) == ()


def test_what_a_document_takes_of_a_model():
    load = load_of(LFM, 64_000)
    assert load.share == 0.5
    assert load.cache_mib == pytest.approx(750.14, abs=0.01)
    assert load.teraflop == pytest.approx(282.9, abs=0.1)
    assert load_of(profile_named("chatml"), 100).teraflop is None


def test_the_cost_of_reading_follows_the_config():
    assert active_parameters(LFM.architecture) == 1_423_421_440
    assert round(prefill_flop(LFM.architecture, 128 * 1024) / 1e12) == 795
    assert cache_cost(LFM.architecture).per_token == 12 * 1024
    plain = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 8, "intermediate_size": 16}
    assert active_parameters(plain) == 2 * (4 * 8 * 8 + 3 * 8 * 16)
    assert active_parameters({}) is None
    assert prefill_flop({}, 10) is None


def test_lfm2_beside_lfm2_5_with_the_vendors_own_figures():
    counters = {"LFM2-8B": Letters(1), "other": Letters(2), "LFM2.5-8B-A1B": Letters(4)}
    rows = rows_for(("th", "th", "x" * 40), ("en", "en", "y" * 40), counters=counters)
    found = gains(rows, LFM.published)
    assert [(g.name, g.measured, g.published) for g in found] == [("th", 300.0, 238), ("en", 300.0, None)]
    assert {g.before for g in found} == {"LFM2-8B"}
    assert gains(rows_for(("th", "th", "x"), counters={"LFM2.5": Letters(1)})) == []


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("/m/gpt-2/tokenizer.json", "gpt-2"), ("/m/qwen2", "qwen2"), ("/m/phi-3.gguf", "phi-3"), ("minilm", "minilm"),
        ("LFM2=/m/x", "LFM2"), ("server:http://127.0.0.1:8080", "server:http://127.0.0.1:8080"),
        ("/c/models--LiquidAI--LFM2.5-8B-A1B/snapshots/0a1b/tokenizer.json", "LFM2.5-8B-A1B"),
        ("/c/models--gpt2/snapshots/0a1b", "gpt2"),
        ("server:http://127.0.0.1:8080/?a=b", "server:http://127.0.0.1:8080/?a=b"),
    ],
)  # fmt: skip
def test_names_of_tokenizers(spec, name):
    assert label_of(spec)[0] == name


@pytest.mark.slow
def test_the_command_writes_table_csv_and_plot(corpora, tmp_path):
    files = [str(corpora / "multilingual" / f"{name}.txt") for name in ("en", "de", "vi")]
    out, picture = tmp_path / "o.csv", tmp_path / "o.svg"
    asked = ["overhead", *files, "--tokenizer", "minilm", "--csv", str(out), "--plot", str(picture)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "tok/char" in done.stdout
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["language"] for row in rows] == ["en", "de", "vi"]
    assert [float(row["ratio_to_english"]) > 1 for row in rows] == [False, True, True]
    assert picture.read_bytes().startswith(b"<?xml")
    as_json = json.loads(CliRunner().invoke(app, ["overhead", *files, "--json"]).stdout)
    assert [row["tokens"] for row in as_json["rows"]] == [int(row["tokens"]) for row in rows]


def test_a_plot_is_the_same_each_time(tmp_path):
    rows = rows_for(("a", "en", "Pay."), ("b", "de", "Zahle."))
    for name in ("1.svg", "2.svg"):
        plot(rows, tmp_path / name)
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_counted(corpora, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    done = CliRunner().invoke(app, ["overhead", str(tmp_path / "empty.txt"), str(corpora / "multilingual" / "en.txt")])
    assert done.exit_code == 1
    assert "en.txt" in done.stdout
    assert "empty.txt" in done.stderr
    alone = CliRunner().invoke(app, ["overhead", str(tmp_path / "empty.txt"), "--json"])
    assert alone.exit_code == 1


def test_two_tokenizers_of_one_name_are_refused(corpora):
    file = str(corpora / "multilingual" / "en.txt")
    done = CliRunner().invoke(app, ["overhead", file, "--tokenizer", "minilm", "--tokenizer", "minilm"])
    assert done.exit_code == 2
    assert "NAME=" in done.output


def test_a_wrong_english_file_is_named(corpora):
    file = str(corpora / "multilingual" / "en.txt")
    done = CliRunner().invoke(app, ["overhead", file, "--english", "other.txt"])
    assert done.exit_code == 2
    assert "other.txt" in done.output


@pytest.mark.slow
def test_the_reference_counts(shared):
    folder = shared / "multilingual"
    truth = json.loads((folder / "reference_token_counts.json").read_text(encoding="utf-8"))["languages"]
    counters = {name: load_counter(shared / "tokenizers" / name) for name in ("gpt-2", "qwen2", "llama-3")}
    files = sorted((folder / "udhr").glob("*.txt"))
    rows = measure(list(read_texts(files)), counters)
    assert len(rows) == 3 * len(truth) == 78
    for row in rows:
        said = truth[row.language]
        assert row.name == f"{row.language}.txt"
        assert (row.characters, row.bytes) == (said["chars"], said["bytes"])
        assert row.tokens == said["tokens"][row.tokenizer]
        assert row.composed == said["tokens_nfc"][row.tokenizer]
        assert row.ratio == pytest.approx(said["ratio_to_en"][row.tokenizer], abs=1e-4)
    assert {(r.tokens, r.composed) for r in rows if r.language == "vi" and r.tokenizer == "llama-3"} == {(5204, 2220)}
    assert csv_of(rows_of(rows, LFM)).count("\n") == 79


def test_the_parts_of_a_document_are_all_of_it(corpora):
    document = read(corpora / "contracts" / "msa.pdf")
    parts = parts_of(document)
    assert "".join(part.text for part in parts) == document.text
    assert len(parts) == sum(section.level == 1 for section in document.sections) + 1
    assert {part.language for part in parts} <= {"en", "und"}
    bare = replace(document, sections=())
    assert [part.name for part in parts_of(bare)][:2] == ["page 1", "page 2"]
    assert [part.name for part in parts_of(replace(bare, pages=()))] == ["the whole text"]
    assert parts_of(replace(bare, pages=(), terms=(), text=" ")) == []
