"""What several tests share."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a loaded machine is no fault of ours
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=SLOW)
settings.load_profile("same")  # pytest --hypothesis-profile=explore looks for new cases


def shared_data() -> Path | None:
    """The folder of real data beside the checkout, where there is one."""
    folder = Path(os.environ.get("DOCREVIEW_SHARED", ROOT.parent / "shared")) / "data"
    return folder if folder.is_dir() else None


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background; what we start shall hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data; tests that use it skip, and say so, in a plain clone."""
    folder = shared_data()
    if folder is None:
        pytest.skip("the real data (../shared, or DOCREVIEW_SHARED) is absent")
    return folder


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Our own documents."""
    return ROOT / "corpora"
