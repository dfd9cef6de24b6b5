"""Outcomes of a selection: the fold, over only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import ibis.expr.types as ir

from rmanalytics.warehouse.outcomes import aged, fold
from rmanalytics.warehouse.pruned import Relation, Span, drifted, pruned
from rmanalytics.warehouse.snapshot import Snapshot, instant

_NEVER = Span(since=datetime(1970, 1, 1, tzinfo=UTC), until=datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which outcomes: as of a time (None is now), of messages in a span and of campaigns (None is all)."""

    as_of: datetime | None = None
    span: Span = field(default_factory=Span)
    campaigns: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Raise BadInput for a time without a time zone, before it is compared with others."""
        if self.as_of is not None:
            instant(self.as_of)

    def of(self, outcomes: ir.Table) -> ir.Table:
        """Return those that were asked for."""
        wanted = self.span.of(outcomes.planned_at)
        if self.campaigns is not None:
            wanted.append(outcomes.campaign_id.isin(list(self.campaigns)))
        return outcomes.filter(wanted) if wanted else outcomes


def outcomes(relation: Relation, asked: Asked, *, horizon_s: float) -> ir.Table:
    """Return the outcomes that were asked for; over which time campaigns reach is looked up at once."""
    reach = Span() if asked.campaigns is None else _reach(relation, asked.campaigns)
    kept_until = _kept_until(relation)
    if kept_until is None or (asked.as_of and asked.as_of < kept_until):
        return asked.of(fold(rows_of(relation, asked, reach), horizon_s=horizon_s))
    open_days = reach.within(Span(since=kept_until))
    closed_days = reach.within(Span(until=kept_until))
    closed = _kept(relation, asked, closed_days, horizon_s)
    changed = None if asked.as_of is None else _changed_since(relation, asked.as_of, closed_days)
    return asked.of(fold(rows_of(relation, asked, open_days, changed), horizon_s=horizon_s).union(closed))


def rows_of(relation: Relation, asked: Asked, reach: Span, others: ir.Table | None = None) -> Snapshot:
    """Return the relations as of the time asked for, with the rows of the span that are in `reach` as of now.

    Whether messages drifted into the span is looked up at once: a join that finds none may still read everything.
    """
    if asked.as_of and asked.span:
        theirs = drifted(relation, asked.span, reach)
        if theirs.limit(1).to_pyarrow().num_rows:
            others = theirs if others is None else others.union(theirs)
    cut = pruned(relation, now=reach.within(asked.span), others=others)
    return Snapshot(relation=cut, as_of=asked.as_of)


def _kept(relation: Relation, asked: Asked, reach: Span, horizon_s: float) -> ir.Table:
    """Return the kept outcomes that are in the span, as far as they are still what they were at the time asked for."""
    t = relation("kept_outcomes")
    at = None if asked.as_of is None else instant(asked.as_of)
    wanted = reach.within(asked.span).of(t.planned_at)
    return aged(t.filter(*wanted, *([] if at is None else [t.known_at <= at])), at, horizon_s=horizon_s)


def _changed_since(relation: Relation, as_of: datetime, reach: Span) -> ir.Table:
    """Return the kept messages that were not yet as they are now."""
    t = relation("kept_outcomes")
    return t.filter(t.known_at > instant(as_of), *reach.of(t.planned_at)).select(
        id="message_id", planned_at="planned_at"
    )


def _kept_until(relation: Relation) -> datetime | None:
    t = relation("upkeep")
    kept = t.filter(t.name == "kept")
    until: datetime | None = kept.aggregate(at=kept.first_at.max()).to_pyarrow().to_pylist()[0]["at"]
    return until


def _reach(relation: Relation, campaigns: Sequence[str]) -> Span:
    """Return the span of the campaigns' messages as of now, those included that only DLRs tell of."""
    m, d = relation("messages"), relation("dlrs")
    names = list(campaigns)
    theirs = m.filter(m.campaign_id.isin(names)).select("planned_at")
    told = d.filter(d.tag.isin(names)).select("planned_at")
    both = theirs.union(told)
    ends = both.aggregate(first=both.planned_at.min(), last=both.planned_at.max()).to_pyarrow().to_pylist()[0]
    if ends["first"] is None:
        return _NEVER
    return Span(since=ends["first"], until=ends["last"] + timedelta(microseconds=1))
