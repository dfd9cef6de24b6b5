"""A callback whose number is written oddly is about that number's message, or nobody's: never another's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.records import answer, attempt, message, raw_callback

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

WRITTEN = {
    "pandas": ("919800000001.0", ["m1"]),
    "an exponent": ("9.198E%2B11", []),
    "a slash": ("919800000001/0", []),
    "two numbers": ("919800000001;918000000010", []),
}


@pytest.mark.parametrize("number, failed", WRITTEN.values(), ids=WRITTEN)
def test_another_number_is_not_marked_failed(
    settings: config.Settings, write: Callable[..., Path], number: str, failed: list[str]
) -> None:
    """Only the message to the number that the callback writes fails."""
    numbers = {"m1": "919800000001", "m2": "918000000010"}
    write(journal.MESSAGES, *(message(name, msisdn=to, header="ACMEBK") for name, to in numbers.items()))
    write(journal.SUBMISSIONS, attempt("a1", *numbers), answer("a1", m1="gw-1", m2="gw-2"))
    write(journal.CALLBACKS, raw_callback(query=f"sMobileNo={number}&sSender=ACMEBK&sStatus=UNDELIV"))
    ingest(settings)
    with duckdb.connect(settings.database, read_only=True) as connection:
        found = connection.execute("SELECT message_id FROM dlrs WHERE message_id IS NOT NULL").fetchall()
    assert [name for (name,) in found] == failed
