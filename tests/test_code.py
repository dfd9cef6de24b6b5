"""The code itself: types, style and layers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CHECKS = {
    "types": [sys.executable, "-m", "mypy"],
    "style": [sys.executable, "-m", "ruff", "check", "."],
    "layers": [str(Path(sys.executable).parent / "lint-imports")],
}


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS)
def test_code(command: list[str]) -> None:
    """mypy --strict, ruff and the layers of import-linter find nothing."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
