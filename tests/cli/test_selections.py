"""Options that select: a name that is not there is an error with the nearest ones, never a page about nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support import records
from support.command import run

from rmanalytics import config
from rmanalytics.ingest.run import ingest

SELECTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "a report's campaign": (("report", "overview", "--campaign", "camp43"), "did you mean camp42?"),
    "one of several": (
        ("report", "--campaign", "camp42", "--campaign", "x"),
        "--campaign x: no such campaign",
    ),
    "only DLRs tell of it": (("report", "--campaign", "Tag-8"), "did you mean tag-7?"),
    "a verdict's campaign": (("validate", "--campaign", "CAMP42"), "did you mean camp42?"),
    "a verdict's batch": (
        ("validate", "--batch", "batch"),
        "--batch batch: no such batch: did you mean batch1?",
    ),
    "nothing near": (("validate", "--batch", "zzz"), "no such batch: there are batch1"),
    "a number that a report may fail on": (
        ("report", "--fail-if", "delivry_rate<1"),
        "did you mean delivery_rate?",
    ),
    "a time zone": (
        ("report", "--zone", "Mars/X"),
        "error --zone: 'Mars/X' is not a time zone: use a name such as",
    ),
    "a parameter": (("report", "overview", "-p", "sinc=2026-11-01"), "did you mean since?"),
}


@pytest.mark.parametrize("arguments, fix", SELECTIONS.values(), ids=SELECTIONS)
def test_unknown_names(
    settings: config.Settings, write: Callable[..., Path], arguments: tuple[str, ...], fix: str
) -> None:
    """Exit code 2 and one line with the names that are near; nothing on stdout, no page."""
    write("messages", records.message("m1"))
    write("callbacks", records.callback(sMessageId="gw-9", sTagName="tag-7"))
    ingest(settings)
    done = run(*arguments, "--home", settings.home.name, cwd=settings.home.parent)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert fix in done.stderr
    assert not (settings.home / "reports").exists()


def test_before_anything_was_sent(tmp_path: Path) -> None:
    """In an empty home it says that there is none yet, in JUnit too."""
    done = run("validate", "--campaign", "diwali", "--junit", "v.xml", cwd=tmp_path)
    assert done.returncode == 2
    assert "no such campaign: there is none yet: send or import first" in done.stderr
    assert ElementTree.parse(tmp_path / "v.xml").getroot().get("errors") == "1"
