"""Progress goes to the caller, to a bar, or to nobody."""

from docreview._bar import telling


def test_the_caller_is_told():
    told = []
    with telling(lambda done, total: told.append((done, total)), "document", "reading") as tell:
        tell(1, 2)
        tell(2, 2)
    assert told == [(1, 2), (2, 2)]


def test_a_bar_counts_and_goes_away(capsys):
    with telling(True, "document", "reading") as tell:
        tell(1, 2)
        tell(2, 2)
    said = capsys.readouterr()
    assert "reading" in said.err
    assert not said.err.rsplit("\r", 2)[1].strip(), "the bar is wiped out"
    assert said.out == ""


def test_nobody_is_told(capsys):
    with telling(False, "document", "reading") as tell:
        tell(1, 2)
    assert capsys.readouterr() == ("", "")
