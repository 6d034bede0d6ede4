"""Transcripts: who said what, and when. One file a format; all end in `Turn`s with exact spans."""
