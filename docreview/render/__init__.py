"""Documents and reviews as HTML that needs nothing else: no script from elsewhere, no font, no picture."""

from docreview.render.marks import highlight

__all__ = ["highlight"]
