"""Trains the micro checkpoint. Run it again to go on where it stopped.

    PYTHONPATH=.:tests/models python -m micro.train FOLDER --minutes 55 --ranks 2

FOLDER gets `state.pt`, `log.jsonl` and, at each save, `checkpoint/`, ready for transformers and mlx-lm.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from tokenizers import Tokenizer
from torch.nn import functional

from micro import forward, layout, start
from micro.generate import Size

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Stage:
    """Documents of one length and difficulty; it ends when enough replies are right, or after its share of the time."""

    size: Size | None
    length: int
    rows: int
    bare: bool
    until: float
    """Share of the time after which the next one begins whatever was learnt."""
    goal: float = 0.9
    repairs: float = 0.0


STAGES = (
    Stage(None, 512, 6, bare=True, until=0.22, goal=0.9),
    Stage(Size((4, 5), (0, 0), (0, 0), babble=0.5, headed=1.0), 512, 6, bare=True, until=0.2, goal=0.6),
    Stage(Size((4, 5), (0, 2), (0, 1), babble=0.1, headed=0.8), 512, 6, bare=True, until=0.42, goal=0.75),
    Stage(Size((3, 7), (1, 3), (0, 2), babble=0.05, headed=0.5), 512, 6, bare=True, until=0.45, goal=0.9),
    Stage(Size((3, 7), (1, 4), (0, 2), headed=0.5), 512, 6, bare=True, until=0.92, goal=0.93),
    Stage(Size((3, 7), (2, 6), (0, 2), headed=0.5), 896, 4, bare=False, until=2.0, goal=2.0, repairs=0.12),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=55)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--compile", action="store_true", help="minutes of compiling first, then nearly twice as fast")
    parser.add_argument("--plain", action="store_true", help="random start")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if options.ranks > 1:
        meeting = f"file://{(options.folder / 'meeting').resolve()}"
        dist.init_process_group("gloo", init_method=meeting, rank=options.rank, world_size=options.ranks)
    Training(options).run()


class Training:
    """Model, optimisers, place in the curriculum."""

    def __init__(self, options) -> None:
        self.options, self.folder = options, options.folder
        self.tokenizer = Tokenizer.from_file(str(HERE / "checkpoint" / "tokenizer.json"))
        self.model = start.model(self.tokenizer.get_vocab_size(), plain=options.plain)
        self.step, self.stage, self.seconds = 0, 0, 0.0
        named = dict(self.model.named_parameters())
        muon = [p for n, p in named.items() if p.ndim == 2 and "embed" not in n and "gate.weight" not in n]
        rest = [p for p in named.values() if not any(p is q for q in muon)]
        self.parameters = [*muon, *rest]
        self.optimisers = [
            torch.optim.Muon(muon, lr=options.rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.hidden = torch.compile(forward.hidden, dynamic=False) if options.compile else forward.hidden
        self.recent: deque[tuple[bool, bool]] = deque(maxlen=300)
        if (self.folder / "state.pt").is_file():
            self._resume(torch.load(self.folder / "state.pt", weights_only=False))

    def run(self) -> None:
        losses: deque[float] = deque(maxlen=20)
        total, saved, begun = self.options.minutes * 60, time.monotonic(), time.monotonic() - self.seconds
        rows = self._rows()
        while self.seconds < total:
            losses.append(self._step(rows, rate=self._rate(self.seconds / total)))
            loss = sum(losses) / len(losses)
            self.seconds = self._agree(time.monotonic() - begun)
            enough = len(self.recent) >= 200 and np.mean([ok for _, ok in self.recent]) > STAGES[self.stage].goal
            done = bool(self._agree(enough))
            if done or self.seconds / total > STAGES[self.stage].until:
                self._log(loss, "stage ends")
                self.stage += 1
                self.recent.clear()
                rows = self._rows()
            if self.step % 10 == 0:
                self._log(loss)
            if time.monotonic() - saved > 60:
                saved = time.monotonic()
                self._save()
        self._log(loss, "end")
        self._save()

    def _rows(self):
        stage = STAGES[self.stage]
        seed = f"train {self.stage} {self.options.rank} {self.step}"
        if stage.size is None:
            return layout.echoes(self.tokenizer.get_vocab_size(), seed, stage.length)
        return layout.rows(
            self.tokenizer, seed, stage.size, stage.length, bare=stage.bare, language=0.05, repairs=stage.repairs
        )

    def _rate(self, done: float) -> float:
        """Warm-up, then constant, then down to a twentieth over the last third."""
        return min(1.0, (self.step + 1) / 60, max(0.05, (1 - done) * 3))

    def _step(self, rows, *, rate: float) -> float:
        batch = [next(rows) for _ in range(STAGES[self.stage].rows)]
        ids, places, block, weights = (
            torch.from_numpy(np.stack([getattr(row, key) for row in batch]))
            for key in ("ids", "places", "block", "weights")
        )
        length = ids.shape[1]
        seen = (block[:, None, :] == 0) | (block[:, None, :] == block[:, :, None])
        seen &= torch.ones(length, length, dtype=torch.bool).tril()
        bias = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, float("-inf"))[:, None]
        x, loads = self.hidden(self.model, ids, places, bias)
        row, column = torch.nonzero(weights[:, :-1], as_tuple=True)
        target, weight = ids[row, column + 1], weights[row, column]
        scores = forward.logits(self.model, x[row, column])
        each = functional.cross_entropy(scores, target, reduction="none")
        loss = (each * weight).sum() / weight.sum()
        loss.backward()
        self._update(loads, rate)
        own = weight >= 1
        self._note(batch, row[own], block[row, column][own], (scores.argmax(-1) == target)[own])
        self.step += 1
        return float(each.detach()[own].mean())

    def _update(self, loads, rate: float) -> None:
        routed = [each.feed_forward for each in self.model.model.layers if hasattr(each.feed_forward, "experts")]
        if self.options.ranks > 1:
            flat = torch.cat([p.grad.flatten() for p in self.parameters] + [loads.detach().flatten()])
            dist.all_reduce(flat)
            flat /= self.options.ranks
            at = 0
            for p in self.parameters:
                p.grad.copy_(flat[at : at + p.numel()].view_as(p))
                at += p.numel()
            loads = flat[at:].view_as(loads)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.options.rate * rate
            optimiser.step()
            optimiser.zero_grad()
        for block, load in zip(routed, loads.detach(), strict=True):
            block.expert_bias += 1e-3 * torch.sign(load.mean() - load)

    def _note(self, batch, row, block, right) -> None:
        """Which replies were right in every token, given the tokens before: what greedy decoding would write."""
        if STAGES[self.stage].size is None:  # no replies: single tokens count
            self.recent += [(True, ok) for ok in right[::20].tolist()]
            return
        keys = (row * 1000 + block).tolist()
        whole: dict[int, bool] = {}
        for key, ok in zip(keys, right.tolist(), strict=True):
            whole[key] = whole.get(key, True) and ok
        sizes: dict[int, int] = {}
        for key in keys:
            sizes[key] = sizes.get(key, 0) + 1
        self.recent += [(sizes[key] > 28, ok) for key, ok in whole.items()]

    def _agree(self, value: float) -> float:
        """Rank 0's value, so that all ranks decide alike."""
        if self.options.ranks == 1:
            return float(value)
        told = torch.tensor([float(value)], dtype=torch.float64)
        dist.broadcast(told, 0)
        return float(told[0])

    def _log(self, loss: float, what: str = "") -> None:
        if self.options.rank:
            return
        share = lambda flags: round(float(np.mean(flags)), 3) if flags else None  # noqa: E731
        line = {
            "step": self.step, "stage": self.stage, "s": round(self.seconds), "loss": round(loss, 3),
            "long": share([ok for quoted, ok in self.recent if quoted]),
            "short": share([ok for quoted, ok in self.recent if not quoted]), "what": what,
        }  # fmt: skip
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    def _save(self) -> None:
        if self.options.rank:
            return
        state = {
            "model": self.model.state_dict(), "optimisers": [o.state_dict() for o in self.optimisers],
            "place": (self.step, self.stage, self.seconds),
        }  # fmt: skip
        torch.save(state, self.folder / "state.new")
        os.replace(self.folder / "state.new", self.folder / "state.pt")

    def _resume(self, state) -> None:
        self.model.load_state_dict(state["model"])
        for optimiser, its in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(its)
        self.step, self.stage, self.seconds = state["place"]


if __name__ == "__main__":
    main()
