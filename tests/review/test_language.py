import os
from pathlib import Path

import pytest

from docreview.readers.language import detect, foreign

SHARED = Path(os.environ.get("DOCREVIEW_SHARED", Path(__file__).parents[2].parent / "shared"))
SAMPLES = {
    "en": "This Agreement shall be governed by the laws of the State of New York, and any dispute "
    "that arises out of it is to be settled by the courts of that State, to which the parties "
    "hereby submit for that purpose.",
    "de": "Dieser Vertrag unterliegt dem Recht der Bundesrepublik Deutschland, und für alle "
    "Streitigkeiten aus dem Vertrag sind die Gerichte in Berlin zuständig, soweit das Gesetz "
    "nicht etwas anderes vorsieht und die Parteien es wollen.",
    "fr": "Le présent contrat est régi par le droit français et tous les litiges qui en découlent "
    "sont de la compétence des tribunaux de Paris, sauf si les parties en conviennent autrement "
    "par un écrit signé pour les deux.",
    "es": "El presente contrato se rige por la ley de España y todas las controversias que se deriven "
    "de él son de la competencia de los tribunales de Madrid, salvo que las partes acuerden "
    "otra cosa por escrito y con su firma.",
    "ru": "Настоящий договор регулируется правом Российской Федерации, и все споры, которые из него "
    "вытекают, передаются на рассмотрение суда по месту нахождения ответчика, если стороны не "
    "договорились об ином в письменной форме.",
    "zh": "本合同适用中华人民共和国法律。因本合同引起的任何争议,双方应友好协商解决;协商不成的,提交"
    "北京仲裁委员会仲裁,仲裁裁决为终局。",
    "ja": "本契約は日本法に準拠し、これに従って解釈されるものとする。本契約に関する紛争については、東"
    "京地方裁判所を第一審の専属的合意管轄裁判所とする。",
    "th": "สัญญาฉบับนี้อยู่ภายใต้บังคับของกฎหมายไทย และข้อพิพาทใดที่เกิดขึ้นจากสัญญานี้ให้อยู่ในเขตอำนาจของศาลไทย",
    "ar": "تخضع هذه الاتفاقية لقوانين دولة الإمارات العربية المتحدة وتختص محاكم دبي بالنظر في أي نزاع ينشأ عنها",
}


@pytest.mark.parametrize(("code", "text"), SAMPLES.items(), ids=SAMPLES)
def test_languages_are_told_apart(code, text):
    assert detect(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "   ", "12.50 EUR", "Name: J. Smith", "A 1 B 2 C 3 " * 200, "v s z k a o i " * 100, "x" * 500],
    ids=["empty", "blank", "price", "name", "table", "letters", "noise"],
)
def test_too_little_to_tell_is_undetermined(text):
    assert detect(text) == "und"
    assert foreign(text, ("en",)) == []


def test_only_the_foreign_part_is_named():
    english, german = SAMPLES["en"] * 30, SAMPLES["de"] * 30
    text = f"{english}\n{german}\n{english}"
    [span] = foreign(text, ("en",))
    middle = range(len(english), len(english) + len(german))
    assert len(set(range(span.start, span.end)) & set(middle)) > 0.7 * len(german)
    assert len(span) < 1.3 * len(german)
    assert foreign(text, ("en", "de")) == []
    assert foreign(text, None) == []


def test_a_table_inside_a_foreign_document_is_foreign_too():
    text = SAMPLES["de"] * 20 + "\n" + "17 22 31 4 | 9\n" * 300 + SAMPLES["de"] * 20
    assert sum(map(len, foreign(text, ("en",)))) == len(text)


def test_the_declaration_in_26_languages():
    folder = SHARED / "data" / "multilingual" / "udhr"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent")
    found = {file.stem: detect(file.read_text(encoding="utf-8")) for file in folder.glob("*.txt")}
    assert found == {code: code for code in found}


def test_english_contracts_have_no_foreign_parts():
    folder = SHARED / "data" / "cuad" / "dev" / "contracts"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent")
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))[:60]]
    assert sum(bool(foreign(text, ("en",))) for text in texts) == 0
