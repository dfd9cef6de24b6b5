"""The collector's line per request: whose callback it was, with the number masked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rmanalytics import gateways
from rmanalytics.collect.access_log import entry
from rmanalytics.collect.routes import DURABLE

AT = datetime(2025, 1, 15, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(gateways.callback_names("msisdn")))
def test_every_name_of_a_number(name: str) -> None:
    """Whatever a gateway calls the number, the line has it, masked."""
    line = entry(AT, "192.0.2.7:5", "GET", "any", DURABLE, f"sStatus=DELIVRD&{name}=%2B919812340001")
    assert line == "2025-01-15T10:20:30.000Z 192.0.2.7:5 GET any 9198****0001 200"


def test_other_fields_are_no_number() -> None:
    """A field whose name only ends like one of a number is not taken for it."""
    line = entry(AT, "192.0.2.7:5", "GET", "any", DURABLE, "sent_to=919812340001&tomato=1")
    assert " - 200" in line
