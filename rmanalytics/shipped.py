"""Finds what travels with the package: in a wheel under `_shipped`, in a checkout at its root."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def notebooks() -> list[Path]:
    """Return the shipped notebooks, sorted by name."""
    return sorted(folder("notebooks", "notebooks").glob("*.ipynb"))


def samples() -> Path:
    """Return the folder of the sample batch, templates and provider file."""
    return folder("samples", "data/samples")


def folder(in_wheel: str, in_checkout: str) -> Path:
    """Return the folder where it is installed, else where the checkout has it."""
    installed = _PACKAGE / "_shipped" / in_wheel
    return installed if installed.is_dir() else _PACKAGE.parent / in_checkout
