"""The relations without what a selection is not about, so that its cost follows what it selects.

The fold sees whole messages or nothing of them: all rows of a message have one `planned_at`, and a selection by
the time that a message had as of an earlier moment takes those in `drifts` by their span. DuckDB skips row groups
by the least and greatest `planned_at` in them, Parquet likewise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from rmanalytics.warehouse.snapshot import between, instant

Relation = Callable[[str], ir.Table]

ID = {
    "messages": lambda t: t.message_id,
    "submissions": lambda t: t.message_id,
    "dlrs": lambda t: ibis.coalesce(t.message_id, t.gateway_message_id),
}
"""The message that a row of each relation is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a time, which is in it, to another, which is not; None is no limit."""

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Raise BadInput for a time without a time zone."""
        for at in (self.since, self.until):
            if at is not None:
                instant(at)

    def __bool__(self) -> bool:
        """Return whether it limits anything."""
        return not (self.since is None and self.until is None)

    def of(self, at: ir.TimestampColumn) -> list[ir.BooleanColumn]:
        """Return the conditions that a time is in it."""
        return between(at, self.since, self.until)

    def within(self, other: Span) -> Span:
        """Return what both have in common."""
        starts = [at for at in (self.since, other.since) if at]
        ends = [at for at in (self.until, other.until) if at]
        return Span(since=max(starts, default=None), until=min(ends, default=None))


def pruned(relation: Relation, *, now: Span, others: ir.Table | None = None) -> Relation:
    """Return the relations with only the messages that may be selected.

    `now` limits the time that a message has as of now; `others` are further messages, as (id, planned_at).
    """

    def cut(name: str) -> ir.Table:
        t = relation(name)
        if name not in ID:
            return t
        chosen = t.filter(now.of(t.planned_at)) if now else t
        if others is None:
            return chosen
        return chosen.union(t.semi_join(others, [("planned_at", "planned_at"), (ID[name](t), "id")]))

    return cut


def drifted(relation: Relation, asked: Span, now: Span) -> ir.Table:
    """Return the messages that are in `asked` as of some moment, but not as of now, and as of now in `now`."""
    d = relation("drifts")
    overlaps = [d.latest_at >= instant(asked.since)] if asked.since else []
    overlaps += [d.earliest_at < instant(asked.until)] if asked.until else []
    inside = ibis.and_(*asked.of(d.planned_at))
    return d.filter(~inside, *overlaps, *now.of(d.planned_at)).select("id", "planned_at")
