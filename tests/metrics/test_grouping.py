"""What metrics can be split by."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.evidence import at, dlr, fold, message

from rmanalytics import metrics
from rmanalytics.errors import BadInput

OPERATORS = {
    "Airtel Delhi": ("40410", "Airtel"),
    "Airtel Karnataka": ("40445", "Airtel"),
    "Vi, once Idea": ("40478", "Vi"),
    "Vi, once Vodafone": ("40411", "Vi"),
    "Jio": ("405854", "Jio"),
    "BSNL": ("40471", "BSNL"),
    "MTNL": ("40469", "MTNL"),
    "a code we have no name for stays": ("310260", "310260"),
}


def test_operator() -> None:
    """The operator comes from the code in the DLRs; nobody's is null and comes last."""
    messages = [message(f"m{i}") for i in range(len(OPERATORS) + 1)]
    dlrs = [dlr(message_id=f"m{i}", mcc_mnc=code) for i, (code, _) in enumerate(OPERATORS.values())]
    found = metrics.delivery(fold(messages, [], dlrs), by="operator")
    assert found["operator"].dropna().tolist() == sorted({name for _, name in OPERATORS.values()})
    assert found["operator"].isna().tolist() == [False] * (len(found) - 1) + [True]


def test_no_code_has_two_operators() -> None:
    """Each network code belongs to one operator."""
    codes = [code for codes in metrics.OPERATORS.values() for code in codes]
    assert len(codes) == len(set(codes))


TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2049, 12, 30)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001
ZONES = (
    "Asia/Kolkata",
    "UTC",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)


@settings(max_examples=5, deadline=None)
@given(st.lists(TIMES, min_size=1, max_size=200, unique=True), st.sampled_from(ZONES))
def test_hour_is_that_of_the_zone(times: list[datetime], zone: str) -> None:
    """The hour is what a clock in the display zone shows, summer time included, whatever the session's zone."""
    messages = [message(f"m{i}", planned_at=time) for i, time in enumerate(times)]
    later = datetime(2050, 1, 1, tzinfo=UTC)
    found = metrics.rates(fold(messages, as_of=later), by="hour", zone=zone)
    hours = [time.astimezone(ZoneInfo(zone)).hour for time in times]
    expected = {hour: hours.count(hour) for hour in sorted(set(hours))}
    assert dict(zip(found["hour"], found["n_submitted"], strict=True)) == expected


@pytest.mark.parametrize("second", [-1, 0, 3599, 3600])
def test_hour_around_a_change_of_the_clocks(second: int) -> None:
    """The second in which summer time begins or ends is met exactly."""
    for change in (datetime(2025, 3, 9, 7, tzinfo=UTC), datetime(2025, 11, 2, 6, tzinfo=UTC)):
        moment = datetime.fromtimestamp(change.timestamp() + second, UTC)
        found = metrics.rates(
            fold([message(planned_at=moment)], as_of=None), by="hour", zone="America/New_York"
        )
        assert found["hour"].tolist() == [moment.astimezone(ZoneInfo("America/New_York")).hour]


def test_combination() -> None:
    """Dimensions combine, in the order they were given."""
    messages = [message("m1"), message("m2", header="OTHER"), message("m3", planned_at=at(3 * 3600))]
    found = metrics.rates(fold(messages, as_of=at(86_400)), by=["header", "hour"])
    assert found[["header", "hour", "n_submitted"]].values.tolist() == [
        ["OTHER", 10, 1], ["TESTSM", 10, 1], ["TESTSM", 13, 1],
    ]  # fmt: skip


def test_unknown_dimension() -> None:
    """A dimension that does not exist is refused, with those that do."""
    with pytest.raises(
        BadInput, match="'sender' is not a dimension: use one of campaign_id, header, route, template_id"
    ):
        metrics.rates(fold(), by=["sender"])


def test_unknown_zone() -> None:
    """A zone that does not exist is refused."""
    with pytest.raises(BadInput, match="'Asia/Calicut' is not a time zone"):
        metrics.rates(fold(), by="hour", zone="Asia/Calicut")
