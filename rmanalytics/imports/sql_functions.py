"""What the checks call from SQL: times in every usual spelling, numbers and texts that SQL alone cannot check."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics import gateways
from rmanalytics.gateways import Cause
from rmanalytics.sms import msisdn, row_values, segments
from rmanalytics.support import ids
from rmanalytics.support.resources import sql


def register(connection: Any, zone: str) -> None:
    """Make the functions and macros known to the connection; naive times are of the zone `zone`."""
    text = duckdb.sqltypes.VARCHAR
    for name, function in (
        ("foreign_number", _numbers),
        ("no_number", _reasons),
        ("encoding_of", _encodings),
    ):
        connection.create_function(name, function, [text], text, type="arrow", null_handling="special")
    texts = duckdb.list_type(text)
    connection.create_function(
        "variables_of", _variables, [text], texts, type="arrow", null_handling="special"
    )
    count = duckdb.sqltypes.INTEGER
    connection.create_function("segments_of", _counts, [text], count, type="arrow", null_handling="special")
    cases = " ".join(
        f"WHEN regexp_matches(lower(t), '{words}') THEN '{name}'" for name, words in ERRORS.items()
    )
    connection.execute(f"CREATE OR REPLACE TEMP MACRO cause(t) AS CASE {cases} ELSE 'other' END")
    connection.execute(sql("rmanalytics.imports", "whole"))
    for name, reading in (("number", gateways.number), ("identifier", gateways.identifier)):
        connection.execute(f"CREATE OR REPLACE TEMP MACRO dlr_{name}(t) AS {reading('t')}")
    lost = sql("rmanalytics.imports", "lost_digits")
    words = {
        "lost": ids.LOST_DIGITS,
        "reason": ids.REASON,
        "quoted": ids.QUOTED,
        "why_quoted": ids.WHY_QUOTED,
        "control": ids.CONTROL,
        "why_control": ids.WHY_CONTROL,
        "longest": ids.LONGEST,
        "why_long": ids.WHY_LONG,
        "control_in_text": row_values.CONTROL_IN_TEXT,
        "invisible": ids.INVISIBLE,
        "why_invisible": ids.WHY_INVISIBLE,
        "why_no_value": ids.WHY_NO_VALUE,
        "why_formula": ids.WHY_FORMULA,
    }
    texts_of = {name: ids.in_ascii(str(word)).replace("'", "''") for name, word in words.items()}
    connection.execute(lost.format_map(texts_of | {"says_nothing": gateways.says_nothing("t")}))
    for name, word in _WORDS.items():
        connection.execute(f"SET VARIABLE {name} = $1", [word])
    connection.execute(f"CREATE OR REPLACE TEMP MACRO moment(t) AS {gateways.moment('t', zone)}")


def _own(cause: Cause) -> str:
    """The gateways' own submit codes for a cause; shorter ones would be found in numbers that mean something else."""
    codes = (code for one in gateways.profiles() for code, known in one.codes.items() if known.cause is cause)
    long = "|".join(code for code in codes if len(code) >= _CODE_DIGITS)
    return f"|(^|[^0-9])({long})([^0-9]|$)" if long else ""


_CODE_DIGITS = 4

_WORDS = {
    "no_list": row_values.NO_LIST,
    "no_route": row_values.NO_ROUTE,
    "other_route": row_values.OTHER_ROUTE,
    "why_control": ids.WHY_CONTROL,
    "control_in_text": row_values.CONTROL_IN_TEXT,
    "no_text": ids.NO_TEXT,
    "why_no_value": ids.WHY_NO_VALUE,
}
"""Variables of SQL, so that a row is refused in the words of `send`."""

ERRORS = {
    "timeout": r"time[ -]?d?-?out|timed out|deadline",
    "authentication": r"\b401\b|\b403\b|auth|credential|password|forbidden|token" + _own(Cause.CREDENTIALS),
    "payload": r"\b400\b|\b415\b|\b422\b|payload|json|malformed|mandatory|missing|parameter|placeholder|bad request"
    + _own(Cause.PAYLOAD),
}
"""Which words in an error of CleverTap tell its category; the first that fits counts."""


def _numbers(texts: Any) -> Any:
    return pa.array(map(msisdn.normalised, texts.to_pylist()), pa.string())


def _reasons(texts: Any) -> Any:
    return pa.array(map(_reason, texts.to_pylist()), pa.string())


def _reason(text: str | None) -> str | None:
    if why := ids.why_no_value(text or ""):
        return f"msisdn {why}"
    try:
        msisdn.normalise(text or "")
    except ValueError as reason:
        return f"msisdn {msisdn.mask(text or '')[:40]} {reason}".replace("  ", " ")
    return None


def _encodings(texts: Any) -> Any:
    return pa.array(
        [None if t is None else segments.encoding(t).value for t in texts.to_pylist()], pa.string()
    )


def _variables(texts: Any) -> Any:
    lists = [None if t is None else row_values.variables(t) for t in texts.to_pylist()]
    return pa.array(lists, pa.list_(pa.string()))


def _counts(texts: Any) -> Any:
    return pa.array([None if t is None else segments.count(t) for t in texts.to_pylist()], pa.int32())
