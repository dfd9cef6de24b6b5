"""What the checks call from SQL: times in every honest spelling, numbers and texts that SQL alone cannot judge."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics.sms import msisdn, segments

BLANKS = "E' \\t\\r\\n\u00a0\ufeff'"
"""As an argument of trim; DuckDB knows no \\u in a string."""


def trimmed(place: str) -> str:
    """Return the SQL of a text without blanks at its ends; most have none, which is told three times as fast."""
    is_trim = f"{place}[1] BETWEEN '!' AND '~' AND {place}[-1] BETWEEN '!' AND '~'"
    return f"CASE WHEN {is_trim} THEN {place} ELSE trim({place}, {BLANKS}) END"


def register(connection: Any, zone: str) -> None:
    """Make the functions and macros known to the connection; naive times are of the zone `zone`."""
    text = duckdb.sqltypes.VARCHAR
    for name, function in (
        ("foreign_number", _numbers),
        ("no_number", _reasons),
        ("encoding_of", _encodings),
    ):
        connection.create_function(name, function, [text], text, type="arrow", null_handling="special")
    count = duckdb.sqltypes.INTEGER
    connection.create_function("segments_of", _counts, [text], count, type="arrow", null_handling="special")
    cases = " ".join(
        f"WHEN regexp_matches(lower(t), '{words}') THEN '{name}'" for name, words in ERRORS.items()
    )
    connection.execute(f"CREATE OR REPLACE TEMP MACRO cause(t) AS CASE {cases} ELSE 'other' END")
    connection.execute(_WHOLE)
    connection.execute(_MOMENT.format(zone=zone.replace("'", "''")))


ERRORS = {
    "timeout": r"time[ -]?d?-?out|timed out|deadline",
    "authentication": r"\b401\b|\b403\b|auth|credential|password|forbidden|token|1703",
    "payload": r"\b400\b|\b415\b|\b422\b|payload|json|malformed|mandatory|missing|parameter|placeholder|bad request",
}
"""Which words in an error of CleverTap tell its category; the first that fits counts."""

_WHOLE = """
CREATE OR REPLACE TEMP MACRO whole(t) AS CASE
    WHEN regexp_full_match(t, '[0-9]{1,18}([.]0+)?') THEN try_cast(t AS DECIMAL(20, 1))::BIGINT
    WHEN regexp_full_match(t, '[0-9]{1,3}(,[0-9]{2,3})+') THEN replace(t, ',', '')::BIGINT
END
"""

_MOMENT = r"""
CREATE OR REPLACE TEMP MACRO moment(t) AS CASE
    WHEN t LIKE '20__-__-__ __:__:__' THEN try_cast(t AS TIMESTAMP) AT TIME ZONE '{zone}'
    WHEN regexp_full_match(t, '1\d{{9}}') THEN to_timestamp(try_cast(t AS BIGINT))
    WHEN regexp_full_match(t, '1\d{{12}}') THEN to_timestamp(try_cast(t AS BIGINT) / 1000.0)
    WHEN regexp_full_match(t, '\d{{4}}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)')
        THEN try_cast(t AS TIMESTAMPTZ)
    WHEN regexp_full_match(t, '\d{{4}}-\d\d?-\d\d?([ T]\d\d?:\d\d(:\d\d(\.\d+)?)?)?')
        THEN try_cast(t AS TIMESTAMP) AT TIME ZONE '{zone}'
    ELSE try_strptime(t, ['%d %b, %Y %H:%M:%S', '%d %b %Y %H:%M:%S', '%d %b %Y', '%d-%b-%Y', '%b %d, %Y', '%Y%m%d'])
        AT TIME ZONE '{zone}'
END
"""


def _numbers(texts: Any) -> Any:
    return pa.array(map(_number, texts.to_pylist()), pa.string())


def _number(text: str | None) -> str | None:
    try:
        return msisdn.normalise(text or "")
    except ValueError:
        return None


def _reasons(texts: Any) -> Any:
    return pa.array(map(_reason, texts.to_pylist()), pa.string())


def _reason(text: str | None) -> str | None:
    try:
        msisdn.normalise(text or "")
    except ValueError as reason:
        return f"msisdn {msisdn.mask(text or '')[:40]} {reason}".replace("  ", " ")
    return None


def _encodings(texts: Any) -> Any:
    return pa.array(
        [None if t is None else segments.encoding(t).value for t in texts.to_pylist()], pa.string()
    )


def _counts(texts: Any) -> Any:
    return pa.array([None if t is None else segments.count(t) for t in texts.to_pylist()], pa.int32())
