"""DLR callbacks to DLR rows, inside DuckDB: the SQL next to this module, filled with the literal tables."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rmanalytics.gateways.fields import code, conflict, identifier, number
from rmanalytics.gateways.moments import is_unread, moment
from rmanalytics.gateways.route_mobile.codes import FIELDS, STATUS
from rmanalytics.support.resources import text

_BLANKS = "(E' \\t\\r\\n' || chr(65279))"
"""With the byte order mark; in ASCII, because duckdb reads other texts of queries character by character."""
_IS_ENCODED = "contains({0}, '%') OR contains({0}, '+')"
_IS_ENCODED_OR_PADDED = "regexp_matches({0}, '[%+ \\t\\r\\n]')"
_DECISIVE = ("gateway_message_id", "msisdn", "raw_status")
_SPELLINGS = [spelling for spellings in FIELDS.values() for spelling in spellings]


def query(zone: str) -> str:
    """Return the query from a relation `callbacks` to DLRs; naive times are of the time zone `zone`."""
    template = text("rmanalytics.gateways.route_mobile", "dlrs.sql")
    submitted_at, done_at = moment("submitted_at", zone), moment("done_at", zone)
    columns = "COLUMNS([" + _listed(f"'{field}'" for field in FIELDS) + "])"
    return template.format(
        blanks=_BLANKS,
        columns=columns,
        decoded_columns=_decoded(columns, _IS_ENCODED),
        structure=json.dumps({spellings[0]: "VARCHAR" for spellings in FIELDS.values()}),
        n_recognised=" + ".join(f"(fields.{spellings[0]} IS NOT NULL)::INT" for spellings in FIELDS.values()),
        renamed=_listed(f"fields.{spellings[0]} AS {field}" for field, spellings in FIELDS.items()),
        query_pairs=_form("query"),
        body_pairs=_form("text"),
        member=_member(),
        conflict=conflict("list_concat(in_body, in_query)", _SPELLINGS),
        contradiction=_contradiction(),
        looked_up=_listed(f"{_looked_up(spellings)} AS {field}" for field, spellings in FIELDS.items()),
        kannel_words=_listed(f"'{word}'" for word in STATUS if word.isdigit()),
        statuses=_listed(f"('{word}', '{status}')" for word, status in STATUS.items()),
        msisdn=number("msisdn"),
        **{name: identifier(name) for name in ("gateway_message_id", "client_message_id", "tag")},
        error_code=code("error_code"),
        submitted_at=submitted_at,
        done_at=done_at,
        is_time_unread=f"{is_unread('submitted_at', submitted_at)} OR {is_unread('done_at', done_at)}",
        cost=_number("cost"),
        charge=_number("charge"),
    )


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _decoded(text: str, condition: str) -> str:
    """What is percent-encoded or padded, decoded and trimmed; what is no UTF-8 once decoded stays encoded."""
    plain = f"coalesce(try(url_decode(replace({text}, '+', ' '))), {text})"
    return f"CASE WHEN {condition.format(text)} THEN trim({plain}, {_BLANKS}) ELSE {text} END"


def _form(source: str) -> str:
    """A form's pairs as names (lower case, without blanks) and texts; a pair without `=` has no text."""
    name, text = "split_part(pair, '=', 1)", "substr(pair, nullif(strpos(pair, '='), 0) + 1)"
    pairs = f"list_transform(string_split({source}, '&'), lambda pair: {{'name': {name}, 'text': {text}}})"
    name, text = _decoded("pair.name", _IS_ENCODED_OR_PADDED), _decoded("pair.text", _IS_ENCODED_OR_PADDED)
    return (
        f"list_transform({pairs}, lambda pair: {{'name': lower(replace({name}, ' ', '')), 'text': {text}}})"
    )


def _member() -> str:
    """A JSON member as name and text; numbers keep their digits, nested values have no text."""
    scalar = "CASE WHEN json_type(member[2]) NOT IN ('ARRAY', 'OBJECT') THEN member[2] ->> '$' END"
    return f"{{'name': lower(replace(member[1], ' ', '')), 'text': trim({scalar}, {_BLANKS})}}"


def _looked_up(spellings: tuple[str, ...], sources: tuple[str, ...] = ("body", "query")) -> str:
    """The first text under any spelling, body before query."""
    places = (
        f"{source}_texts[list_position({source}_names, '{spelling.lower()}')]"
        for source in sources
        for spelling in spellings
    )
    return f"coalesce({_listed(places)})"


def _contradiction() -> str:
    """Whose or what status it is, where query and body say it otherwise under two spellings; null where they do not."""
    said = {name: [_looked_up(FIELDS[name], (source,)) for source in ("body", "query")] for name in _DECISIVE}
    said["msisdn"] = [f"right({number(one)}, 10)" for one in said["msisdn"]]
    said["raw_status"] = [f"upper({one})" for one in said["raw_status"]]
    cases = (
        f"WHEN {body} <> {query} THEN '{FIELDS[name][0].lower()}'" for name, (body, query) in said.items()
    )
    return f"CASE WHEN len(query_names) > 0 AND len(body_names) > 0 THEN CASE {' '.join(cases)} END END"


def _number(field: str) -> str:
    number = f"try_cast({field} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"
