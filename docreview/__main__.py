"""`python -m docreview`."""

from docreview.cli import main

main()
