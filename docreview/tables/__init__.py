"""Tables for spreadsheets in which no cell is ever a formula."""

from docreview.tables.csv import write_csv
from docreview.tables.xlsx import Sheet, Tinted, write_xlsx

__all__ = ["Sheet", "Tinted", "write_csv", "write_xlsx"]
