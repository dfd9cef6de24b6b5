"""The past of the demo: the same for a seed and a day, written once, and what is planted in it is found in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.command import run

from rmanalytics import config, journal
from rmanalytics.demo.events import EVENTS, Effect, PlantedEvent
from rmanalytics.demo.history import N_DAYS, write_history
from rmanalytics.demo.loop import TEMPLATES
from rmanalytics.imports import bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.metrics.findings import Findings, Worsening, WorseningKind
from rmanalytics.notebook import select
from rmanalytics.notebook.sections import findings

TODAY = date(2026, 6, 15)
ZONE = ZoneInfo("Asia/Kolkata")
KINDS = {
    Effect.LOSES_DLRS: {WorseningKind.LOST_DLRS},
    Effect.REFUSES: {WorseningKind.REFUSED},
    Effect.SLOWS: {WorseningKind.SLOWER},
    Effect.MISMATCHES: {WorseningKind.MISMATCH},
    Effect.FAILS: {WorseningKind.DROP, WorseningKind.ROUTE, WorseningKind.CODE},
}


def written(directory: Path, seed: int) -> int:
    """Write the past of a seed."""
    return write_history(directory, seed=seed, today=TODAY, zone=ZONE, gateway_zone=ZONE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with nothing but the past."""
    settings = config.load(home=tmp_path_factory.mktemp("past"), gateway="simulator")
    bring_in(settings, "templates", TEMPLATES)
    assert N_DAYS * 900 < written(settings.journal_dir, 1) < N_DAYS * 1500
    ingest(settings)
    yield settings.home


def on(home: Path, days_back: int) -> Findings:
    """What a report about that day finds."""
    day = (TODAY - timedelta(days=days_back)).isoformat()
    return select(home=home, since=day, until=day).findings


def is_of(one: Worsening, event: PlantedEvent) -> bool:
    """Whether a finding is about an event: its kind and its group, since its first day."""
    back = (TODAY - one.since).days
    return one.kind in KINDS[event.effect] and one.where == event.where and back == event.first


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_each_event_is_found_on_its_day(home: Path, event: PlantedEvent) -> None:
    """The day on which it begins has it in words, with its group, its hours and its code; nothing else is told of."""
    found = on(home, event.first)
    (one,) = [one for one in found.found if is_of(one, event)]
    assert [
        each for each in found.found if not any(is_of(each, known) for known in going_on(event.first))
    ] == []
    if event.hours != (0, 24):
        assert one.hours == event.hours
    said = findings.sentence(one, TODAY - timedelta(days=event.first))
    assert f"{TODAY - timedelta(days=event.first):%b}" in said
    assert all(value in said for value in (*event.where.values(), event.code))


def going_on(days_back: int) -> list[PlantedEvent]:
    """The events that go on on that day."""
    return [event for event in EVENTS if event.is_on(days_back)]


@pytest.mark.parametrize("days_back", [24, 19, 15, 12])
def test_quiet_days(home: Path, days_back: int) -> None:
    """A day on which nothing is planted has no finding, and says what was checked."""
    found = on(home, days_back)
    assert going_on(days_back) == []
    assert found.found == []
    assert "No findings" in findings.summary(found)


@pytest.mark.parametrize("days_back", [1, 2, 6])
def test_what_goes_on_is_still_told(home: Path, days_back: int) -> None:
    """Days later each event that goes on is still there with its first day, and nothing else is."""
    found = on(home, days_back).found
    assert {event.name for event in going_on(days_back) for one in found if is_of(one, event)} == {
        event.name for event in going_on(days_back)
    }
    assert len(found) == len(going_on(days_back))


def test_the_first_days_have_nothing_before(home: Path) -> None:
    """The first day of all says that there is nothing to compare it with."""
    found = on(home, N_DAYS)
    assert not found.is_judged
    assert "Nothing to compare with" in findings.summary(found)


def test_same_seed_same_past(tmp_path: Path) -> None:
    """The same seed on the same day writes the same bytes, another seed others; it is written once only."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert written(tmp_path / name, seed) > 0
        assert written(tmp_path / name, seed) == 0
    for stream in journal.STREAMS:
        a, b, c = (journal.segments(tmp_path / name, stream)[0] for name in "abc")
        assert a.read_bytes() == b.read_bytes() != c.read_bytes()
        assert journal.fault_of(a) is None


def test_a_report_fails_on_findings(home: Path, tmp_path: Path) -> None:
    """`--fail-if findings` is 1 on a day with findings, which page and numbers name, and 0 on a quiet one."""
    for days_back, code in ((1, 1), (15, 0)):
        day = (TODAY - timedelta(days=days_back)).isoformat()
        asked = (
            "report",
            "overview",
            "--home",
            str(home),
            "--since",
            day,
            "--until",
            day,
            "--out",
            str(tmp_path),
        )
        done = run(*asked, "--fail-if", "findings", cwd=tmp_path)
        assert done.returncode == code, done.stderr
        numbers = json.loads((tmp_path / "overview--all-campaigns.metrics.json").read_text())["numbers"]
        page = (tmp_path / "overview--all-campaigns.html").read_text(encoding="utf-8")
        said = [one["says"] for one in numbers["findings"]["found"]]
        assert (len(said), page.count('<li class="finding">')) == (numbers["findings"]["n"],) * 2
        assert any("Jio" in one for one in said) == bool(code)
    assert "No findings" in page


def test_status_says_it(home: Path, tmp_path: Path) -> None:
    """`status` repeats what the last overview found, on the screen and as JSON; without one it says nothing."""
    asked = ("--home", str(home))
    assert json.loads(run("status", *asked, "--json", cwd=tmp_path).stdout)["findings"] is None
    assert run("report", "overview", *asked, cwd=tmp_path).returncode == 0
    known = json.loads(run("status", *asked, "--json", cwd=tmp_path).stdout)["findings"]
    assert known["last_day"] == (TODAY - timedelta(days=1)).isoformat()
    shown = " ".join(run("status", *asked, cwd=tmp_path).stdout.split())
    assert len(known["found"]) == len(going_on(1))
    assert all(" ".join(one["says"].split()) in shown for one in known["found"])
