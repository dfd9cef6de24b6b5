"""Which message a DLR is about: the kinds of match, strongest first, and which kind it was.

The order is Route Mobile's (`data/reference/route_mobile.md`, part 8): the id that the gateway gave at
submission, our id sent back, our id in a free field. Then two weaker likenesses that the field needs: the same
id written differently, and number + header + time. Ambiguous is unmatched. One SQL file per kind in `sql/match/`.
"""

from __future__ import annotations

import duckdb

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
_LEFT_OVER = "CREATE OR REPLACE TEMP TABLE unmatched AS SELECT * FROM unmatched ANTI JOIN matches USING (rid)"
_KEYS = "gateway_message_id, client_message_id, msisdn, header, tag, udf1, udf2, submitted_at, received_at"


def match(connection: duckdb.DuckDBPyConnection, dlrs: str, *, window_s: float) -> None:
    """Make the temporary table `matches` (rid, message_id, matched_by) for the rows of `dlrs`.

    `dlrs` is a table, or a table and its condition; `rid` is a row's rowid there. Each kind sees only what the
    stronger ones left.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE matches (rid BIGINT, message_id VARCHAR, matched_by VARCHAR)"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE unmatched AS SELECT rowid AS rid, {_KEYS} FROM {dlrs}")
    for kind in KINDS:
        values = {"window_s": window_s} if kind == WEAK else {}
        matched = sql("rmanalytics.ingest", f"match/{kind}")
        found = f"INSERT INTO matches SELECT rid, message_id, '{kind}' FROM ({matched})"
        if _number(connection, found, values):
            connection.execute(_LEFT_OVER)
            if not _number(connection, "SELECT count(*) FROM unmatched"):
                return


def rematch(connection: duckdb.DuckDBPyConnection, *, window_s: float) -> int:
    """Match again the DLRs with no match or a weak one; return how many have another match now."""
    uncertain = f"(matched_by IS NULL OR matched_by = '{WEAK}')"
    match(connection, f"dlrs WHERE {uncertain}", window_s=window_s)
    connection.execute(sql("rmanalytics.ingest", "match/changed").format(uncertain=uncertain))
    connection.execute(
        "UPDATE dlrs SET message_id = c.message_id, matched_by = c.matched_by FROM changed c WHERE dlrs.rowid = c.rid"
    )
    return _number(connection, "SELECT count(*) FROM changed")


def _number(
    connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, float] | None = None
) -> int:
    return int(connection.execute(statement, values).fetchall()[0][0])
