"""What `import docreview` and `docreview --help` load, and what each heavy package's one home is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import docreview

PACKAGE = Path(docreview.__file__).parent
HEAVY = (
    "numpy", "scipy", "pydantic", "lxml", "pypdf", "pypdfium2", "tokenizers", "bm25s", "openpyxl", "torch",
    "transformers", "sentence_transformers", "chromadb", "sklearn", "llama_index", "pandas", "PIL", "pytesseract",
    "charset_normalizer", "cryptography", "mlx", "mlx_lm", "huggingface_hub", "xlsxwriter", "llama_cpp", "gguf",
    "sentencepiece", "matplotlib", "spacy", "presidio_analyzer", "phonenumbers", "docx", "stdnum", "reportlab", "streamlit",
)  # fmt: skip
HOMES = {
    "spacy": {"governance/names.py"},
    "presidio_analyzer": {"governance/names.py"},
    "sentence_transformers": {"search/embed.py"},
    "chromadb": {"search/dense.py"},
    "llama_index": {"evaluate/ingest_llama_index.py", "integrations/llama_index/"},
    "llama_cpp": {"models/llama_cpp.py"},
    "mlx_lm": {"models/mlx.py"},
    "huggingface_hub": {"models/find.py", "models/pull.py"},
    "docx": {"evaluate/corpora/word.py", "export/docx.py"},
    "gguf": {"tokens/gguf.py"},
    "sentencepiece": {"tokens/sentencepiece.py"},
    "streamlit": {"app/start.py", "evaluate/offline/visit.py"},
    "matplotlib": {"evaluate/overhead_report.py"},
    "pandas": {"_shown.py"},
}


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_docreview_loads_no_heavy_package():
    assert not loaded_after("import docreview") & set(HEAVY)


def test_help_loads_no_heavy_package():
    code = """
import sys
from docreview.cli import app
sys.argv = ["docreview", "--help"]
try:
    app()
except SystemExit as end:
    assert end.code in (None, 0)
"""
    assert not loaded_after(code) & set(HEAVY)


@pytest.mark.parametrize("package", sorted(HOMES))
def test_a_heavy_package_is_imported_in_one_place(package):
    pattern = re.compile(rf"^\s*(?:import|from)\s+{package}\b", re.MULTILINE)
    users = {
        str(f.relative_to(PACKAGE)) for f in PACKAGE.rglob("*.py") if pattern.search(f.read_text(encoding="utf-8"))
    }
    assert not {user for user in users if not user.startswith(tuple(HOMES[package]))}


def test_every_file_and_function_keeps_to_the_house_sizes():
    import ast

    large = []
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > 400:
            large.append(f"{file.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                doc = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
                lines = node.end_lineno - node.lineno + 1 - (doc.end_lineno - doc.lineno + 1 if doc else 0)
                arguments = len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
                if lines > 40:
                    large.append(f"{file.name}:{node.lineno} {node.name}: {lines} lines")
                if arguments > 8 and file.parent.name != "cli":
                    large.append(f"{file.name}:{node.lineno} {node.name}: {arguments} arguments")
    assert not large
