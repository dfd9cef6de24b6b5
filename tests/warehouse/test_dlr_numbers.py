"""DLRs about another number than their message's: every page that counts them counts the same ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.records import answer, attempt, callback, message

from rmanalytics import config, journal, notebook
from rmanalytics.ingest.run import ingest
from rmanalytics.status import status
from rmanalytics.validate.facts.chosen import Scope
from rmanalytics.validate.facts.database import gather

NUMBERS = {
    "the message's": ("919800000001", 0),
    "with a plus": ("+919800000001", 0),
    "without the country code": ("9800000001", 0),
    "with a zero": ("09800000001", 0),
    "somebody else's": ("919800000002", 1),
    "somebody else's, in another country": ("449800000002", 1),
    "none": ("", 0),
}


@pytest.mark.parametrize("number, n", NUMBERS.values(), ids=NUMBERS)
def test_other_numbers(settings: config.Settings, write: Callable[..., Path], number: str, n: int) -> None:
    """`status`, the page about data quality and `validate` find the same DLRs, and say so."""
    write(journal.MESSAGES, message("m1"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    write(journal.CALLBACKS, callback(sMobileNo=number))
    ingest(settings)
    taken = status(settings)
    chosen = notebook.select(home=str(settings.home))
    strays = gather(settings.home, settings, Scope()).strays
    assert (taken.n_other_numbers, int(chosen.matches["n_other_numbers"].sum())) == (n, n)
    assert sum(one.n for one in strays) == n
