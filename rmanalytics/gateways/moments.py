"""Times of DLRs as SQL."""

from __future__ import annotations

_DATE = r"20\d\d[-/]\d\d?[-/]\d\d?"
_CLOCK = r"\d\d?:\d\d(:\d\d(\.\d+)?)?"
_OFFSET = r"(Z|[+-]\d\d(:?\d\d)?)"


def moment(field: str, zone: str) -> str:
    """Return the SQL of a text as TIMESTAMPTZ: naive ones are of the zone; impossible and other ones are null."""
    naive = f"try_cast({field} AS TIMESTAMP) AT TIME ZONE '{zone}'"
    aware = f"try_cast({field} AS TIMESTAMPTZ)"
    return (
        f"CASE WHEN {field} LIKE '20__-__-__ __:__:__' THEN {naive}"
        f" WHEN regexp_full_match({field}, '{_DATE}([ T]{_CLOCK})?') THEN {naive}"
        f" WHEN regexp_full_match({field}, '{_DATE}[ T]{_CLOCK} ?{_OFFSET}') THEN {aware} END"
    )
