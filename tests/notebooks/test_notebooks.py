"""The notebooks run from top to bottom offline, are kept without outputs, and use what an analyst has."""

import ast
import importlib.util
import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="the notebooks need the extra `notebooks`")

from docreview.evaluate.offline import prove
from docreview.evaluate.offline.jobs import Job

ROOT = Path(__file__).parent.parent.parent
SPEC = importlib.util.spec_from_file_location("execute", ROOT / "notebooks" / "execute.py")
execute = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(execute)

NOTEBOOKS = execute.notebooks()
TOOLS = {"docreview", "pandas", "matplotlib", "tqdm"}
IDS = [path.stem for path in NOTEBOOKS]


def sources(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in execute.load(path).cells if cell.cell_type == kind]


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_every_notebook_has_a_copy_and_none_is_left_over():
    assert {path.name for path in execute.COPIES.glob("*")} == {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_is_kept_without_outputs(path):
    assert path.read_text(encoding="utf-8") == execute.written(execute.stripped(execute.load(path)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_imports_docreview_and_an_analysts_tools_alone(path):
    used = set().union(*map(imported, sources(path, "code"))) - set(sys.stdlib_module_names)
    assert "docreview" in used
    assert used <= TOOLS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_the_copy_is_of_the_same_cells_and_whole(path):
    copy = execute.load(execute.COPIES / path.name)
    original = execute.load(path)
    assert [(c.cell_type, c.source) for c in copy.cells] == [(c.cell_type, c.source) for c in original.cells], (
        "run: make notebooks"
    )
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    assert all(cell.execution_count for cell in code)
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}, "errors or prints"
    assert set(code[-1].outputs[-1].data) & {"text/html", "image/png"}, "a story ends in a table or a picture"
    assert (execute.COPIES / path.name).stat().st_size < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_notebooks_read_our_own_documents_alone(path):
    for source in sources(path, "code"):
        for name in re.findall(r"""["'](\.\.?/[^"']*)["']""", source):
            assert f"{name}/".startswith("../corpora/"), name
            assert (path.parent / name).exists(), name


def test_the_first_cell_is_what_the_readme_shows():
    first = execute.load(NOTEBOOKS[0]).cells[0]
    blocks = re.findall(r"```python\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert first.cell_type == "code"
    assert first.source.replace('"../corpora', '"corpora') in blocks
    assert len([line for line in first.source.splitlines() if line]) == 10


def shapes(path: Path) -> list[list[set[str]]]:
    """The kinds of output of each cell."""
    cells = [cell for cell in execute.load(path).cells if cell.cell_type == "code"]
    return [[set(output.get("data", {})) for output in cell.outputs] for cell in cells]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_runs_and_reaches_nothing_beyond_this_machine(path, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # as Streamlit leaves it; pictures must come all the same
    command = (sys.executable, str(ROOT / "notebooks" / "execute.py"), path.stem, "--out", str(tmp_path))
    proof = prove(jobs=[Job(name=path.stem, command=command)], watches=("namespace",))
    assert [ran.message for ran in proof.jobs] == [""]
    assert proof.clean, proof.jobs
    assert shapes(tmp_path / path.name) == shapes(execute.COPIES / path.name), "run: make notebooks"
