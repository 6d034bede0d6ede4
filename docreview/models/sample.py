"""Drawing the next token, the same way for every model that runs in this process."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from docreview.models.profiles import Sampling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Picker:
    """Picks one token after the other; equal logits and an equal seed give equal tokens on every machine."""

    def __init__(self, sampling: Sampling) -> None:
        import numpy as np

        self._sampling = sampling
        self._random = np.random.default_rng(sampling.seed)
        self._recent: deque[int] = deque(maxlen=sampling.repetition_window)

    def pick(self, logits: NDArray[np.float32]) -> tuple[int, float]:
        """A token id and its natural log-probability under the logits as they came.

        Args:
            logits: One number for each token of the vocabulary.
        """
        import numpy as np

        wide = logits.astype(np.float64)
        top = wide.max()
        total = top + np.log(np.exp(wide - top).sum())
        token = self._draw(self._penalised(wide))
        self._recent.append(token)
        return token, float(wide[token] - total)

    def _penalised(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rule of Keskar et al. 2019 (CTRL), equation 1: positive scores divided, negative ones multiplied."""
        if self._sampling.repetition_penalty == 1 or not self._recent:
            return logits
        import numpy as np

        seen = np.fromiter(set(self._recent), dtype=np.int64)
        changed = logits.copy()
        scores, penalty = changed[seen], self._sampling.repetition_penalty
        changed[seen] = np.where(scores > 0, scores / penalty, scores * penalty)
        return changed

    def _draw(self, logits: Any) -> int:
        import numpy as np

        if self._sampling.temperature == 0:
            return int(logits.argmax())
        count = min(self._sampling.top_k or logits.size, logits.size)
        best = np.argpartition(-logits, count - 1)[:count]
        best = best[np.lexsort((best, -logits[best]))]
        weights = np.exp((logits[best] - logits[best[0]]) / self._sampling.temperature)
        reached = np.searchsorted(np.cumsum(weights), self._random.random() * weights.sum(), side="right")
        return int(best[min(int(reached), count - 1)])
