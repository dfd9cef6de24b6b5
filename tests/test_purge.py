"""Retention: what is old goes, what is needed stays, and the database is what an ingest of the rest makes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.command import run
from support.database import content, rows
from support.records import answer, attempt, callback, message

from rmanalytics import config, journal, purge
from rmanalytics.errors import BadInput, JournalError
from rmanalytics.imports import KINDS
from rmanalytics.ingest.run import ingest

Write = Callable[..., Path]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=90)


def aged(path: Path, days: float) -> Path:
    """The file, last written so many days before NOW."""
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


def names_in(settings: config.Settings) -> list[str]:
    """What the journal holds, whether compressed or not."""
    return sorted(map(journal.identity, settings.journal_dir.iterdir()))


@pytest.fixture
def old_and_new(settings: config.Settings, write: Write) -> dict[str, Path]:
    """A home with one old and one new message, all taken in; the new callbacks speak of both."""
    made = {}
    for name, days in (("old", 120.0), ("new", 10.0)):
        made[f"{name} messages"] = write(journal.MESSAGES, message(name, msisdn=f"9198000000{int(days)}"))
        made[f"{name} submissions"] = write(
            journal.SUBMISSIONS, attempt(name, name), answer(name, **{name: f"gw-{name}"})
        )
    made["old callbacks"] = write(journal.CALLBACKS, callback(sMessageId="gw-old", sStatus="ENROUTE"))
    made["new callbacks"] = write(
        journal.CALLBACKS, *(callback(sMessageId=f"gw-{name}") for name in ("old", "new"))
    )
    ingest(settings)
    for name, path in made.items():
        aged(path, 120.0 if name.startswith("old") else 10.0)
    return made


EMPTIED = {"without a byte": b"", "without a line": bytes(5_000)}


@pytest.mark.parametrize("left", EMPTIED.values(), ids=EMPTIED)
def test_an_emptied_rest_stops_it(
    settings: config.Settings, old_and_new: dict[str, Path], left: bytes
) -> None:
    """A segment that lost its lines after they were taken in does not take its rows along."""
    old_and_new["new callbacks"].write_bytes(left)
    aged(old_and_new["new callbacks"], 10)
    before = content(settings)
    with pytest.raises(JournalError, match=r"damaged: .*: nothing was removed"):
        purge.purge(settings, purge.plan(settings, BEFORE))
    assert content(settings) == before


@pytest.mark.parametrize("left", EMPTIED.values(), ids=EMPTIED)
def test_an_emptied_segment_stays(settings: config.Settings, write: Write, left: bytes) -> None:
    """A segment that lost its lines before they were taken in is named, and never purged as if it were empty."""
    path = write(journal.CALLBACKS, callback())
    path.write_bytes(left)
    aged(path, 200)
    assert list(ingest(settings).unreadable) == [path.name]
    assert purge.plan(settings, BEFORE).kept == {path.name: "not ingested"}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_the_old_goes(settings: config.Settings, old_and_new: dict[str, Path], packed: bool) -> None:
    """Old segments and their rows are gone, and the relations are those of a replay of what is left."""
    if packed:
        assert all(journal.compress(path) for path in old_and_new.values())
    plan = purge.plan(settings, BEFORE)
    assert sorted(map(journal.identity, plan.paths)) == sorted(
        p.name for n, p in old_and_new.items() if n.startswith("old")
    )
    purge.purge(settings, plan)
    assert rows(settings, "SELECT message_id FROM messages") == [("new",)]
    assert rows(settings, "SELECT gateway_message_id, message_id FROM dlrs ORDER BY 1") == [
        ("gw-new", "new"),
        ("gw-old", None),
    ]
    left = content(settings)
    settings.database.unlink()
    ingest(settings)
    assert content(settings) == left
    assert journal.verify(settings.journal_dir) == {}
    assert len(list(settings.journal_dir.iterdir())) == 6  # three segments and their seals
    assert purge.plan(settings, BEFORE).paths == ()


def test_what_is_needed_stays(settings: config.Settings, write: Write, old_and_new: dict[str, Path]) -> None:
    """Old, but not ingested or being written: kept, with the reason."""
    waiting = aged(write(journal.CALLBACKS, callback()), 200)
    with journal.Writer(settings.journal_dir, journal.CALLBACKS) as writer:
        writer.append([journal.line(callback())])
        assert writer.path is not None
        aged(writer.path, 200)
        plan = purge.plan(settings, BEFORE)
        assert plan.kept == {waiting.name: "not ingested", writer.path.name: "being written"}
    assert len(plan.paths) == 3


def test_what_is_not_relayed_stays(settings: config.Settings, old_and_new: dict[str, Path]) -> None:
    """While a relay has not sent all, nothing goes."""
    relaying = settings.model_copy(update={"relay_url": "http://127.0.0.1:9/x"})
    told = config.load(
        **{name: value for name, value in vars(relaying).items() if name in ("home", "relay_url")}
    )
    plan = purge.plan(told, BEFORE)
    assert plan.paths == ()
    assert {reason[:10] for reason in plan.kept.values()} == {"the relay "}


def test_a_damaged_rest_stops_it(settings: config.Settings, old_and_new: dict[str, Path]) -> None:
    """When what is left cannot be read whole, nothing is removed and the database stays as it was."""
    damaged = old_and_new["new callbacks"]
    damaged.write_bytes(damaged.read_bytes().replace(b"DELIVRD", b"UNDELIV"))
    aged(damaged, 10)
    before, names = content(settings), names_in(settings)
    with pytest.raises(JournalError, match=r"damaged: .*: nothing was removed"):
        purge.purge(settings, purge.plan(settings, BEFORE))
    assert (content(settings), names_in(settings)) == (
        before,
        names,
    )


def test_rows_without_their_segment_stop_it(settings: config.Settings, old_and_new: dict[str, Path]) -> None:
    """A segment that somebody took away would vanish from the database too: it is named instead."""
    old_and_new["new callbacks"].unlink()
    with pytest.raises(BadInput, match="no longer has, such as callbacks-"):
        purge.plan(settings, BEFORE)


AGES = {
    "days": ("90d", timedelta(days=90)),
    "hours": ("36h", timedelta(hours=36)),
    "weeks": ("2 w", timedelta(14)),
}


@pytest.mark.parametrize("text, expected", AGES.values(), ids=AGES)
def test_age(text: str, expected: timedelta) -> None:
    """An age is a number with its unit."""
    assert purge.age(text) == expected


@pytest.mark.parametrize("text", ["", "90", "d", "-3d", "1.5d", "9999999w", "90 days"])
def test_no_age(text: str) -> None:
    """Anything else is named with an example."""
    with pytest.raises(BadInput, match="such as 90d"):
        purge.age(text)


def whole(path: Path) -> bytes:
    """A segment's content."""
    return "".join(journal.read_chunk(path, 0).lines.to_pylist()).encode()


def purged(settings: config.Settings, *options: str) -> subprocess.CompletedProcess[str]:
    """Purge a home of what is older than 30 days, with nobody to ask."""
    return run(
        "purge", "--older-than", "30d", "--home", str(settings.home), *options, cwd=settings.home.parent
    )


def test_the_command_says_and_asks(settings: config.Settings, old_and_new: dict[str, Path]) -> None:
    """A dry run and a run without --yes remove nothing; --yes does."""
    said: dict[str, Any] = {name: purged(settings, *options) for name, options in {
        "dry": ["--dry-run"], "nobody to ask": [], "yes": ["--yes"]}.items()}  # fmt: skip
    assert [it.returncode for it in said.values()] == [0, 2, 0]
    assert "journal files" in said["dry"].stdout
    assert "--yes is missing" in said["nobody to ask"].stderr
    assert "removed" in said["yes"].stderr


def test_killed_it_loses_nothing_else(settings: config.Settings, old_and_new: dict[str, Path]) -> None:
    """After SIGKILL the new evidence is there, and the next purge ends what was begun."""
    new = {path.name: path.read_bytes() for name, path in old_and_new.items() if name.startswith("new")}
    command = [
        sys.executable,
        "-m",
        "rmanalytics",
        "purge",
        "--home",
        str(settings.home),
        "--older-than",
        "30d",
        "--yes",
    ]
    for path in old_and_new.values():  # the command's clock is the real one
        days = 60 if path.name not in new else 1
        os.utime(path, (time.time() - days * 86_400,) * 2)
    for after_s in (1.2, 1.8):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(after_s)
            process.send_signal(signal.SIGKILL)
    assert purged(settings, "--yes").returncode == 0
    left = [path for stream in journal.STREAMS for path in journal.segments(settings.journal_dir, stream)]
    assert {journal.identity(path): whole(path) for path in left} == new
    assert rows(settings, "SELECT message_id FROM messages") == [("new",)]
    assert not [path for path in settings.journal_dir.iterdir() if path.name.endswith(purge.ASIDE)]


def test_each_kind_of_import_has_an_age_or_none() -> None:
    """A new kind of import is decided about: what speaks of single people has an age, the rest is kept."""
    kept = {"templates", "clevertap-report", "clevertap-errors"}
    assert set(purge._IMPORTS) | kept == set(KINDS)
