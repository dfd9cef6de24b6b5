"""Callbacks meant to be too much: all are stored, none stops those behind it, and none is misread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.database import rows
from support.hostile import BODIES, hostile
from support.records import callback

from rmanalytics import config, gateways, journal
from rmanalytics.callbacks import reader
from rmanalytics.callbacks.unwrap import MOST_OF_LIST, MOST_PARTS, too_many
from rmanalytics.ingest.run import ingest

Write = Callable[..., Path]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_good_ones_are_ingested_beside_it(settings: config.Settings, write: Write, body: str) -> None:
    """Each hostile body is kept word for word, and the DLRs before and behind it are there."""
    good = [callback("POST", sMessageId=f"g{n}", sStatus="DELIVRD") for n in range(6)]
    spoilt = [hostile(body, n) for n in range(3)]
    write(journal.CALLBACKS, *good[:3], *spoilt, *good[3:])
    done = ingest(settings)
    assert done.n_callbacks == 9
    found = rows(
        settings, "SELECT gateway_message_id FROM dlrs WHERE gateway_message_id LIKE 'g%' ORDER BY ALL"
    )
    assert found == [(f"g{n}",) for n in range(6)]
    assert rows(settings, "SELECT count(*) FROM dlrs WHERE callback_id LIKE 'hostile%'")[0][0] <= 3
    assert rows(settings, "SELECT DISTINCT body FROM callbacks WHERE callback_id LIKE 'hostile%'") == [
        (spoilt[0]["body"],)
    ]


def test_slices_give_the_same(
    settings: config.Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small a slice is, the DLRs are those of one."""
    write(journal.CALLBACKS, *(callback("POST", sMessageId=f"g{n}", sStatus="DELIVRD") for n in range(50)))
    monkeypatch.setattr(reader, "SLICE_PARTS", 7)
    ingest(settings)
    assert rows(settings, "SELECT count(*), count(DISTINCT gateway_message_id) FROM dlrs") == [(50, 50)]


class _Fragile:
    """A reader that fails on every relation in which the callback `bad` is."""

    def dlrs(self) -> str:
        """Return what Route Mobile's reader finds, or fail."""
        broken = "CASE WHEN callback_id = 'hostile0' THEN error('too much') ELSE callback_id END"
        query = gateways.reader("route_mobile", config.load()).dlrs()
        return f"WITH callbacks AS (SELECT * REPLACE ({broken} AS callback_id) FROM callbacks) FROM ({query})"


def test_a_slice_that_fails_is_halved(
    settings: config.Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One callback that makes its slice fail costs only itself: it is kept, and counted as not parsed."""
    good = [callback("POST", sMessageId=f"g{n}", sStatus="DELIVRD") for n in range(20)]
    write(journal.CALLBACKS, *good[:7], hostile("a=b", 0), *good[7:])
    monkeypatch.setitem(gateways.READERS, good[0]["gateway"], lambda _settings: _Fragile())
    done = ingest(settings)
    assert (done.n_callbacks, done.n_dlrs, done.n_unparsed) == (21, 20, 1)
    assert rows(settings, "SELECT unread_reason FROM callbacks WHERE n_dlrs = 0") == [
        ("could not be translated: Invalid Input Error: too much",)
    ]


_FEW_PARTS = ("quotes", "80,000 keys", "values encoded many times")
LARGE = [name for name, body in BODIES.items() if len(body) > 500_000 and name not in _FEW_PARTS]


@pytest.mark.parametrize("name", LARGE)
def test_what_may_expand_is_counted(settings: config.Settings, write: Write, name: str) -> None:
    """However it is dressed, a body that may come to more than the limit is counted as such, and left unread."""
    write(journal.CALLBACKS, hostile(BODIES[name], 0))
    assert ingest(settings).n_unparsed == 1
    [(reason,)] = rows(settings, "SELECT unread_reason FROM callbacks")
    assert reason in (too_many(MOST_PARTS), too_many(MOST_OF_LIST))
