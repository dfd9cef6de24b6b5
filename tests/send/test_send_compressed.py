"""What was attempted is known also when the journal's segments are compressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.records import answer, attempt, message

from rmanalytics import config, journal
from rmanalytics.send import attempts, batch, batch_file
from rmanalytics.send.rows import Defaults


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_the_ledger_reads_both_forms(
    settings: config.Settings, write: Callable[..., Path], packed: bool
) -> None:
    """Of three messages one was accepted, one has no answer, one was never attempted: only that one is left."""
    file = settings.home.parent / "batch.csv"
    rows = (f"919800000001,hello,camp42,{name},1107000000000000001" for name in ("m1", "m2", "m3"))
    file.write_text("msisdn,body,campaign_id,message_id,template_id\n" + "\n".join(rows) + "\n")
    write(journal.MESSAGES, message("m1"), message("m2"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    write(journal.SUBMISSIONS, attempt("a2", "m2"))
    if packed:
        for stream in (journal.MESSAGES, journal.SUBMISSIONS):
            for path in journal.segments(settings.journal_dir, stream):
                assert journal.compress(path)
    opened = batch_file.open_source(file)
    with batch.read(
        opened,
        Defaults(header="TESTSM", entity_id="1101000000000000001"),
        settings.home,
    ) as taken:
        found = attempts.consult(taken, attempts.indexed(settings.journal_dir), "simulator")
    assert (dict(found.attempted), len(found.done)) == ({"accepted": 1, "unclear": 1}, 2)
