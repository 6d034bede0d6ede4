"""The review app's start: what it opens, where it listens, who may see it. The pages are in `apps/review/`."""

from docreview.app.options import Options
from docreview.app.start import folders, start
from docreview.app.token import token

__all__ = ["Options", "folders", "start", "token"]
