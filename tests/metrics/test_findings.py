"""Findings: each kind of change is found where it is and named for what it is, and nothing is where nothing changed."""

from __future__ import annotations

import pandas as pd
import pytest
from support import cubes
from support.cubes import TODAY, Odds

from rmanalytics.metrics.findings import Findings, Worsening, WorseningKind
from rmanalytics.models import Party


def today(where: dict[str, str], **by: float) -> cubes.Plant:
    """More of an end today, in a group."""
    return since(0, where, **by)


def since(first: int, where: dict[str, str], **by: float) -> cubes.Plant:
    """More of an end from so many days ago on, in a group."""

    def plant(back: int, group: dict[str, str], odds: Odds) -> Odds:
        is_hit = back <= first and all(group[name] == value for name, value in where.items())
        return odds.more(**by) if is_hit else odds

    return plant


def slower(where: dict[str, str], times: float, first: int = 0) -> cubes.Plant:
    """Delivery that takes so many times as long."""

    def plant(back: int, group: dict[str, str], odds: Odds) -> Odds:
        is_hit = back <= first and all(group[name] == value for name, value in where.items())
        return Odds(median_s=odds.median_s * times) if is_hit else odds

    return plant


def dearer(where: dict[str, str], price: float) -> cubes.Plant:
    """Messages that cost more today."""

    def plant(back: int, group: dict[str, str], odds: Odds) -> Odds:
        is_hit = back == 0 and all(group[name] == value for name, value in where.items())
        return Odds(price=price) if is_hit else odds

    return plant


KINDS = {
    "an operator fails": (today({"operator": "Vi"}, c34=0.3), WorseningKind.DROP, {"operator": "Vi"}, "34"),
    "a campaign fails": (
        today({"campaign_id": "sale"}, c27=0.2),
        WorseningKind.DROP,
        {"campaign_id": "sale"},
        "27",
    ),
    "a campaign fails with one operator": (
        today({"campaign_id": "otp", "operator": "Jio"}, c27=0.4),
        WorseningKind.DROP,
        {"operator": "Jio", "campaign_id": "otp"},
        "27",
    ),
    "everything fails": (today({}, c27=0.1), WorseningKind.DROP, {}, "27"),
    "a route fails by five points": (
        today({"route": "domestic"}, c27=0.02, c1=0.02, c205=0.02),
        WorseningKind.ROUTE,
        {"route": "domestic"},
        None,
    ),
    "a rare code rises": (today({}, c99=0.012), WorseningKind.CODE, {}, "99"),
    "a template is rejected": (
        today({"template_id": "t2"}, c633=0.5),
        WorseningKind.MISMATCH,
        {"template_id": "t2"},
        "633",
    ),
    "refused at once": (today({}, refused=0.06), WorseningKind.REFUSED, {}, "1032"),
    "a header is refused": (
        today({"header": "HEAD-B"}, refused=0.5),
        WorseningKind.REFUSED,
        {"campaign_id": "sale"},
        "1032",
    ),
    "DLRs are lost": (today({}, no_dlr=0.2), WorseningKind.LOST_DLRS, {}, ""),
    "the queue stands": (
        today({"operator": "BSNL"}, queued=0.3),
        WorseningKind.QUEUE,
        {"operator": "BSNL"},
        "",
    ),
    "an operator is slower": (slower({"operator": "Vi"}, 3), WorseningKind.SLOWER, {"operator": "Vi"}, ""),
    "a campaign is dearer": (
        dearer({"campaign_id": "sale"}, 0.24),
        WorseningKind.COST,
        {"campaign_id": "sale"},
        "",
    ),
}


@pytest.mark.parametrize("plant, kind, where, code", KINDS.values(), ids=KINDS)
def test_kind(plant: cubes.Plant, kind: WorseningKind, where: dict[str, str], code: str | None) -> None:
    """What is planted is the only finding, of its kind, in the smallest group that explains it, since today."""
    (one,) = cubes.found(cubes.drawn(3, plant)).found
    assert (one.kind, one.where, one.since) == (kind, where, TODAY)
    assert code is None or one.code == code
    assert one.hours is None
    assert one.low < one.now - one.before < one.high or one.low < one.now / one.before < one.high


SINCE = {
    "since today": 0,
    "for three days": 2,
    "for eight days, one of them the same weekday": 7,
    "for eleven days": 10,
}


@pytest.mark.parametrize("first", SINCE.values(), ids=SINCE)
def test_since(first: int) -> None:
    """What goes on is told until it is old, with the day on which it began."""
    plant = since(first, {"template_id": "t2"}, c633=0.6)
    slow = slower({"operator": "Vi"}, 8, first)
    for cube, kind in (
        (cubes.drawn(4, plant), WorseningKind.MISMATCH),
        (cubes.drawn(4, slow), WorseningKind.SLOWER),
    ):
        (one,) = cubes.found(cube).found
        assert (one.kind, (TODAY - one.since).days) == (kind, first)


def test_hours() -> None:
    """What went wrong for some hours of a day is dated to them."""
    (one,) = cubes.found(cubes.drawn(3, today({"hour": "15"}, refused=0.7))).found
    assert (one.kind, one.hours) == (WorseningKind.REFUSED, (15, 16))


def test_a_week() -> None:
    """A week is judged as a whole against the 28 days before it, and the change is dated within it."""
    plant = since(3, {"operator": "Vi"}, c34=0.2)
    (one,) = cubes.found(cubes.drawn(11, plant, n_judged=7)).found
    assert (one.where, (TODAY - one.since).days, one.n_days > 7) == ({"operator": "Vi"}, 3, True)
    assert cubes.found(cubes.drawn(12, n_judged=7)).found == []


def test_two_at_once() -> None:
    """Two changes are two findings, each in its own group, the one that lost more messages first."""

    def plant(back: int, group: dict[str, str], odds: Odds) -> Odds:
        odds = today({"operator": "Airtel"}, c34=0.4)(back, group, odds)
        return today({"campaign_id": "abroad"}, c27=0.4)(back, group, odds)

    first, second = cubes.found(cubes.drawn(5, plant)).found
    assert (first.where, second.where) == ({"operator": "Airtel"}, {"route": "international"})
    assert first.n_lost > second.n_lost > 0


def test_better_is_no_finding() -> None:
    """What got better is not told of: it needs no one."""

    def plant(back: int, _group: dict[str, str], odds: Odds) -> Odds:
        return odds if back else Odds(codes={}, refused=0, no_dlr=0, queued=0, median_s=1)

    assert cubes.found(cubes.drawn(6, plant)).found == []


def test_a_bad_day_before_hides_nothing() -> None:
    """A day last week on which all failed is no yardstick: today's change is found as without it."""

    def plant(back: int, group: dict[str, str], odds: Odds) -> Odds:
        odds = odds.more(c34=0.6) if back == 7 else odds
        return today({"operator": "Jio"}, c34=0.15)(back, group, odds)

    (one,) = cubes.found(cubes.drawn(7, plant)).found
    assert (one.kind, one.where, one.n_days) == (WorseningKind.DROP, {"operator": "Jio"}, 3)


DAYS = {"none": (0, False), "four": (4, False), "five": (5, True)}


@pytest.mark.parametrize("n, is_judged", DAYS.values(), ids=DAYS)
def test_history(n: int, is_judged: bool) -> None:
    """With fewer than five days before nothing is judged, whatever today looks like."""
    found = cubes.found(cubes.drawn(8, today({}, c34=0.5), n_days=n))
    assert (found.is_judged, bool(found.found), found.n_before) == (is_judged, is_judged, n)


def test_young_messages_do_not_count() -> None:
    """Messages that are too young to be judged are in no finding; they are counted apart."""
    cube = cubes.drawn(9, today({}, no_dlr=0.5))
    is_open = (cube.rows["place"] == 28) & (cube.rows["state"] == "no_dlr")
    rows = cube.rows.assign(n=cube.rows["n"].where(~is_open, 0), n_young=cube.rows["n"].where(is_open, 0.0))
    found = cubes.found(type(cube)(days=cube.days, rows=rows))
    assert found.found == []
    assert found.n_young > 100


WORLDS = {
    "days that differ": {},
    "few messages": {"per_day": 250},
    "many messages, more wobble, weekends apart": {"per_day": 6000, "wobble": 0.01, "weekend": 0.02},
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_false_findings(world: dict[str, float]) -> None:
    """Where nothing changed at most one page in twenty has a finding: of 25 pages, at most three (p < 0.03)."""
    pages = [cubes.found(cubes.drawn(1000 + seed, **world)) for seed in range(25)]  # type: ignore[arg-type]
    assert sum(bool(page.found) for page in pages) <= 3
    assert all(page.is_judged and page.n_tests > 30 for page in pages)


def test_json_and_back() -> None:
    """Findings survive JSON whole: reports hand them from process to process."""
    found = cubes.found(cubes.drawn(3, today({"operator": "Vi"}, c34=0.3)))
    assert Findings.from_dict(found.as_dict()) == found
    assert isinstance(found.found[0], Worsening)
    assert found.found[0].party is Party.NUMBER


def test_no_messages() -> None:
    """A cube without a row is not judged."""
    empty = pd.DataFrame(columns=cubes.drawn(1, per_day=10).rows.columns)
    found = cubes.found(type(cubes.drawn(1, per_day=10))(days=cubes.drawn(1, per_day=10).days, rows=empty))
    assert (found.is_judged, found.found) == (False, [])
