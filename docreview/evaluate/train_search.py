"""Training what search ships: the static table, the tuned embedder and the weights of the ranker.

Everything is judged on documents that the judged part never saw: the towers give scores for documents of the fold that
was left out, once with all kinds of questions and once with a part of the kinds left out too, so that the ranker learns
how far to trust them for questions of a new kind.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview.evaluate import train_towers as towers
from docreview.evaluate.search_data import Asked, Question
from docreview.evaluate.search_data import load as load_data
from docreview.search.embedder import unit_rows
from docreview.search.rank import Weights
from docreview.search.resolve import query_terms
from docreview.search.static import Static, packed, sums
from docreview.search.tuned import Tuned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FOLDS: Final = 5
HIDDEN: Final = 24
EPOCHS: Final = 8
SAMPLE: Final = 30
SHARES: Final = (0.0, 0.1, 0.25, 0.5, 0.8, 1.2)
Say = Callable[[str], None]


@dataclass
class Case:
    """One question about one document as the ranker sees it. `seen`: questions of its kind were trained on."""

    sample: towers.Sample
    row: int
    seen: bool
    rows: Floats
    scores: Floats | None = None  # by a ranker that never saw the document

    @property
    def question(self) -> Question:
        """The question."""
        return self.sample.asked.questions[self.row]

    @property
    def target(self) -> Floats:
        """The share of each unit that answers it."""
        return self.sample.targets[self.row]


def fold_of(text: str) -> int:
    """The same fold for the same text, always."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % FOLDS


def train_search(
    data: Path,
    out: Path,
    *,
    seed: int = 0,
    without: Path | None = None,
    choose: Callable[[Sequence[Asked]], list[Asked]] | None = None,
    say: Say = print,
) -> dict[str, Any]:
    """Train on the data sets in a folder, write the search model to `out`, and return figures by source.

    The figures are of documents left out of all training that concerns them ("seen": questions of a kind that was
    trained on; "new": of a kind that was not). Takes about ten minutes on two cores. Needs the `dense` extra.

    Args:
        data: Holds `cuad/dev`, `contractnli/dev` and `qmsum/dev`.
        without: A folder of documents that are kept out, with all of their groups, to be judged on later.
        choose: Which documents, and which of their questions, to train on; all by default.
    """
    import numpy as np

    asked = load_data(data)
    if without is not None:
        names = {file.stem for file in without.iterdir()}
        groups = {one.group for one in asked if Path(one.name).stem in names}
        asked = [one for one in asked if one.group not in groups]
    asked = choose(asked) if choose else asked
    base = distilled(asked, say)
    samples = [towers.sample(one, Static(base)) for one in asked]
    cases = [case for fold in range(FOLDS) for case in _fold_cases(samples, base, fold, seed, say)]
    figures: dict[str, Any] = {}
    arrays = packed(base, "base") | _packed_towers(towers.train(_all(samples), base, seed=seed))
    for kind in ("prose", "talk"):
        mine = [case for case in cases if case.sample.entry.talk == (kind == "talk")]
        figures |= crossed(mine, seed, say)
        arrays |= {f"{kind}_{k}": v for k, v in vars(fit(mine, seed)).items()}
    np.savez_compressed(out, **arrays)
    return figures | dense_shares(cases, seed, say)


def distilled(asked: Sequence[Asked], say: Say) -> Floats:
    """A row for each piece of MiniLM's vocabulary: MiniLM's embedding of the piece alone, its 128 main directions,
    less the more often the piece occurs (`a / (a + p)`, Arora et al., ICLR 2017; Model2Vec does likewise).
    """
    import numpy as np

    from docreview.search.embed import piece_vectors
    from docreview.search.words import pieces, words

    say("embedding the vocabulary")
    vectors = piece_vectors()
    counts = np.ones(len(vectors))
    for one in asked:
        rows = [row for word in words(one.document.text) for row in pieces(word)]
        counts += np.bincount(rows, minlength=len(vectors))
    weight = 1e-3 / (1e-3 + counts / counts.sum())
    even = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(even, full_matrices=False)
    table: Floats = (even @ axes[: towers.DIM * 2].T * weight[:, None]).astype(np.float32)
    return table


def _all(samples: Sequence[towers.Sample]) -> list[towers.Pair]:
    return towers.pairs_of(samples, lambda asked, question: True)  # noqa: ARG005


def _fold_cases(samples: Sequence[towers.Sample], base: Floats, fold: int, seed: int, say: Say) -> list[Case]:
    """The questions on documents of one fold, with towers trained on the others."""
    held = [one for one in samples if fold_of(one.asked.group) == fold]
    cases = [case for seen in (True, False) for case in held_cases(samples, held, base, fold, seed=seed, seen=seen)]
    say(f"fold {fold + 1} of {FOLDS}: {len(cases)} questions")
    return cases


def held_cases(
    samples: Sequence[towers.Sample],
    held: Sequence[towers.Sample],
    base: Floats,
    fold: int,
    *,
    seed: int = 0,
    seen: bool = True,
) -> list[Case]:
    """The questions on some documents of one fold, with towers trained on the other folds.

    Args:
        held: Of this fold alone.
        seen: Whether questions of the same kind were trained on; else a fifth of the kinds is left out and asked.
    """
    rest = [one for one in samples if fold_of(one.asked.group) != fold]
    hidden = {q.topic for one in samples for q in one.asked.questions if not seen and fold_of(q.topic) == fold}
    tuned = towers.train(towers.pairs_of(rest, lambda _, q: q.topic not in hidden), base, seed=seed)
    cases = []
    for one in held:
        rows = [i for i, q in enumerate(one.asked.questions) if seen or (q.topic in hidden and not one.entry.talk)]
        cases += _cases(one, rows, tuned, seen)
    return cases


def _cases(one: towers.Sample, rows: Sequence[int], tuned: Tuned, seen: bool) -> list[Case]:
    static, out = Static(tuned.base), []
    total = sums(static.words(one.entry.vocabulary), one.entry.ids, one.entry.starts)
    plain, units = unit_rows(total), tuned.units(one.entry, total)
    for row in rows:
        text = one.asked.questions[row].text
        _, vector = tuned.query(text)
        like = float((tuned.questions @ static.embed([text])[0]).max(initial=0.0))
        signals = [one.ranker.lexical.scores(query_terms(text)), plain @ static.embed([text])[0], units @ vector]
        out.append(Case(one, row, seen, one.ranker.features(signals, text, min(max(like, 0.0), 1.0))))
    return out


def fit(cases: Sequence[Case], seed: int) -> Weights:
    """The ranker's weights: the units of a document compete for a question (softmax cross-entropy). Needs torch."""
    import numpy as np
    import torch

    torch.manual_seed(seed)
    every = np.concatenate([case.rows[:: max(1, len(case.rows) // 64)] for case in cases])
    mean, spread = every.mean(axis=0), every.std(axis=0) + 1e-3
    width = every.shape[1]
    first = torch.nn.Parameter(torch.randn(width, HIDDEN) / width**0.5)
    bias, second = torch.nn.Parameter(torch.zeros(HIDDEN)), torch.nn.Parameter(torch.randn(HIDDEN) / HIDDEN**0.5)
    optimiser = torch.optim.AdamW([first, bias, second], lr=0.01, weight_decay=0.01)
    usable = [case for case in cases if case.target.max() > 0]
    batches = EPOCHS * (len(usable) // 16 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.01, total_steps=batches + EPOCHS)
    rnd = random.Random(seed)  # noqa: S311
    for _ in range(EPOCHS):
        rnd.shuffle(usable)
        for at in range(0, len(usable), 16):
            batch = usable[at : at + 16]
            rows = torch.from_numpy(np.concatenate([(case.rows - mean) / spread for case in batch]))
            scores = torch.split(torch.tanh(rows @ first + bias) @ second, [len(case.rows) for case in batch])
            loss = torch.stack([_listwise(s, case.target) for s, case in zip(scores, batch, strict=True)]).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return Weights(mean, spread, first.detach().numpy(), bias.detach().numpy(), second.detach().numpy())


def _listwise(scores: Any, target: Floats) -> Any:
    import torch

    wanted = torch.from_numpy(target / target.sum())
    return -(wanted * torch.log_softmax(scores, dim=0)).sum()


def crossed(cases: Sequence[Case], seed: int, say: Say) -> dict[str, Any]:
    """Recall within the budget by source and kind of question, each document judged by weights that never saw it."""
    import numpy as np

    got: defaultdict[str, list[float]] = defaultdict(list)
    for fold in range(FOLDS):
        weights = fit([c for c in cases if fold_of(c.sample.asked.group) != fold], seed)
        for case in (c for c in cases if fold_of(c.sample.asked.group) == fold):
            odd = " as talk" if case.sample.entry.talk and case.sample.asked.source != "qmsum" else ""
            name = f"{case.sample.asked.source}{odd} {'seen' if case.seen else 'new'}"
            case.scores = weights(case.rows)
            got[name].append(recall(case, case.scores))
            for signal, column in zip(("bm25", "static", "tuned"), range(0, 24, 8), strict=True):
                got[f"{name} {signal}"].append(recall(case, case.rows[:, column]))
    figures = {name: round(float(np.mean(values)), 4) for name, values in sorted(got.items())}
    say("\n".join(f"{name}: {value} (n={len(got[name])})" for name, value in figures.items()))
    return figures


def recall(case: Case, scores: Floats) -> float:
    """The share of the gold characters among the first `budget` characters of the ranked units."""
    import numpy as np

    spans, left, kept = case.sample.entry.units, case.sample.asked.budget, []
    for unit in np.argsort(-scores, kind="stable").tolist():
        start, end = spans[unit].tolist()
        kept.append((start, min(end, start + left)))
        left -= end - start
        if left <= 0:
            break
    gold = case.question.gold
    found = sum(max(0, min(e, f) - max(s, g)) for s, e in kept for g, f in gold)
    return float(found / sum(end - start for start, end in gold))


def dense_shares(cases: Sequence[Case], seed: int, say: Say) -> dict[str, float]:
    """Recall with MiniLM's likeness of each unit's passage added in several shares, on `SAMPLE` documents a source.

    `docreview.search.rank.DENSE` is set by hand from these figures.
    """
    import numpy as np

    from docreview.search.embed import minilm

    by_name: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_name[f"{case.sample.asked.source}/{case.sample.asked.name}"].append(case)
    names = sorted(by_name)
    random.Random(seed).shuffle(names)  # noqa: S311
    got: defaultdict[str, list[float]] = defaultdict(list)
    for source in ("cuad", "contractnli", "qmsum"):
        for name in [n for n in names if n.startswith(f"{source}/")][:SAMPLE]:
            ranker = by_name[name][0].sample.ranker
            spans = ranker.entry.passages.tolist()
            vectors = minilm().embed([ranker.entry.text[a:b] for a, b in spans])
            for case in by_name[name]:
                assert case.scores is not None
                even = ranker.dense_signal(vectors @ minilm().embed([case.question.text])[0])
                for share in SHARES:
                    key = f"{source} {'seen' if case.seen else 'new'} dense {share}"
                    got[key].append(recall(case, case.scores + share * even))
        say(f"{source}: MiniLM measured")
    figures = {name: round(float(np.mean(values)), 4) for name, values in sorted(got.items())}
    say("\n".join(f"{name}: {value} (n={len(got[name])})" for name, value in figures.items()))
    return figures


def _packed_towers(tuned: Tuned) -> dict[str, Any]:
    import numpy as np

    arrays: dict[str, Any] = {"unit_matrix": tuned.unit_matrix, "query_matrix": tuned.query_matrix}
    for name in ("unit_rows", "pair_rows", "query_rows"):
        arrays |= packed(getattr(tuned, name), name)
    return arrays | {"questions": tuned.questions.astype(np.float16)}
