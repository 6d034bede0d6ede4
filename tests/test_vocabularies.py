"""Token counters from SentencePiece models and GGUF files: small ones made here, and real ones with published ids."""

import io

import pytest

from docreview.errors import ConfigError
from docreview.tokens import MINILM, Vocabulary, load_counter

gguf = pytest.importorskip("gguf", reason="the overhead extra is absent")
sentencepiece = pytest.importorskip("sentencepiece", reason="the overhead extra is absent")
TEXT = "The tenant shall pay the rent on the first day of each month. "
LINES = [TEXT, "Thirty (30) days' notice\n\n is needed.", "naïve café 合意", "a  b\t<|im_end|>", "X" * 40]


@pytest.fixture(scope="module")
def pieces():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([TEXT] * 40 + ["It shall, however, be null and void."] * 10),
        model_writer=model, vocab_size=320, model_type="bpe", byte_fallback=True, minloglevel=2,
        normalization_rule_name="identity", remove_extra_whitespaces=False, hard_vocab_limit=False,
    )  # fmt: skip
    return model.getvalue()


def write_gguf(path, kind, tokens, kinds, **more):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(kind)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    for name, value in more.items():
        getattr(writer, f"add_{name}")(value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_sentencepiece_model_counts_as_its_own_library_does(pieces, tmp_path):
    (tmp_path / "tokenizer.model").write_bytes(pieces)
    counter = load_counter(tmp_path)
    assert isinstance(counter, Vocabulary)
    own = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    assert counter.count(LINES) == [len(own.encode(line)) for line in LINES]
    assert counter.size == own.get_piece_size()
    assert counter.unknown(LINES) == 0, "bytes stand in for what it does not know"


def test_the_same_pieces_in_a_gguf_file(pieces, tmp_path):
    own = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    numbers = range(own.get_piece_size())
    kinds = [2 if own.is_unknown(i) else 3 if own.is_control(i) else 6 if own.is_byte(i) else 1 for i in numbers]
    file = write_gguf(
        tmp_path / "model.gguf", "llama", [own.id_to_piece(i) for i in numbers], kinds,
        token_scores=[own.get_score(i) for i in numbers], unk_token_id=0,
    )  # fmt: skip
    assert load_counter(file).count(LINES) == [len(own.encode(line)) for line in LINES]


@pytest.mark.parametrize("pre", ["llama-bpe", "lfm2", "qwen2", "gpt-2"])
def test_merges_in_a_gguf_file(pre, tmp_path):
    letters = sorted({c for c in "theĠnads30" if c})
    tokens = [*letters, "th", "the", "Ġthe", "<|im_end|>"]
    kinds = [1] * (len(tokens) - 1) + [3]
    file = write_gguf(
        tmp_path / f"{pre}.gguf", "gpt2", tokens, kinds, tokenizer_pre=pre, token_merges=["t h", "th e", "Ġ the"]
    )
    counter = load_counter(file)
    assert counter.count(["the the", "the<|im_end|>the", "3030"]) == [2, 3, 4]


def test_word_pieces_in_a_gguf_file(tmp_path):
    tokens = ["[PAD]", "[UNK]", "\u2581pay", "able", "\u2581rent", "[", "\u2581["]
    file = write_gguf(tmp_path / "b.gguf", "bert", tokens, [3, 3, 1, 1, 1, 1, 1], unk_token_id=1)
    counter = load_counter(file)
    assert counter.count(["Payable rent", "pay [rent", "tenant"]) == [3, 3, 1]
    assert counter.unknown(["Payable tenant", "x y"]) == 3
    assert counter.size == len(tokens)


def test_a_way_to_split_that_is_not_known_is_refused_not_guessed(tmp_path):
    file = write_gguf(tmp_path / "x.gguf", "gpt2", ["a"], [1], tokenizer_pre="from-mars", token_merges=["a a"])
    with pytest.raises(ConfigError, match="from-mars"):
        load_counter(file)


def test_a_model_kind_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="rwkv"):
        load_counter(write_gguf(tmp_path / "x.gguf", "rwkv", ["a"], [1]))


@pytest.mark.parametrize(
    "content", [b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 64, b"\x00\x01nonsense", b"aGk= 0\naGo= 1\n"]
)
def test_damaged_files_are_named(content, tmp_path):
    file = tmp_path / "odd.model"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"odd\.model"):
        load_counter(file)


def test_a_folder_without_a_tokenizer_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"\.gguf"):
        load_counter(tmp_path)


def test_a_tokenizer_json_comes_first_in_a_folder(pieces, tmp_path):
    (tmp_path / "tokenizer.model").write_bytes(pieces)
    (tmp_path / "tokenizer.json").write_bytes(MINILM.read_bytes())
    assert load_counter(tmp_path).size == 30_522


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bert-bge", "gpt-2", "llama-2-spm", "phi-3"])
def test_published_vectors_of_real_vocabularies(name, shared):
    folder = shared / "tokenizers" / name
    counter = load_counter(next(folder.glob("*.gguf")))
    texts = (folder / "test_vectors.inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
    ids = (folder / "test_vectors.out").read_text().split("\n")
    pairs = list(zip(texts, ids, strict=False))
    assert len(pairs) > 40
    assert counter.count([text for text, _ in pairs]) == [len(line.split()) for _, line in pairs]


def test_a_real_sentencepiece_model(shared):
    counter = load_counter(shared / "tokenizers" / "mistral-v3")
    assert counter.size == 32_768
    assert counter.count(["hello world", "Thirty (30) days"]) == [3, 7]
