"""What people decide about a folder of reviews: kept in order, added and never edited, proved like everything else.

The file and its rules are in docs/decisions.md.
"""

from docreview.decisions.applied import applied, apply
from docreview.decisions.entry import Entry, Kind, Said
from docreview.decisions.items import ITEM_STATUSES, Item, ItemStatus, items, status
from docreview.decisions.second import SecondReview, second_reviews
from docreview.decisions.store import FILE, Decisions

__all__ = [
    "FILE",
    "ITEM_STATUSES",
    "Decisions",
    "Entry",
    "Item",
    "ItemStatus",
    "Kind",
    "Said",
    "SecondReview",
    "applied",
    "apply",
    "items",
    "second_reviews",
    "status",
]
