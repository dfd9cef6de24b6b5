"""A scene to look at, and what one check found there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rmanalytics import config
from rmanalytics.checks import Finding
from rmanalytics.doctor import CHECKS, Scene
from rmanalytics.doctor.model import WORDS

TOKEN = "a-token-of-24-characters"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def scene(
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    is_online: bool = False,
    callback_url: str | None = None,
    **flags: Any,
) -> Scene:
    """A home in a folder, any free port, nothing contacted elsewhere."""
    given = {"home": folder / "data", "collect_token": TOKEN, "collect_port": 0} | flags
    return Scene(
        settings=config.load(**given),
        environment=environment or {},
        now=NOW,
        is_online=is_online,
        callback_url=callback_url,
        timeout_s=2.0,
    )


def find(name: str, on: Scene) -> Finding:
    """What the check of that name found."""
    return next(check for check in CHECKS if check.name == name).look(on)


def told(found: Finding) -> tuple[str, str, str]:
    """What a reader gets of it: mark, words, fix."""
    return WORDS[found.mark], found.says, found.fix
