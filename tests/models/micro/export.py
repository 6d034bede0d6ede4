"""Turns the state of a training into the checkpoint, in bfloat16; and a checkpoint into one in float32.

    PYTHONPATH=.:tests/models python -m micro.export FOLDER/state.pt

bfloat16 halves the file. In float32 two runtimes agree on logits within 1e-4, and MLX on a
processor computes experts in float32 only: the tests widen it first.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKPOINT = HERE / "checkpoint"
SMALL = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def export(state: Path, folder: Path = CHECKPOINT) -> None:
    """Write config.json and model.safetensors; the tokenizer is there already."""
    import torch

    from micro import start

    held = torch.load(state, weights_only=True)["model"]
    model = start.model(held["model.embed_tokens.weight"].shape[0], plain=True)
    model.load_state_dict(held)
    model.to(torch.bfloat16)
    model.config.dtype = torch.bfloat16
    model.save_pretrained(folder)


def widen(folder: Path) -> Path:
    """Write the checkpoint's numbers as float32 into a folder; nothing else changes."""
    from safetensors.torch import load_file, save_file

    folder.mkdir(parents=True, exist_ok=True)
    for name in SMALL:
        shutil.copy(CHECKPOINT / name, folder / name)
    config = json.loads((CHECKPOINT / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float32"}, indent=2), encoding="utf-8")
    weights = {name: tensor.float() for name, tensor in load_file(CHECKPOINT / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


if __name__ == "__main__":
    export(Path(sys.argv[1]))
