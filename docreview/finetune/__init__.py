"""From reviews that people accepted or corrected to examples that a language model can be trained on.
docs/fine-tuning.md shows the way from a folder of reviews to an adapter.
"""

from docreview.finetune.answers import Answers, answers
from docreview.finetune.base import Base, base
from docreview.finetune.examples import Example, examples
from docreview.finetune.export import export

__all__ = ["Answers", "Base", "Example", "answers", "base", "examples", "export"]
