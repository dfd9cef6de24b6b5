"""Facts for the checks of validate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rmanalytics.validate import Facts
from rmanalytics.validate.facts.model import (
    Became,
    Offset,
    Submitted,
)

AT = datetime(2026, 11, 24, 4, 50, tzinfo=UTC)


MASKED = "9198****0001"


def facts(**other: Any) -> Facts:
    """Facts of one message sent through Route Mobile."""
    given: dict[str, Any] = {
        "as_of": AT,
        "zone": ZoneInfo("Asia/Kolkata"),
        "gateway": "route_mobile",
        "batch_id": "b1",
    }
    return Facts(**(given | other))


def answered(result: str = "accepted", code: str | None = "1701", **other: Any) -> Submitted:
    """A submit response of one message."""
    given = {"result": result, "code": code, "http_status": 200, "at": AT, "msisdn": MASKED}
    return Submitted(**(given | other))


def became(state: str = "delivered", error_code: str | None = None, **other: Any) -> Became:
    """One message in a state."""
    given = {"header": "TESTSM", "template_id": "1107", "at": AT, "msisdn": MASKED}
    return Became(**(given | {"state": state, "error_code": error_code} | other))


def off(quarters: dict[int, int], median_min: int | None = None) -> dict[int, Offset]:
    """DLRs by how many minutes their times are off, in quarter hours; exactly so many, or `median_min`."""
    return {
        one: Offset(n=n, median_min=one if median_min is None else median_min) for one, n in quarters.items()
    }


def refused(code: str | None, **other: Any) -> Facts:
    """Facts of one message that was refused."""
    return facts(submitted=(answered("refused", code, **other),), became=(became("refused"),))


SENT = {"submitted": (answered(),), "became": (became("no_dlr"),)}


DONE = facts(submitted=(answered(),), became=(became(),), matched_by={"gateway_message_id": 1}, n_callbacks=1)


OVERDUE = facts(submitted=(answered(),), became=(became("no_dlr", n_overdue=1),))


NOTHING = facts()
