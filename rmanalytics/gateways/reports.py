"""Query, form and JSON of callbacks as reports with our names, as SQL: read in one way for every gateway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rmanalytics.gateways.fields import conflict, number
from rmanalytics.support.ids import trimmed
from rmanalytics.support.resources import text

IS_ENCODED = "contains({0}, '%') OR contains({0}, '+')"
_IS_ENCODED_OR_PADDED = "regexp_matches({0}, '[^!-~]|[%+]')"
_NAME = f"lower(replace({trimmed('member[1]')}, ' ', ''))"
NESTED = "a list or an object in "
_DECISIVE = ("gateway_message_id", "msisdn", "raw_status")


def reports(fields: Mapping[str, tuple[str, ...]], source: str = "callbacks") -> str:
    """Return the common table expressions up to `reports`: its columns are our names of `fields`, and what is wrong.

    `fields` has the spellings of each name, the first one first; a text in the body is believed before one in the
    query. `conflict` is the first spelling of a field that has two different values, `nested` why an id, a number or a
    status is no text. `source` is what is read.
    """
    return text("rmanalytics.gateways", "reports.sql").format(
        text=trimmed("coalesce(body, '')"),
        source=source,
        query_pairs=_form("query"),
        body_pairs=_form("text"),
        member=_member(),
        conflict=conflict("list_concat(in_body, in_query)", fields),
        nested=_nested(fields),
        contradiction=_contradiction(fields),
        looked_up=listed(f"{_looked_up(spelt)} AS {name}" for name, spelt in fields.items()),
    )


def listed(parts: Iterable[str]) -> str:
    """Return the parts as SQL lists them."""
    return ", ".join(parts)


def decoded(text: str, condition: str) -> str:
    """Return the SQL of a text, decoded and trimmed where the condition holds; what is no UTF-8 then stays encoded."""
    plain = f"coalesce(try(url_decode(replace({text}, '+', ' '))), {text})"
    return f"CASE WHEN {condition.format(text)} THEN {trimmed(plain)} ELSE {text} END"


def _form(source: str) -> str:
    """A form's pairs as names (lower case, without blanks) and texts; a pair without `=` has no text."""
    name, text = "split_part(pair, '=', 1)", "substr(pair, nullif(strpos(pair, '='), 0) + 1)"
    pairs = f"list_transform(string_split({source}, '&'), lambda pair: {{'name': {name}, 'text': {text}}})"
    name, text = decoded("pair.name", _IS_ENCODED_OR_PADDED), decoded("pair.text", _IS_ENCODED_OR_PADDED)
    return (
        f"list_transform({pairs}, lambda pair: {{'name': lower(replace({name}, ' ', '')), 'text': {text}}})"
    )


def _member() -> str:
    """A JSON member as name and text; numbers keep their digits, nested values have no text."""
    scalar = "CASE WHEN json_type(member[2]) NOT IN ('ARRAY', 'OBJECT') THEN member[2] ->> '$' END"
    return f"{{'name': {_NAME}, 'text': {trimmed(scalar)}}}"


def _nested(fields: Mapping[str, tuple[str, ...]]) -> str:
    """Why what decides whose or what status it is cannot be read in JSON: it is no text; null where it is."""
    known = listed(
        f"'{spelling.lower()}'"
        for name in (*_DECISIVE, "client_message_id")
        for spelling in fields.get(name, ())
    )
    return (
        f"'{NESTED}' || list_filter(list_zip(json_keys(element), json_extract(element, '$.*')), lambda member:"
        " json_type(member[2]) IN ('ARRAY', 'OBJECT') AND member[2]::VARCHAR NOT IN ('[]', '{}')"
        f" AND {_NAME} IN ({known}))[1][1].lower()"
    )


def _looked_up(spellings: tuple[str, ...], sources: tuple[str, ...] = ("body", "query")) -> str:
    """The first text under any spelling, body before query."""
    places = (
        f"{source}_texts[list_position({source}_names, '{spelling.lower()}')]"
        for source in sources
        for spelling in spellings
    )
    return f"coalesce({listed(places)})"


def _contradiction(fields: Mapping[str, tuple[str, ...]]) -> str:
    """Whose or what status it is, where two spellings, in query or body, say it otherwise; null where they do not."""
    said = {name: _said_as(fields[name]) for name in _DECISIVE}
    said["msisdn"] = (
        f"list_transform({said['msisdn']}, lambda one: coalesce(right({number('one')}, 10), one))"
    )
    said["raw_status"] = f"list_transform({said['raw_status']}, lambda one: upper(one))"
    cases = (
        f"WHEN len(list_distinct({texts})) > 1 THEN '{fields[name][0].lower()}'"
        for name, texts in said.items()
        if len(fields[name]) > 1
    )
    return f"CASE {' '.join(cases)} END"


def _said_as(spellings: tuple[str, ...]) -> str:
    """What query and body say under any of the spellings, as a list of texts."""
    found = (_looked_up((spelling,), (source,)) for source in ("body", "query") for spelling in spellings)
    return f"list_filter([{listed(found)}], lambda one: one IS NOT NULL)"
