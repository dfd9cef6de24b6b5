"""The relations as they were known at a time: each cut once, by the time at which its rows came to be known.

Whoever looks back (the fold, and what is told of DLRs, money, CleverTap's reports and single batches) takes
its tables from here, so that all of a page is about the same moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from rmanalytics.errors import BadInput
from rmanalytics.models import Result

UTC = dt.Timestamp(timezone="UTC")

KNOWN_AT = {
    "messages": "planned_at",
    "submissions": "attempted_at",
    "dlrs": "received_at",
    "callbacks": "received_at",
    "clevertap_reports": "imported_at",
    "clevertap_errors": "imported_at",
}
"""Since when a row of each relation is known; relations that are not here have no past and stay whole."""


IMPORTED = ("messages", "submissions", "dlrs", "clevertap_reports", "clevertap_errors")
"""Relations that imports add to: each row has `imported_at`, null where it is evidence of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The relations as known at `as_of` (aware; None is when the query runs); `relation` gives each by name.

    An import may bring evidence from before `as_of`; `imported_until` (None: no limit) leaves out what was
    imported later, so that a question of then has its answer of then.
    """

    relation: Callable[[str], ir.Table]
    as_of: datetime | None = None
    imported_until: datetime | None = None

    def table(self, name: str) -> ir.Table:
        """Return what was known of a relation."""
        t = known(self.relation(name), name, self.as_of)
        if self.imported_until is None or name not in IMPORTED:
            return t
        return t.filter(t.imported_at.isnull() | (t.imported_at <= instant(self.imported_until)))

    def answers(self) -> ir.Table:
        """Return the submissions with the answers that had come: until then an attempt was unclear."""
        t = self.table("submissions")
        if self.as_of is None:
            return t
        has_come = t.answered_at.isnull() | (t.answered_at <= instant(self.as_of))
        return t.mutate(
            result=has_come.ifelse(t.result, Result.UNCLEAR.value),
            code=has_come.ifelse(t.code, None),
            gateway_message_id=has_come.ifelse(t.gateway_message_id, None),
            http_status=has_come.ifelse(t.http_status, None),
            detail=has_come.ifelse(t.detail, None),
        )


def known(table: ir.Table, name: str, as_of: datetime | None) -> ir.Table:
    """Return the rows of the relation of that name that were known at `as_of` (None: all of them)."""
    if as_of is None or name not in KNOWN_AT:
        return table
    return table.filter(table[KNOWN_AT[name]] <= instant(as_of))


def between(
    at: ir.TimestampColumn, since: datetime | None = None, until: datetime | None = None
) -> list[ir.BooleanColumn]:
    """Return the conditions that a time is in a span; `since` is in it, `until` is not, None is no limit."""
    return [*([at >= instant(since)] if since else []), *([at < instant(until)] if until else [])]


def instant(moment: datetime) -> ir.TimestampScalar:
    """Return a time as the engine compares it; raise BadInput for one without a time zone."""
    if moment.tzinfo is None:
        raise BadInput(f"as_of {moment.isoformat()} has no time zone: add one, such as +05:30 or Z")
    return ibis.literal(moment, type=UTC)
