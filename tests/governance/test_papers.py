"""Every file of governance/ is loaded by code or made anew and compared; the bill of materials follows its schema."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docreview.cli import app
from docreview.errors import ConfigError, OutputError
from docreview.evaluate.papers import MEASURED, SOURCES, build, stale
from docreview.evaluate.papers.export import export
from docreview.evaluate.papers.sources import AGENTIC, LLM, STRIDE, read_models, read_threats
from docreview.governance.audit import AuditLog
from docreview.models.profiles import profile_named

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "governance"


@pytest.fixture(scope="module")
def made():
    return build(ROOT)


def test_every_made_file_is_the_committed_one(made):
    old = [name for name, text in made.items() if (FOLDER / name).read_text(encoding="utf-8") != text]
    assert not old, "run: make governance"


def test_every_file_is_made_or_a_source_and_is_explained(made):
    names = {file.name for file in FOLDER.iterdir()}
    assert names - set(MEASURED) == set(made) | set(SOURCES)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [name for name in names - {"README.md"} if f"`{name}`" not in readme]


def test_the_bill_of_materials_follows_its_schema(made):
    validation = pytest.importorskip("cyclonedx.validation", reason="cyclonedx-python-lib is absent")
    from cyclonedx.schema import OutputFormat, SchemaVersion

    checker = validation.make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_7)
    assert checker.validate_str(made["mlbom.cdx.json"]) is None
    wrong = made["mlbom.cdx.json"].replace('"machine-learning-model"', '"magic"')
    assert checker.validate_str(wrong) is not None


def test_the_bill_of_materials_names_every_part(made):
    bill = json.loads(made["mlbom.cdx.json"])
    parts = {part["bom-ref"]: part for part in bill["components"]}
    assert len(parts) == len(bill["components"]), "references are unique"
    for each in bill["dependencies"]:
        assert set(each["dependsOn"]) <= set(parts)
    assert parts["pypi-numpy"]["scope"] == "required"
    assert parts["pypi-torch"]["scope"] == "optional"
    shipped = {file.name for file in (ROOT / "docreview" / "assets").iterdir()}
    shipped -= {"README.md", "__init__.py", "__pycache__"}
    described = " ".join(part.get("description", "") for part in parts.values())
    assert not [name for name in shipped if name not in described]
    assert parts["model-LFM2.5-8B-A1B"]["isExternal"] is True


def test_the_card_marks_what_the_vendor_reports(made):
    card = made["model_card.md"]
    ours, _, theirs = card.partition("# Language models that may be added")
    assert "Reported by the vendor, not measured here" in theirs
    for figure in profile_named("LFM2.5-8B-A1B").published:
        assert f"{figure.value:g}" in theirs
        assert f"| {figure.measure}" not in ours
    for figure in read_models(FOLDER).figure:
        assert f"| {figure.value} |" in ours
        assert figure.command in ours


def test_the_cards_head_is_hugging_faces(made, tmp_path):
    hub = pytest.importorskip("huggingface_hub", reason="the transformers extra is absent")
    (tmp_path / "card.md").write_text(made["model_card.md"], encoding="utf-8")
    data = hub.ModelCard.load(tmp_path / "card.md").data
    assert data.license == "apache-2.0"
    assert {result.dataset_type for result in data.eval_results} == {"cuad", "contractnli", "qmsum", "pii"}
    assert data.to_dict()["library_name"] == "docreview"


def test_every_class_of_threat_is_covered(made):
    model = read_threats(FOLDER)
    page = made["threat_model.md"]
    for name in (*STRIDE, *LLM, *AGENTIC):
        assert re.search(rf"^\| {name} \| .* \| T\d\d", page, re.MULTILINE), name
    assert all(f"### {threat.id} {threat.title}" in page for threat in model.threat)


@pytest.mark.slow
def test_the_baseline_of_redaction_is_what_is_measured(shared):
    old = stale(ROOT, shared)
    assert "pii_baseline.json" not in old, "run: make governance"


def test_the_baseline_of_redaction_keeps_its_promises(made):
    figures = json.loads(made["pii_baseline.json"])
    assert figures["structured_recall"] >= 0.98
    assert figures["false_spans_per_100_negatives"] <= 10
    assert figures["over_redacted_percent"] <= 0.5
    people = {row["source"]: row["recall"] for row in figures["rows"] if row["label"] == "PERSON"}
    assert len(people) > 20, "names are reported by source and language"


def test_the_assessment_holds_the_policys_rules(made):
    assert "365 days" in made["dpia.md"]
    assert "log, error (of prompt" in made["dpia.md"]
    assert "quote_refused" in made["dpia.md"]


@pytest.fixture
def copy(tmp_path):
    """A repository of which only what the papers need is there."""
    root = tmp_path / "root"
    for name in ("governance", "corpora", "docs", "tests"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.pdf", "*.docx"))
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    return root


def change(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.slow
def test_a_changed_source_makes_its_papers_stale(copy):
    assert stale(copy) == []
    change(copy / "governance" / "policy.toml", "payload_days = 365", "payload_days = 90")
    assert stale(copy) == ["dpia.md"]
    change(copy / "governance" / "threat_model.toml", 'residual = "high"', 'residual = "medium"')
    assert stale(copy) == ["dpia.md", "threat_model.md"] or stale(copy) == ["threat_model.md", "dpia.md"]
    done = CliRunner().invoke(app, ["governance", "build", str(copy), "--check"])
    assert done.exit_code == 1
    assert "dpia.md" in done.stdout
    assert CliRunner().invoke(app, ["governance", "build", str(copy)]).exit_code == 0
    assert stale(copy) == []
    assert "90 days" in (copy / "governance" / "dpia.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("threat_model.toml", "::test_not_this_machine", "::test_of_nothing", "test_of_nothing"),
        ("threat_model.toml", 'agentic = ["ASI04"]', "agentic = []", "ASI04"),
        ("threat_model.toml", 'boundary = "supply"', 'boundary = "moon"', "moon"),
        ("threat_model.toml", 'id = "T02"', 'id = "T01"', "T01 occurs twice"),
        ("threat_model.toml", 'residual = "high"', 'residual = "some"', "residual"),
        ("models.toml", '"0.756"', '"0.999"', "0.999"),
        ("models.toml", "limits =", "limit =", "limit"),
        ("dpia.md", "<!-- risks -->", "", "risks"),
    ],
)
def test_a_source_that_does_not_hold_is_refused(copy, file, old, new, said):
    change(copy / "governance" / file, old, new)
    with pytest.raises(ConfigError, match=said):
        build(copy)


def test_the_folder_for_an_auditor(tmp_path):
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        log.add("run_started", {}, payload={"name": "Ana Reyes"})
    names = export(tmp_path / "out", governance=FOLDER, log=tmp_path / "log", key=tmp_path / "key")
    place = tmp_path / "out"
    assert {"README.txt", "machine.json", "audit/verify.py", "governance/policy.toml"} <= set(names)
    sums = (place / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert len(sums) == len(names) - 1
    assert "numpy" in json.loads((place / "machine.json").read_text(encoding="utf-8"))["packages"]
    done = subprocess.run(
        [sys.executable, "verify.py"], cwd=place / "audit", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Ana Reyes" not in b"".join(file.read_bytes() for file in place.rglob("*") if file.is_file())


def test_the_zip_file_for_an_auditor(tmp_path):
    done = CliRunner().invoke(
        app, ["governance", "export", "--out", str(tmp_path / "a.zip"), "--governance", str(FOLDER)]
    )
    assert done.exit_code == 0, done.output
    assert "governance/model_card.md" in zipfile.ZipFile(tmp_path / "a.zip").namelist()
    assert not (tmp_path / "a").exists()
    with pytest.raises(OutputError):
        export(tmp_path / "a.zip", governance=FOLDER)


def test_a_folder_without_a_policy_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"policy\.toml"):
        export(tmp_path / "out", governance=tmp_path)
