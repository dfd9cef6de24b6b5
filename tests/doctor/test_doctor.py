"""What `doctor` says of an installation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rmanalytics import config
from rmanalytics.doctor import CHECKS, Mark, Scene, examine

TOKEN = "a-token-of-24-characters"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def scene(tmp_path: Path, **flags: object) -> Scene:
    """A home in its own folder, a free port, no network."""
    given = {"home": tmp_path / "data", "collect_token": TOKEN, "collect_port": 0} | flags
    return Scene(settings=config.load(**given), environment={}, now=NOW)


def test_an_empty_home_is_able_to_do_its_job(tmp_path: Path) -> None:
    """Where nothing was done yet nothing is wrong, and looking leaves nothing behind."""
    found = examine(scene(tmp_path))
    assert {one.check.name for one in found.checks if one.finding.mark is Mark.FAULT} == set()
    assert found.exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_secret_is_shown(check: object, tmp_path: Path) -> None:
    """No check shows the token."""
    assert TOKEN not in str(examine(scene(tmp_path), [check]).as_dict())
