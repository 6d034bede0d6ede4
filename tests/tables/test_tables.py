import csv
import re
import zipfile

import openpyxl
import pytest

from docreview.tables import Sheet, Tinted, write_csv, write_xlsx

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1", "\r=1", "＝1", "=cmd|' /C calc'!A0"]


def sheet(rows, header=("A", "B")):
    return Sheet(name="S", header=header, rows=rows, widths=[10] * len(header))


def cells(path):
    book = openpyxl.load_workbook(path)
    return [[(cell.value, cell.data_type) for cell in row] for row in book["S"].iter_rows(min_row=2)]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(tmp_path):
    path = tmp_path / "t.xlsx"
    write_xlsx(path, [sheet([[text, "http://example.org"] for text in DANGEROUS])])
    found = cells(path)
    assert [row[0][0].replace("_x000D_", "\r") for row in found] == DANGEROUS
    assert {kind for row in found for _, kind in row} == {"s"}
    with zipfile.ZipFile(path) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    assert all(c.hyperlink is None for row in openpyxl.load_workbook(path)["S"].iter_rows() for c in row)


def test_no_cell_of_a_csv_is_a_formula(tmp_path):
    path = tmp_path / "t.csv"
    write_csv(path, ["A", "B"], [[text, 5] for text in DANGEROUS])
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows] == ["'" + text for text in DANGEROUS]
    assert {row[1] for row in rows} == {"5"}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel needs the mark to see UTF-8"


@pytest.mark.parametrize(
    "text",
    ["plain", "zwei\nZeilen", "𝔘 本 ا", "_x0041_ stays", " = spaced", "nul\x00 bell\x07 esc\x1b", "\ud800", "\uffff"],
)
def test_any_text_can_be_written(tmp_path, text):
    path = tmp_path / "t.xlsx"
    write_xlsx(path, [sheet([[text, 1.5]])])
    [[(value, kind), (number, _)]] = cells(path)
    assert (kind, number) == ("s", 1.5)
    if text.isprintable():  # Excel reads _x005F_ as "_", openpyxl does not
        assert value.replace("_x005F_", "_") == text


@pytest.mark.parametrize("char", ["x", "𝔘"])
def test_what_a_cell_cannot_hold_goes_on_in_the_next_rows(tmp_path, char):
    path, long = tmp_path / "t.xlsx", char * 40_000 + "the end"
    write_xlsx(path, [sheet([["lease", long], ["next", "short"]])])
    rows = [[value for value, _ in row] for row in cells(path)]
    assert all(len(value.encode("utf-16-le")) // 2 <= 32_767 for row in rows for value in row)
    *parts, last = rows
    assert last == ["next", "short"]
    assert {name for name, _ in parts} == {"lease"}
    told = [re.sub(r"^\[part \d of \d\] … | … \[goes on in the next row\]$", "", text) for _, text in parts]
    assert "".join(told) == long


def test_cells_are_tinted_and_their_text_is_still_text(tmp_path):
    path = tmp_path / "t.xlsx"
    write_xlsx(path, [sheet([[Tinted("=1+1", "red"), Tinted(None, "yellow")]])])
    one, two = next(openpyxl.load_workbook(path)["S"].iter_rows(min_row=2))
    assert (one.value, one.data_type, one.fill.fgColor.rgb) == ("=1+1", "s", "FFFFC7CE")
    assert (two.value, two.fill.fgColor.rgb) == (None, "FFFFEB9C")


def test_equal_rows_give_equal_bytes_and_the_header_is_frozen_and_filtered(tmp_path):
    one, two = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    for path in (one, two):
        write_xlsx(path, [sheet([["a", 1]])])
    assert one.read_bytes() == two.read_bytes()
    target = openpyxl.load_workbook(one)["S"]
    assert (target.freeze_panes, target.auto_filter.ref) == ("B2", "A1:B2")
