"""Times of DLRs and of exports as SQL: one definition, so that what a check accepts is stored."""

from __future__ import annotations

_DATE = r"20\d\d[-/]\d\d?[-/]\d\d?"
_CLOCK = r"\d\d?:\d\d(:\d\d(\.\d+)?)?"
_OFFSET = r"(Z|UTC|GMT|[+-]\d\d(:?\d\d)?)"
_MAIL = r"[A-Za-z]{3}, \d\d? [A-Za-z]{3} 20\d\d \d\d:\d\d:\d\d (GMT|UTC|[+-]\d{4})"
_MAIL_FORMS = ["%a, %d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %Z"]
_NAMED = {
    r"\d\d? [A-Za-z]{3},? 20\d\d \d\d?:\d\d:\d\d": ("%d %b %Y %H:%M:%S", "%d %b, %Y %H:%M:%S"),
    r"\d\d?[ -][A-Za-z]{3}[ -]20\d\d": ("%d %b %Y", "%d-%b-%Y"),
    r"[A-Za-z]{3} \d\d?, 20\d\d": ("%b %d, %Y",),
    r"\d\d[A-Za-z]{3}20\d\d:\d\d:\d\d:\d\d": ("%d%b%Y:%H:%M:%S",),
    r"20\d{6}": ("%Y%m%d",),
    r"20\d{12}": ("%Y%m%d%H%M%S",),
    r"2\d[01]\d[0-3]\d[0-2]\d[0-5]\d": ("%y%m%d%H%M",),
}
"""Spellings that a cast does not read, and their formats; with the month as a number they are years first."""


def moment(field: str, zone: str) -> str:
    """Return the SQL of a text as TIMESTAMPTZ: naive ones are of the zone; impossible and other ones are null.

    Ten digits that begin with 1 are seconds since 1970, thirteen milliseconds; ten that begin with 2 are the date
    of an SMPP receipt (YYMMDDhhmm, SMPP 3.4 appendix B). Day and month as numbers with the year last are
    not read: nobody can tell one from the other.
    """
    zone = zone.replace("'", "''")
    naive = f"try_cast({field} AS TIMESTAMP) AT TIME ZONE '{zone}'"
    aware = rf"try_cast(regexp_replace({field}, ' ([Z+-][0-9:]*)$', '\1') AS TIMESTAMPTZ)"
    spelt, formats = "|".join(_NAMED), [form for forms in _NAMED.values() for form in forms]
    return (
        f"CASE WHEN {field} LIKE '20__-__-__ __:__:__' THEN {naive}"
        f" WHEN regexp_full_match({field}, '{_DATE}([ T]{_CLOCK})?') THEN {naive}"
        f" WHEN regexp_full_match({field}, '{_DATE}[ T]{_CLOCK} ?{_OFFSET}') THEN {aware}"
        f" WHEN regexp_full_match({field}, '{spelt}')"
        f" THEN try_strptime({field}, {formats}) AT TIME ZONE '{zone}'"
        f" WHEN regexp_full_match({field}, '{_MAIL}') THEN try_strptime({field}, {_MAIL_FORMS})"
        f" ELSE {epoch(field)} END"
    )


def epoch(field: str) -> str:
    """Return the SQL of seconds or milliseconds since 1970, until 2033, as TIMESTAMPTZ; others are null."""
    return (
        rf"CASE WHEN regexp_full_match({field}, '1\d{{9}}(\.\d+)?')"
        f" THEN make_timestamptz((try_cast({field} AS DECIMAL(24, 6)) * 1000000)::BIGINT)"
        rf" WHEN regexp_full_match({field}, '1\d{{12}}(\.0+)?')"
        f" THEN make_timestamptz(try_cast(split_part({field}, '.', 1) AS BIGINT) * 1000) END"
    )


def is_unread(given: str, read: str) -> str:
    """Return the SQL of whether a time was given (`given`) that could not be read (`read`)."""
    return f"({given} IS NOT NULL AND {read} IS NULL)"
