import pytest

from docreview import config
from docreview.errors import ConfigError


@pytest.fixture(autouse=True)
def no_user_file(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    return tmp_path


def test_nearer_sources_win(no_user_file, monkeypatch):
    folder = no_user_file
    (folder / "user" / "docreview").mkdir(parents=True)
    (folder / "user" / "docreview" / "docreview.toml").write_text("jobs = 1\nread_seconds = 5\nmax_file_mib = 7")
    (folder / "docreview.toml").write_text("jobs = 2\nmax_file_mib = 8")
    monkeypatch.setenv("DOCREVIEW_JOBS", "3")
    settings = config.load({"ocr": True, "min_score": None}, folder=folder)
    assert (settings.jobs, settings.read_seconds, settings.max_file_mib) == (3, 5.0, 8)
    assert (settings.ocr, settings.min_score) == (True, config.Settings().min_score)


@pytest.mark.parametrize(
    "text", ["jobs = 'two'", "jbos = 2", "jobs = -1", "jobs = true", "= nonsense", "min_score = 2"]
)
def test_a_wrong_setting_is_refused_by_name(no_user_file, text):
    (no_user_file / "docreview.toml").write_text(text)
    with pytest.raises(ConfigError):
        config.load(folder=no_user_file)


def test_a_wrong_variable_is_refused(monkeypatch):
    monkeypatch.setenv("DOCREVIEW_OCR", "perhaps")
    with pytest.raises(ConfigError, match="DOCREVIEW_OCR"):
        config.load()
