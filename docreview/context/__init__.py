"""What a language model sees of a document: all of it, windows of it, or its best passages; and what that costs."""

from docreview.context.plan import BUDGET, MODES, Mode, Plan, Request, plan
from docreview.context.speed import Speed, Speeds, Stopwatch
from docreview.context.view import GAP, View

__all__ = ["BUDGET", "GAP", "MODES", "Mode", "Plan", "Request", "Speed", "Speeds", "Stopwatch", "View", "plan"]
