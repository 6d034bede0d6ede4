"""Which language a text is in, without network or model: by script, and by its commonest small words.

Used to keep a reader trained on one language from saying "not found" of text that it can't judge; so it rather says
"und" (undetermined) than a wrong name. Codes are ISO 639-1.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

from docreview.types import Coverage, Span

WINDOW: Final = 2_000
"""Text is judged in pieces of about this many characters."""
_SAMPLE: Final = 60_000
_MIN_WORDS, _MIN_LETTERS, _MIN_SHARE, _MARGIN, _MIN_DISTINCT = 20, 40, 0.12, 1.3, 5

# Small words that are frequent in running text of one language and, as a set, not in others.
_WORDS: Final = {
    "en": "the of and to in a is that for it as be by this with or are on shall any not at from have will which "
    "an such",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden "
    "aus er oder wird bei durch einer einem nach sind",
    "fr": "de la le et les des en un une du est que dans qui par pour au sur pas plus ne se ce avec il sont ou "
    "aux son à cette toute",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más o este esta sus toda "
    "persona tiene",
    "it": "di e il la che in a per un è del non sono una le della con da si i dei alla nel al delle ogni ad o "
    "gli ha diritto",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como ao das à ou ser tem pelo todo",
    "nl": "de en van het een in is dat op te zijn met voor niet aan er om door of bij als ook tot worden uit "
    "deze naar die",
    "sv": "och i att det som en på är av för med till den har de inte om ett eller från så skall ska vid kan sig denna",
    "da": "og i at det som en på er af for med til den har de ikke om et eller fra skal ved kan sig denne efter "
    "blev hvis",
    "nb": "og i at det som en på er av for med til den har de ikke om et eller fra skal ved kan seg denne etter "
    "ble hvis",
    "fi": "ja on ei että se joka tai sekä kun ovat hän mutta myös jos kuin oli olla sen niin mukaan tämä "
    "sopimuksen osapuoli",
    "pl": "i w z na do się nie że jest o to od za po przez dla oraz lub jego jak być ma są który każdy prawo przy",
    "cs": "a v se na je že o s z do i to k ve pro za by od po jako ale jsou nebo která který být má smlouvy podle",
    "sk": "a v sa na je že o s z do i to k vo pre za by od po ako ale sú alebo ktorá ktorý byť má zmluvy podľa",
    "ro": "de și în a la cu pe un o din care pentru nu este să sau mai prin ce se al sunt are orice fie ale dreptul",
    "hu": "a az és hogy nem is egy van meg ez csak de ha vagy szerint által minden kell amely között valamint joga",
    "tr": "ve bir bu için ile da de olan olarak daha veya gibi her kadar ya olduğu tarafından sonra herkes "
    "hakkı bütün ne",
    "id": "yang dan di dengan untuk dari dalam ini tidak itu pada adalah atau oleh akan kepada setiap orang hak "
    "sebagai tersebut",
    "vi": "và của các có được cho trong là không người với những mọi đều quyền một này theo về đến để tại hoặc "
    "như bị khi",
    "sw": "na ya wa kwa ni za katika la kila haki mtu yake au cha kuwa ana hii hiyo watu vya bila wote kama lazima",
    "ru": "и в на не с что по к из о от для при его это или как за но а имеет право каждый так быть все до",
    "uk": "і в на не з що та до у за для від при його це або як має право кожна людина бути на по всіх",
    "bg": "и на за да се в от с не по при че е са или като до има право всеки това който без",
    "sr": "и у на је да се за од са не по или као што има право свако који до без при",
}
NAMES: Final = {
    "am": "Amharic", "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "nb": "Norwegian", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""English names of what `detect` tells apart."""
_LATIN: Final = tuple(_WORDS)[:-4]
_CYRILLIC: Final = ("ru", "uk", "bg", "sr")
_SCRIPTS: Final = {
    "kana": "\u3040-\u30ff\uff66-\uff9f",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f",
    "ko": "\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f",
    "th": "\u0e01-\u0e5b",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "am": "\u1200-\u137f",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u0590-\u05ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "cyrillic": "\u0400-\u052f",
}
_ONLY_PERSIAN, _ONLY_URDU = re.compile("[پچژگ]"), re.compile("[ٹڈڑےں]")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], dict[str, re.Pattern[str]], dict[str, list[str]]]:
    languages: dict[str, list[str]] = {}
    for code, words in _WORDS.items():
        for word in set(words.split()):
            languages.setdefault(word, []).append(code)
    scripts = {name: re.compile(f"[{ranges}]+") for name, ranges in _SCRIPTS.items()}
    return re.compile(r"[^\W\d_]+"), scripts, languages


def detect(text: str) -> str:
    """The language that most of a text is in; "und" when there is too little of it or no clear winner."""
    if len(text) > _SAMPLE:
        third = _SAMPLE // 3
        middle = len(text) // 2
        text = "\n".join((text[:third], text[middle : middle + third], text[-third:]))
    text = unicodedata.normalize("NFC", text)
    words_of, scripts, _ = _patterns()
    words = words_of.findall(text.lower())
    letters = sum(map(len, words))
    if letters < _MIN_LETTERS:
        return "und"
    if text.isascii():
        return _by_words(words, _LATIN)
    counts = {name: sum(map(len, pattern.findall(text))) for name, pattern in scripts.items()}
    return _by_script(counts, letters, text) or _by_words(words, _LATIN + _CYRILLIC)


def _by_script(counts: dict[str, int], letters: int, text: str) -> str:
    counts["han"] += counts["kana"]
    name = max(counts, key=lambda key: counts[key])
    if counts[name] < letters / 2 or name == "cyrillic":
        return ""
    if name == "han":
        return "ja" if counts["kana"] > counts["han"] / 20 else "zh"
    if name == "arabic":
        persian, urdu = len(_ONLY_PERSIAN.findall(text)), len(_ONLY_URDU.findall(text))
        return "ur" if urdu > counts[name] / 50 else "fa" if persian > counts[name] / 100 else "ar"
    return name


def _by_words(words: list[str], candidates: tuple[str, ...]) -> str:
    if len(words) < _MIN_WORDS:
        return "und"
    languages = _patterns()[2]
    score: Counter[str] = Counter()
    distinct: Counter[str] = Counter()
    for word, count in Counter(words).items():
        for code in languages.get(word, ()):
            score[code] += count
            distinct[code] += len(word) > 1  # tables are full of single letters
    ranked = [(n, code) for code, n in score.most_common() if code in candidates and distinct[code] >= _MIN_DISTINCT]
    if not ranked or ranked[0][0] < _MIN_SHARE * len(words):
        return "und"
    if len(ranked) > 1 and ranked[0][0] < _MARGIN * ranked[1][0]:
        return _tie(ranked)
    return ranked[0][1]


def _tie(ranked: list[tuple[int, str]]) -> str:
    """Close relatives are told apart by the higher count; between others nothing is said."""
    pair = {ranked[0][1], ranked[1][1]}
    relatives = ({"da", "nb"}, {"cs", "sk"}, {"da", "sv"}, {"nb", "sv"}, {"es", "pt"}, {"ru", "bg"}, {"ru", "uk"})
    return ranked[0][1] if pair in relatives and ranked[0][0] > ranked[1][0] else "und"


def foreign(text: str, languages: tuple[str, ...] | None) -> list[Span]:
    """Pieces of a text in a language that is not one of `languages`, joined where they touch; none when it is None.

    A piece without a clear language (a table, a list of names) counts as the piece before it, at the start as the
    document as a whole.
    """
    if languages is None:
        return []
    current = detect(text)
    found: list[Span] = []
    for window in _windows(text):
        code = detect(text[window.start : window.end])
        current = code if code != "und" else current
        if current in (*languages, "und"):
            continue
        if found and found[-1].end == window.start:
            window = Span(found.pop().start, window.end)
        found.append(window)
    return found


def named(text: str, foreign: list[Span]) -> str:
    """The languages of foreign pieces by name, "French and German"; "another language" when none is clear."""
    codes = {detect(text[span.start : span.end]) for span in foreign}
    names = sorted(NAMES[code] for code in codes if code in NAMES and code != "en")
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "another language"


def caution(text: str, languages: tuple[str, ...] | None = ("en",)) -> str:
    """What to say of text that nothing here was made to judge; "" when there is none."""
    spans = foreign(text, languages)
    if not spans:
        return ""
    return f"{sum(map(len, spans)):,} of {len(text):,} characters are in {named(text, spans)} and were not judged"


def without(coverage: Coverage, foreign: list[Span]) -> Coverage:
    """The coverage less some spans."""
    left: list[Span] = []
    for span in coverage.spans:
        start = span.start
        for hole in foreign:
            if start < hole.start < span.end:
                left.append(Span(start, hole.start))
            if hole.overlaps(span):
                start = max(start, hole.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return Coverage.of(left, coverage.unread_pages)


def _windows(text: str) -> list[Span]:
    windows, start = [], 0
    while start < len(text):
        end = text.find("\n", start + WINDOW) + 1
        if not 0 < end < start + 2 * WINDOW:
            end = start + WINDOW
        if len(text) - end < WINDOW // 2:
            end = len(text)
        windows.append(Span(start, end))
        start = end
    return windows
