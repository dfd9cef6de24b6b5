"""DLR callbacks to DLR rows, inside DuckDB: the SQL next to this module, filled with the literal tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import duckdb

from rmanalytics.gateways.gupshup.codes import FIELDS, STATUS
from rmanalytics.gateways.moments import moment
from rmanalytics.support.resources import text

_ONLY_EXPORTS = (
    "client_message_id", "submitted_at", "cost", "charge", "mcc_mnc", "tag", "udf1", "udf2"
)  # fmt: skip
"""Fields that no callback of Gupshup's has, under our own names: exports may have them."""

_TEXTS = FIELDS | {"cause": ("cause",)} | {name: (name,) for name in _ONLY_EXPORTS}


def dlrs(callbacks: duckdb.DuckDBPyRelation, zone: str) -> duckdb.DuckDBPyRelation:
    """Return one row per DLR found in the callbacks; naive times are of the time zone `zone`."""
    query = text("rmanalytics.gateways.gupshup", "dlrs.sql").format(
        members=", ".join(f"{_coalesced(_member, names)} AS {field}" for field, names in _TEXTS.items()),
        parameters=", ".join(
            f"{_coalesced(_parameter, names)} AS {field}" for field, names in _TEXTS.items()
        ),
        statuses=", ".join(f"('{word}', '{status}')" for word, status in STATUS.items()),
        submitted_at=_time("submitted_at", zone),
        done_at=_time("done_at", zone),
    )
    return cast(duckdb.DuckDBPyRelation, callbacks.query("callbacks", query))


def _coalesced(place: Callable[[str], str], names: tuple[str, ...]) -> str:
    return "coalesce(" + ", ".join(map(place, names)) + ")"


def _member(name: str) -> str:
    """A member of an event; empty texts are none."""
    return f"nullif(trim(event ->> '$.{name}'), '')"


def _parameter(name: str) -> str:
    return f"texts[list_position(names, '{name.lower()}')]"


def _time(field: str, zone: str) -> str:
    """A time as TIMESTAMPTZ: milliseconds or seconds since 1970 in callbacks, other spellings in exports."""
    number = f"try_cast({field} AS BIGINT)"
    return (
        f"CASE WHEN regexp_full_match({field}, '[0-9]{{13}}') THEN make_timestamptz({number} * 1000)"
        f" WHEN regexp_full_match({field}, '[0-9]{{10}}') THEN make_timestamptz({number} * 1000000)"
        f" ELSE {moment(field, zone)} END"
    )
