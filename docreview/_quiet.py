"""Switches off what other packages would tell their makers: telemetry and questions about updates.

Done when docreview is imported, before any of them is. What a person has set in the environment stays.
"""

from __future__ import annotations

import os
import sys
from typing import Final

QUIET: Final = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "DO_NOT_TRACK": "1",  # whoever asks; see donottrack.sh
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime from 1.25 on, should one be there
    "ORT_TELEMETRY_DISABLED": "1",  # its older name
    "OTEL_SDK_DISABLED": "true",  # OpenTelemetry, which Chroma brings along
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}
NO_DOWNLOADS: Final = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""For what loads a model from this machine: Hugging Face's packages then ask nobody whether there is a newer one."""
_MUTED: Final = ("openvino_telemetry",)
"""Packages that report use by default and ask nobody. An entry of None makes importing them fail, as if they were not
installed; those who import them have something in their place."""


def hush() -> None:
    """Switch it off in this process and in those that it starts."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    for name in _MUTED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
