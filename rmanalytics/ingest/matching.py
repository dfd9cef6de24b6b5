"""Which message a DLR is about: the kinds of match, strongest first, and which kind it was.

The order is Route Mobile's (`data/reference/route_mobile.md`, part 8): the id that the gateway gave at
submission, our id sent back, our id in a free field. Then two weaker likenesses that the field needs: the same
id written differently, and number + header + time. Ambiguous is unmatched. One SQL file per kind in `sql/match/`.

Messages are looked for near the DLR's time first, and once a day among all; what is found near goes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from rmanalytics.config import Settings
from rmanalytics.ingest import times
from rmanalytics.support.resources import sql

KINDS = (
    "gateway_message_id",
    "message_id",
    "udf1",
    "udf2",
    "tag",
    "gateway_message_id_normalised",
    "msisdn_header_window",
)
"""The values of `dlrs.matched_by`, strongest first; the last one is of low confidence and may be taken back."""

WEAK = KINDS[-1]
UNCERTAIN = f"(matched_by IS NULL OR matched_by = '{WEAK}')"
SLICE = 250_000
"""DLRs that are matched again at once: each may have the number of many messages."""

_LEFT_OVER = "CREATE OR REPLACE TEMP TABLE unmatched AS SELECT * FROM unmatched ANTI JOIN matches USING (rid)"
_KEYS = "gateway_message_id, client_message_id, msisdn, header, tag, udf1, udf2, submitted_at, received_at"
_NEW = """
    SELECT coalesce(m.message_id, d.gateway_message_id) AS id, submitted_at, received_at
    FROM new_dlrs d LEFT JOIN matches m ON m.rid = d.rowid
"""
_MOVED = """
    SELECT was_id, was_at FROM changed UNION ALL SELECT id, was_at FROM changed
    UNION ALL SELECT id, planned_at FROM located
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How far a DLR's message is looked for: days before the DLR, and seconds where only number and header tell."""

    days: float
    weak_s: float

    @classmethod
    def of(cls, settings: Settings) -> Windows:
        """Return those of the settings; the first is never less than the second."""
        weak_s = settings.match_window_h * 3600
        return cls(days=max(settings.match_days, weak_s / 86_400), weak_s=weak_s)


def match(
    connection: duckdb.DuckDBPyConnection, dlrs: str, windows: Windows, *, everywhere: bool = False
) -> None:
    """Make the temporary table `matches` (rid, message_id, matched_by) for the rows of `dlrs`.

    `dlrs` is a table, or a table and its condition; `rid` is a row's rowid there. Each kind sees only what the
    stronger ones left. With `everywhere`, DLRs that nothing near fits are tried against all messages.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE matches (rid BIGINT, message_id VARCHAR, matched_by VARCHAR)"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE unmatched AS SELECT rowid AS rid, {_KEYS} FROM {dlrs}")
    _look(connection, windows)
    is_left = _try(connection, KINDS[:-1])
    if everywhere and is_left:
        _look(connection, None)
        is_left = _try(connection, KINDS[:-1])
    if is_left:
        _try(connection, KINDS[-1:], {"window_s": windows.weak_s})


def place(connection: duckdb.DuckDBPyConnection, since: datetime | None) -> None:
    """Make the temporary table `placed` for `new_dlrs`, once they are matched; see `times.place`."""
    times.locate(connection, f"SELECT id FROM ({_NEW})", since)
    times.place(
        connection, f"SELECT id, NULL::TIMESTAMPTZ AS message_at, submitted_at, received_at FROM ({_NEW})"
    )


def rematch(
    connection: duckdb.DuckDBPyConnection, windows: Windows, news: tuple[datetime, datetime] | None
) -> int:
    """Match again the DLRs with no match or a weak one; return how many have another match now.

    `news` is between which times messages are new: only DLRs near these are tried. None tries all, everywhere.
    """
    uncertain = UNCERTAIN
    if news:
        first, last = news[0] - timedelta(days=1), news[1] + timedelta(days=windows.days)
        uncertain += f" AND received_at BETWEEN '{first.isoformat()}' AND '{last.isoformat()}'"
    query = sql("rmanalytics.ingest", "match/slices").format(uncertain=uncertain)
    slices = connection.execute(query, {"slice": SLICE}).fetchall()
    return sum(
        _rematch(connection, windows, f"{uncertain} AND rowid BETWEEN {first} AND {last}", news is None)
        for first, last in slices
    )


def _rematch(
    connection: duckdb.DuckDBPyConnection, windows: Windows, uncertain: str, everywhere: bool
) -> int:
    """Match again the DLRs for which a condition holds; return how many have another match now."""
    match(connection, f"dlrs WHERE {uncertain}", windows, everywhere=everywhere)
    connection.execute(sql("rmanalytics.ingest", "match/changed").format(uncertain=uncertain))
    if n_changed := _number(connection, "SELECT count(*) FROM changed"):
        connection.execute(
            "UPDATE dlrs SET message_id = c.message_id, matched_by = c.matched_by FROM changed c "
            "WHERE dlrs.rowid = c.rid"
        )
        times.locate(connection, "SELECT id FROM changed")
        times.measure_again(connection, _MOVED)
    return n_changed


def _look(connection: duckdb.DuckDBPyConnection, windows: Windows | None) -> None:
    """Make what the kinds look through: views `near_messages` and `near_submissions`, and the macro `is_near`."""
    bounds, near = "true", "true"
    [(first, last)] = connection.execute(
        "SELECT min(received_at), max(received_at) FROM unmatched"
    ).fetchall()
    if windows and first:
        before, after = timedelta(days=windows.days), timedelta(days=1)
        bounds = f"BETWEEN '{(first - before).isoformat()}' AND '{(last + after).isoformat()}'"
        near = f"epoch_us(received) - epoch_us(moment) BETWEEN {_micros(-after)} AND {_micros(before)}"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO is_near(moment, received) AS {near}")
    for relation, column in (("messages", "planned_at"), ("submissions", "attempted_at")):
        where = f"WHERE {column} {bounds}" if bounds != "true" else ""
        connection.execute(f"CREATE OR REPLACE TEMP VIEW near_{relation} AS FROM {relation} {where}")


def _try(
    connection: duckdb.DuckDBPyConnection, kinds: tuple[str, ...], values: dict[str, float] | None = None
) -> bool:
    """Add what each kind finds to `matches`; return whether DLRs are left without one."""
    for kind in kinds:
        if not _number(connection, "SELECT count(*) FROM unmatched"):
            return False
        matched = sql("rmanalytics.ingest", f"match/{kind}")
        found = f"INSERT INTO matches SELECT rid, message_id, '{kind}' FROM ({matched})"
        if _number(connection, found, values):
            connection.execute(_LEFT_OVER)
    return _number(connection, "SELECT count(*) FROM unmatched") > 0


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _number(
    connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, float] | None = None
) -> int:
    return int(connection.execute(statement, values).fetchall()[0][0])
