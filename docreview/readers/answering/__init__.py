"""Answers without a language model: the sentences of a document that answer a question, or none."""

from docreview.readers.answering.find import Finder, Findings, Found

__all__ = ["Finder", "Findings", "Found"]
