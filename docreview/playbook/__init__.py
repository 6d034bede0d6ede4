"""What answers are acceptable: playbooks as data, and a verdict for every clause that a program can decide."""

from docreview.playbook.book import SHIPPED, Playbook, Position, Rule, load
from docreview.playbook.check import GRAVEST_FIRST, Checked, Judgement, Mode, check
from docreview.playbook.shift import Shift, Shifts, Stand, shifts
from docreview.playbook.suggest import Practice, suggest

__all__ = [
    "GRAVEST_FIRST",
    "SHIPPED",
    "Checked",
    "Judgement",
    "Mode",
    "Playbook",
    "Position",
    "Practice",
    "Rule",
    "Shift",
    "Shifts",
    "Stand",
    "check",
    "load",
    "shifts",
    "suggest",
]
