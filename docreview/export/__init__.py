"""Tables for spreadsheets in which no cell is ever a formula."""

from docreview.export.csv import write_csv
from docreview.export.xlsx import Sheet, write_xlsx

__all__ = ["Sheet", "write_csv", "write_xlsx"]
