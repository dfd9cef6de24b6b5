"""One screen that says how it stands, whatever the campaigns are called."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from support.records import answer, attempt, callback, message

import rmanalytics as rm
from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest
from rmanalytics.status import status

LONG = "diwali-2026-" + "x" * 300


def test_a_long_campaign_id_leaves_room(settings: config.Settings, write: Callable[..., Path]) -> None:
    """A long id is cut so that its numbers stay on the screen; data keep it whole."""
    write(journal.MESSAGES, message("m1", campaign_id=LONG), message("m2"))
    ingest(settings)
    taken = status(settings)
    console = Console(width=80, record=True, file=StringIO())
    console.print(taken.screen())
    rows = [line.split() for line in console.export_text().splitlines() if "diwali" in line]
    (row,) = rows
    assert (row[0][:10], "…" in row[0], row[-3:]) == ("diwali-202", True, ["1", "1", "—"])
    assert LONG in str(taken.as_dict())


ALIKE = {
    "the end differs": [f"{LONG}-north", f"{LONG}-south"],
    "the middle differs": [
        f"diwali-{'x' * 60}-{side}-{'x' * 60}-2026" for side in ("north", "south", "east")
    ],
    "the beginning differs": [f"north-{'x' * 80}", f"south-{'x' * 80}"],
}


@pytest.mark.parametrize("names", ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize("width", [80, 120])
def test_long_campaign_ids_can_be_told_apart(
    settings: config.Settings, write: Callable[..., Path], names: list[str], width: int
) -> None:
    """Two long ids never look the same, wherever they differ, with columns for all states."""
    write(
        journal.MESSAGES,
        *(message(f"m{n}-{k}", campaign_id=name) for n, name in enumerate(names) for k in range(4)),
    )
    write(
        journal.SUBMISSIONS,
        *(attempt(f"a{n}", *(f"m{n}-{k}" for k in range(3))) for n in range(len(names))),
        *(answer(f"a{n}", **{f"m{n}-{k}": f"gw-{n}-{k}" for k in range(3)}) for n in range(len(names))),
    )
    words = ("DELIVRD", "UNDELIV", "NEWWORD")
    write(
        journal.CALLBACKS,
        *(
            callback(sMessageId=f"gw-{n}-{k}", sStatus=word)
            for n in range(len(names))
            for k, word in enumerate(words)
        ),
    )
    ingest(settings)
    console = Console(width=width, record=True, file=StringIO())
    console.print(status(settings).screen())
    found = [line.split()[0] for line in console.export_text().splitlines() if "…" in line]
    assert len({*found}) == len(found) == len(names)


def test_times_that_could_not_be_read(settings: config.Settings, write: Callable[..., Path]) -> None:
    """DLRs with such a time are counted, on the screen and in JSON; without any the screen says nothing of it."""
    write(journal.CALLBACKS, callback(dtDone="yesterday"), callback(dtDone="2025-01-15 10:20:36"))
    ingest(settings)
    taken = status(settings)
    assert (taken.as_dict()["n_dlrs"], taken.as_dict()["n_times_unread"]) == (2, 1)
    console = Console(width=80, record=True, file=StringIO())
    console.print(taken.screen())
    assert "1 with an unreadable time." in " ".join(console.export_text().split())


def test_counts_as_the_metrics_do(settings: config.Settings, write: Callable[..., Path]) -> None:
    """Counts, rates, intervals and residuals, which status asks in SQL, are those of `rm.metrics`."""
    write(
        journal.MESSAGES, *(message(f"m{n}", campaign_id=f"c{n % 3}" if n % 4 else None) for n in range(12))
    )
    write(journal.SUBMISSIONS, attempt("a1", "m1", "m2", "m3"), answer("a1", m1="gw-1", m2="gw-2"))
    write(journal.CALLBACKS, callback(), callback(sMobileNo="919800000009", sMessageId="gw-9"))
    ingest(settings)
    taken = status(settings)
    with rm.connect(settings.home) as store:
        outcomes = store.outcomes()
        rates = rm.metrics.rates(outcomes, by=("campaign_id", "gateway"))
        accounting = rm.metrics.accounting(outcomes)
    told = pd.DataFrame(taken.campaigns).astype(rates.dtypes.to_dict())
    pd.testing.assert_frame_equal(told, rates)
    assert [taken.accounting] == accounting.to_dict("records")


def test_times_that_cannot_be_right(settings: config.Settings, write: Callable[..., Path]) -> None:
    """DLRs done before they were submitted, or dated years ahead, are counted; clocks that differ are not."""
    at = "2025-01-15 10:20:"
    times = [(f"{at}30", f"{at}36"), (f"{at}30", "2025-01-15 10:10:00"), (f"{at}30", "2025-01-15 09:20:36")]
    write(
        journal.CALLBACKS,
        *(
            callback(dtSubmit=submitted, dtDone=done)
            for submitted, done in [*times, (f"{at}30", "2099-01-15 10:20:36")]
        ),
    )
    ingest(settings)
    taken = status(settings)
    assert (taken.n_dlrs, taken.n_times_impossible) == (4, 2)
    console = Console(width=80, record=True, file=StringIO())
    console.print(taken.screen())
    assert "2 with an impossible time." in " ".join(console.export_text().split())


def test_an_odd_word_stays_one_word(settings: config.Settings, write: Callable[..., Path]) -> None:
    """A status word of any length with line ends in it neither floods the screen nor writes lines of its own."""
    words = ("A" * 90_000, "X 1: nothing.\nDLRs 2, matched by: nobody")
    write(journal.CALLBACKS, *(callback(sMessageId=f"gw{n}", sStatus=word) for n, word in enumerate(words)))
    ingest(settings)
    console = Console(width=200, record=True, file=StringIO())
    console.print(status(settings).screen())
    text = console.export_text()
    assert len(text) < 5_000
    assert f"{'A' * 60}\u2026 1" in text
    assert [line for line in text.splitlines() if line.startswith("DLRs 2, matched by: nobody")] == []
