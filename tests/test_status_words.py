"""A user's own status words: read once, and what every reader of DLRs takes them for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.records import callback, raw_callback

import rmanalytics as rm
from rmanalytics import config, journal, notebook, status_words
from rmanalytics.errors import BadInput
from rmanalytics.imports import Options, bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.metrics import dlr_quality
from rmanalytics.notebook.sections import dlr_quality as sections
from rmanalytics.relay.translate import Translator
from rmanalytics.status import status

Write = Callable[..., Path]

OWN = (
    "word,status,gateway\nDeferred,queued,\nhandset_ok,delivered,\nEXPIRED,unknown,\nDELIVRD,failed,kannel\n"
)
WORDS = {
    "a new word, in any case": ("route_mobile", "deferred", "queued"),
    "a new word that is final": ("simulator", "HANDSET_OK", "delivered"),
    "one that is in a table": ("route_mobile", "EXPIRED", "unknown"),
    "of another gateway only": ("route_mobile", "DELIVRD", "delivered"),
    "still unknown": ("route_mobile", "PARKED", "unknown"),
}


@pytest.fixture
def own(settings: config.Settings, tmp_path: Path) -> config.Settings:
    """The settings with a table of words."""
    path = tmp_path / "words.csv"
    path.write_text(OWN)
    return settings.model_copy(update={"status_words": path})


def statuses(settings: config.Settings) -> list[Any]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute("SELECT gateway, raw_status, status FROM dlrs").fetchall()


@pytest.mark.parametrize("gateway, word, status", WORDS.values(), ids=WORDS)
def test_callbacks(own: config.Settings, write: Write, gateway: str, word: str, status: str) -> None:
    """A callback's word means what the user says, else what the gateway's table says."""
    write(journal.CALLBACKS, callback(sMessageId="gm1", sStatus=word) | {"gateway": gateway})
    ingest(own)
    assert statuses(own) == [(gateway, word, status)]


NEIGHBOURS = {
    "gupshup": ("externalId=1&phoneNo=919800000001&status=handset_ok", "delivered"),
    "kannel": ("id=1&status=DELIVRD", "failed"),
    "clevertap_shaped": ('[{"event":"handset_ok","data":[{"ts":1736312440,"meta":"m1"}]}]', "delivered"),
}


@pytest.mark.parametrize("gateway", NEIGHBOURS)
def test_every_reader(own: config.Settings, write: Write, gateway: str) -> None:
    """Whoever calls back, the user's words count."""
    text, status = NEIGHBOURS[gateway]
    write(journal.CALLBACKS, raw_callback(gateway=gateway, method="POST", body=text))
    ingest(own)
    assert [found for _, _, found in statuses(own)] == [status]


@pytest.mark.parametrize("gateway, word, status", WORDS.values(), ids=WORDS)
def test_imports(own: config.Settings, tmp_path: Path, gateway: str, word: str, status: str) -> None:
    """An import's word means the same as a callback's."""
    path = tmp_path / "export.csv"
    path.write_text(f"sMessageId,sStatus\ngm1,{word}\n")
    bring_in(own, "dlrs", path, options=Options(gateway=gateway))
    assert statuses(own) == [(gateway, word, status)]


def test_relay(own: config.Settings, write: Write) -> None:
    """CleverTap is given the user's meaning of a word."""
    relaying = own.model_copy(update={"relay_meta_pattern": ".+"})
    path = write(
        journal.CALLBACKS, callback(sMessageId="gm1", sStatus="HANDSET_OK") | {"gateway": "route_mobile"}
    )
    events, _ = Translator(relaying).events(journal.read_chunk(path, 0, 1 << 20))
    assert [event.event for event in events] == ["delivered"]


BAD = {
    "no such status": (
        "word,status\nX,sent\n",
        r"line 2: status 'sent': write delivered, failed, queued, unknown",
    ),
    "no word": ("word,status\n,queued\n", r"line 2: word is empty: give it a value, or remove the line"),
    "a word made decimal": (
        "word,status\n2.0,delivered\n",
        r"line 2: word 2\.0 is written as a decimal number",
    ),
    "only the column names": ("word,status\n", r"words\.csv: has no rows: add one below the column names"),
    "a word twice, in another case": (
        "word,status,gateway\nX,queued,\nX,failed,kannel\nx,failed,\n",
        r"line 4: word X is already on line 2: remove one of them",
    ),
    "no such gateway": (
        "word,status,gateway\nX,queued,acme\n",
        r"line 2: gateway 'acme': write one of route_mobile",
    ),
    "no column": ("word,meaning\nX,queued\n", r"line 1: no column status"),
}


@pytest.mark.parametrize("text, reason", BAD.values(), ids=BAD)
def test_bad_rows(settings: config.Settings, tmp_path: Path, write: Write, text: str, reason: str) -> None:
    """A wrong table is named with setting, line and fix, before anything is ingested, relayed or imported."""
    path = tmp_path / "words.csv"
    path.write_text(text)
    wrong = settings.model_copy(update={"status_words": path})
    write(journal.CALLBACKS, callback())
    for use in (ingest, Translator, lambda one: bring_in(one, "dlrs", tmp_path / "none.csv")):
        with pytest.raises(BadInput, match=reason) as caught:
            use(wrong)
        assert str(caught.value).startswith(f"{status_words.SETTING}: {path}")
    assert not settings.database.exists()


def test_advice(settings: config.Settings, write: Write) -> None:
    """Wherever an unknown word is shown, the setting that explains it is named."""
    write(journal.CALLBACKS, callback(sStatus="PARKED"))
    ingest(settings)
    found = status(settings)
    assert found.unknown_words == {"PARKED": 1}
    with rm.connect(settings.home) as store:
        words = dlr_quality.unknown_words(store.table("dlrs"))
        codes = dlr_quality.unknown_codes(store.table("dlrs"))
    assert status_words.SETTING in sections.unrecognised(words, codes)
    assert "route_mobile.py" not in status_words.advice() and status_words.SETTING in status_words.advice()
    assert notebook.select(home=settings.home).n_messages == 1
