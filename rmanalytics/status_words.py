"""DLRs with a user's own status words, laid over what the gateways' tables say.

Not in `gateways`, which do no I/O, and which the collector imports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from rmanalytics import gateways
from rmanalytics.config import PREFIX, Settings
from rmanalytics.errors import BadInput
from rmanalytics.models import Status
from rmanalytics.support.ids import why_number
from rmanalytics.support.literal import quoted
from rmanalytics.support.tables import read_rows, refuse_twice

SETTING = f"{PREFIX}STATUS_WORDS"
COLUMNS = ("word", "status", "gateway")

UNKNOWN_BY_NAME = ("UNKNOWN",)
"""Words that themselves mean unknown."""


class StatusWord(NamedTuple):
    """A word (upper case) and what it means; `gateway` is empty where it is any gateway's."""

    word: str
    status: Status
    gateway: str


def is_in_no_table(raw_status: str | None) -> bool:
    """Return whether a word of status unknown is one that nobody knows, not one that itself means unknown.

    >>> is_in_no_table("WAITING"), is_in_no_table("Unknown"), is_in_no_table(None)
    (True, False, True)
    """
    return (raw_status or "").upper() not in UNKNOWN_BY_NAME


def own(settings: Settings) -> list[StatusWord]:
    """Return the user's words; raise BadInput naming the setting, the line and the fix."""
    path = settings.status_words
    if path is None:
        return []
    try:
        rows = read_rows(path, COLUMNS, required=COLUMNS[:2])
        words = [_word(row, f"{path}: line {line}") for line, row in rows]
        refuse_twice(
            path, [(line, f"word {one.word}", one[::2]) for (line, _), one in zip(rows, words, strict=True)]
        )
    except BadInput as error:
        raise BadInput(f"{SETTING}: {error}") from None
    return words


def dlrs(name: str, settings: Settings) -> str:
    """Return the query that gives a row per DLR in a relation `callbacks`, by its reader's words and the user's own.

    A name that is not in the registry is an import's, in the words that most exports use.
    """
    known = name if name in gateways.READERS else gateways.USUAL
    spoken = gateways.profile(known).name
    return _overlaid(gateways.reader(known, settings).dlrs(), own(settings), {name, spoken})


def _overlaid(query: str, words: Iterable[StatusWord], names: Collection[str]) -> str:
    """Return the query with the user's words for gateways of these names; one for a gateway wins over one for any."""
    ours = {one.word: one.status for one in sorted(words, key=lambda one: one.gateway) if _is_of(one, names)}
    if not ours:
        return query
    values = ", ".join(f"({quoted(word)}, {quoted(status)})" for word, status in ours.items())
    return (
        "SELECT read_dlrs.* REPLACE (coalesce(own.status, read_dlrs.status) AS status) "
        f"FROM ({query}) AS read_dlrs "
        f"LEFT JOIN (VALUES {values}) AS own (word, status) ON own.word = upper(trim(raw_status))"
    )


def advice(title: str = "the gateway") -> str:
    """Return what to do about words that are in no table."""
    return (
        f"ask {title} what they mean, add them to the CSV file that {SETTING} names (columns word, status), "
        "then delete the database and run `rmanalytics ingest`"
    )


def _is_of(one: StatusWord, names: Collection[str]) -> bool:
    return not one.gateway or one.gateway in names


def _word(row: dict[str, str | None], where: str) -> StatusWord:
    word, said, gateway = ((row[column] or "").strip() for column in COLUMNS)
    if not word:
        raise BadInput(f"{where}: word is empty: give it a value, or remove the line")
    if reason := why_number(word):
        raise BadInput(f"{where}: word {word} {reason}")
    if said.lower() not in set(Status):
        raise BadInput(f"{where}: status {said!r}: write {', '.join(Status)}")
    if gateway and gateway not in gateways.READERS:
        raise BadInput(
            f"{where}: gateway {gateway!r}: write one of {', '.join(gateways.READERS)}, or nothing for all"
        )
    return StatusWord(word=word.upper(), status=Status(said.lower()), gateway=gateway)
