"""How long a person works on one thing. Only time with signs of life counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STILL_S: Final = 60.0
"""Without any input for this long the clock stands still: somebody is on the phone, or gone."""


@dataclass(slots=True)
class Clock:
    """The time spent on what is on the screen. Times are seconds of any clock that only goes forward."""

    thing: str = ""
    spent: float = 0.0
    last: float | None = None

    def on(self, thing: str, now: float) -> None:
        """What is on the screen now; the clock starts anew for another thing."""
        if thing != self.thing:
            self.thing, self.spent, self.last = thing, 0.0, now
        self.tick(now)

    def tick(self, now: float) -> None:
        """A sign of life: the time since the last one counts, up to `STILL_S`."""
        if self.last is not None:
            self.spent += min(max(0.0, now - self.last), STILL_S)
        self.last = now

    def read(self, now: float) -> float:
        """Seconds spent, to a tenth; the clock then starts anew."""
        self.tick(now)
        spent, self.spent = round(self.spent, 1), 0.0
        return spent
