"""Runs the notebooks from top to bottom, and writes the executed copies of docs/notebooks. In git they have no outputs.

`python notebooks/execute.py` runs all, `python notebooks/execute.py 01 05` some, `--strip` takes outputs out instead.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE: Final = Path(__file__).resolve().parent
COPIES: Final = HERE.parent / "docs" / "notebooks"
LIMIT: Final = 900
"""Seconds for one cell, on a machine that is slow and busy."""
_WIDGET: Final = "application/vnd.jupyter.widget-view+json"


def notebooks(*wanted: str) -> list[Path]:
    """The notebooks whose names begin so; all by default."""
    return [path for path in sorted(HERE.glob("*.ipynb")) if not wanted or path.name.startswith(wanted)]


def load(path: Path) -> NotebookNode:
    """A notebook as it lies there."""
    return nbformat.read(path, as_version=4)


def execute(path: Path) -> NotebookNode:
    """A notebook with the outputs of a run in its own folder; a cell that fails ends it (`CellExecutionError`)."""
    notebook = stripped(load(path))
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=LIMIT,
        startup_timeout=LIMIT,
        iopub_timeout=LIMIT,
        raise_on_iopub_timeout=True,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
    )
    pictures_inline = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return clean(client.execute(env=pictures_inline))


def clean(notebook: NotebookNode) -> NotebookNode:
    """Without bars that have gone and without what differs from one run to the next."""
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if _WIDGET not in out.get("data", {})]
            for output in cell.outputs:
                if "text/html" in output.get("data", {}):
                    output.data.pop("text/plain", None)  # it may hold seconds
    return _plain(notebook)


def stripped(notebook: NotebookNode) -> NotebookNode:
    """Without outputs, as git keeps it."""
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return _plain(notebook)


def written(notebook: NotebookNode) -> str:
    """A notebook as a file holds it."""
    return nbformat.writes(notebook) + "\n"


def _plain(notebook: NotebookNode) -> NotebookNode:
    """With metadata that say the language and nothing of the machine; cells are numbered."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
    return notebook


def main(arguments: list[str] | None = None) -> int:
    """Run and write what is named; say on stderr what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="how names begin; all notebooks by default")
    parser.add_argument("--strip", action="store_true", help="take the outputs out of the notebooks themselves")
    parser.add_argument("--out", type=Path, default=COPIES, help="where executed copies go")
    given = parser.parse_args(arguments)
    for path in notebooks(*given.names):
        if given.strip:
            path.write_text(written(stripped(load(path))), encoding="utf-8", newline="\n")
            continue
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / path.name).write_text(written(execute(path)), encoding="utf-8", newline="\n")
        sys.stderr.write(f"{path.name}: {(given.out / path.name).stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
