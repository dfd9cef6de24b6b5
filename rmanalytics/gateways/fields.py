"""Numbers, ids and error codes of DLRs as SQL: what a text says, or null; never other digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rmanalytics.sms.msisdn import DASHES, INVISIBLE, SEPARATORS
from rmanalytics.support.ids import FLOAT, FORMULA, LOST_DIGITS, NO_VALUE, in_ascii


def _class(signs: Iterable[str]) -> str:
    """Return a class of a pattern in ASCII: duckdb's Python reads other queries character by character."""
    escaped = (re.escape(sign) if sign.isascii() else rf"\x{{{ord(sign):x}}}" for sign in signs)
    return f"[{''.join(escaped)}]"


_SIGNS = [sign for sign in (*SEPARATORS, *map(chr, INVISIBLE)) if sign not in "./"]
_APART, _BEFORE = _class(_SIGNS), _class(sign for sign in _SIGNS if sign not in DASHES)
_WRITTEN = f"''?{_BEFORE}*([+]{_APART}*)?[0-9]({_APART}|[0-9])*"
_ZERO = r"[0-9]+\.0+"
_FRACTION = r"[0-9]+\.[0-9]+"
LOST = "a number that lost digits in "
NO_NUMBER = "a text that is no phone number in "
_NO_VALUE = in_ascii(NO_VALUE).replace("'", "''")


def number(field: str) -> str:
    """Return the SQL of a text as the digits of a phone number, without zeros before it; null where it is none.

    It reads what `sms.msisdn` reads, except that a full stop or a slash separates no digits, and that a number
    which a spreadsheet or pandas made decimal (`919800000001.0`) is the whole number.
    """
    digits = f"regexp_replace(regexp_replace({field}, '[.]0+$', ''), '[^0-9]+', '', 'g')"
    return (
        f"CASE WHEN regexp_full_match({field}, '[1-9][0-9]*') THEN {field}"
        f" WHEN regexp_full_match({field}, '{_WRITTEN}|[+]?{FLOAT}') THEN nullif(ltrim({digits}, '0'), '') END"
    )


def identifier(field: str) -> str:
    """Return the SQL of a text as an id: `5123456789.0` is 5123456789; one that lost digits or says nothing is null."""
    return (
        f"CASE WHEN {says_nothing(field)} THEN NULL"
        f" WHEN contains({field}, '.') OR contains({field}, '+') THEN"
        f" CASE WHEN regexp_full_match({field}, '{FLOAT}') THEN split_part({field}, '.', 1)"
        f" WHEN NOT regexp_full_match({field}, '{LOST_DIGITS}') THEN {field} END ELSE {field} END"
    )


def fault(fields: Mapping[str, Sequence[str]]) -> str:
    """Return the SQL of why the first number or id that is there, but cannot be read, is none; null where all can."""
    names = {field: fields[field][0].lower() for field in _READ if field in fields}
    cases = [
        f"WHEN (contains({field}, '.') OR contains({field}, '+'))"
        f" AND regexp_full_match({field}, '{LOST_DIGITS}|{_FRACTION}')"
        f" AND ({_READ[field](field)}) IS NULL THEN '{LOST}{name}'"
        for field, name in names.items()
    ]
    if "msisdn" in names:
        is_none = f"({number('msisdn')}) IS NULL AND NOT {says_nothing('msisdn')}"
        cases.append(f"WHEN msisdn <> '' AND {is_none} THEN '{NO_NUMBER}{names['msisdn']}'")
    return f"CASE {' '.join(cases)} END"


def says_nothing(field: str) -> str:
    """Return the SQL of whether an id is a word, zeros or signs for nothing, or a formula."""
    return (
        f"(({field}[1] NOT BETWEEN '1' AND '9' AND {field}[-1] NOT BETWEEN '1' AND '9'"
        f" AND regexp_full_match({field}, '{_NO_VALUE}'))"
        f" OR ({field}[1] = '=' AND regexp_full_match({field}, '(?s){FORMULA}')))"
    )


_READ = {"msisdn": number, "gateway_message_id": identifier, "client_message_id": identifier}


def code(field: str) -> str:
    """Return the SQL of a text as an error code: 0, 000 and 0.0 are none, 69.0 is 69."""
    return (
        f"CASE WHEN ltrim({field}, '0') = '' THEN NULL"
        f" WHEN contains({field}, '.') AND regexp_full_match({field}, '{_ZERO}')"
        f" THEN CASE WHEN ltrim({field}, '0.') <> '' THEN split_part({field}, '.', 1) END ELSE {field} END"
    )


def conflict(pairs: str, fields: Mapping[str, Sequence[str]]) -> str:
    """Return the SQL of a list of pairs (name, text) as the first name in `fields` that has two different texts.

    Two spellings of one phone number are no two texts.
    """
    known = _names(name for spelt in fields.values() for name in spelt)
    text = "pair.text"
    if numbers := _names(fields.get("msisdn", ())):
        text = f"CASE WHEN pair.name IN ({numbers}) THEN coalesce(({number(text)}), {text}) ELSE {text} END"
    ours = f"list_filter({pairs}, lambda pair: pair.name IN ({known}))"
    of_ours = f"list_distinct(list_transform({ours}, lambda pair: {{'name': pair.name, 'text': {text}}}))"
    return twice(f"list_transform({of_ours}, lambda pair: pair.name)")


def _names(spellings: Iterable[str]) -> str:
    return ", ".join(f"'{name.lower()}'" for name in spellings)


def twice(names: str) -> str:
    """Return the SQL of a list of names as the one that is in it most often, null where none is twice."""
    return f"CASE WHEN len({names}) > len(list_distinct({names})) THEN list_aggregate({names}, 'mode') END"
