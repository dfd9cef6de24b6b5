"""The samples about a lake: the unit runs the real command, and the page names what exists."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import run
from support.records import callback

from rmanalytics import config, journal, lake
from rmanalytics.config import PREFIX, Settings
from rmanalytics.support import resources

SAMPLES = resources.samples() / "lake"
PAGE = (SAMPLES / "README.md").read_text(encoding="utf-8")


def unit(name: str) -> configparser.ConfigParser:
    """A unit of systemd."""
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read(SAMPLES / name)
    return found


def test_the_unit_ships(
    tmp_path: Path, host: Callable[[str], config.Settings], closed: Callable[..., Path]
) -> None:
    """Run where its folder is, the unit's command puts the home's segments into the lake of its settings."""
    service = unit("sms-lake-ship.service")["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program == f"{service['WorkingDirectory']}/.venv/bin/rmanalytics"
    home = host("srv")
    closed(home, journal.CALLBACKS, callback())
    folder = home.home.parent
    (folder / ".env").write_text(f"RMANALYTICS_LAKE={tmp_path / 'lake'}\nRMANALYTICS_LAKE_HOST=one\n")
    done = run(*words, cwd=folder)
    assert (done.returncode, "1 segment" in done.stdout) == (0, True), done.stderr
    assert [one.host for one in lake.open_lake(str(tmp_path / "lake")).segments()] == ["one"]


def test_the_timer_starts_the_unit() -> None:
    """The timer has the unit's name, and is wanted by systemd's timers."""
    timer = unit("sms-lake-ship.timer")
    assert (SAMPLES / "sms-lake-ship.service").is_file()
    assert (timer["Install"]["WantedBy"], timer["Timer"]["OnCalendar"]) == ("timers.target", "*:0/5")


@pytest.mark.parametrize("name", sorted(set(re.findall(rf"{PREFIX}([A-Z_]+)", PAGE))))
def test_the_page_names_settings(name: str) -> None:
    """Each setting that the page names exists."""
    assert name.lower() in Settings.model_fields


@pytest.mark.parametrize(
    "words", sorted(set(re.findall(r"`rmanalytics ([a-z ]+?)(?: --lake [^`]*)?`", PAGE)))
)
def test_the_page_names_commands(tmp_path: Path, words: str) -> None:
    """Each command that the page names exists."""
    done = run(*words.split(), "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
