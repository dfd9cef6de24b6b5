"""What became of each message, as of a time: one Ibis expression over messages, submissions and dlrs.

One row per message, with the columns of `MEANINGS` ("best status": delivered, failed, queued, unknown, whichever
comes first among what the message's DLRs say).

The fold is a join-semilattice: everything taken from DLRs is a minimum, a maximum or an "any", so neither
their order nor their repetition changes an outcome (n_dlrs, which counts them, is the one exception).

latency_s is done_at - submitted_at of one DLR, both by the gateway's clock, so that no time zone matters;
only where no DLR of the best status has both is it received_at - submitted_at, both by ours. DLRs belong
together by message_id, else by the gateway's id; those with neither give no row. planned_at
of a message that only DLRs tell of is their earliest submitted_at, else received_at.

On Spark `spark.sql.session.timeZone` must be UTC.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from rmanalytics.models import NOT_REPORTED, REPORTED, Result, Route, State, Status
from rmanalytics.warehouse.snapshot import UTC, Snapshot, instant

_STATUSES = tuple(Status(state) for state in REPORTED)
"""Best first: the place of a status is its rank."""
_RESULTS = (Result.ACCEPTED, Result.UNCLEAR, Result.REFUSED, Result.UNSENT)
"""Best first, as the states in `NOT_REPORTED`: the place of a submit result is its rank."""
_DELIVERED, _FAILED = _STATUSES.index(Status.DELIVERED), _STATUSES.index(Status.FAILED)
_REFUSED, _UNSENT = _RESULTS.index(Result.REFUSED), _RESULTS.index(Result.UNSENT)

OWN: tuple[str, ...] = ("batch_id", "gateway", "route", "msisdn", "header", "entity_id", "template_id")
OWN += ("body", "encoding", "n_segments", "planned_at")
"""The message's own columns; of a message that only DLRs tell of, what they say."""
_TOLD = ("gateway_message_id", "gateway", "msisdn", "header", "tag")


@ibis.udf.scalar.builtin(signature=((), UTC))  # type: ignore[untyped-decorator]
def now() -> None:
    """Return the time of the query, with its zone, which `ibis.now()` drops on DuckDB."""


@ibis.udf.scalar.builtin(signature=((UTC,), dt.int64))  # type: ignore[untyped-decorator]
def unix_micros(moment: ir.TimestampValue) -> ir.IntegerValue:
    """Return microseconds since 1970: exact, and on DuckDB three times as fast as a difference of times."""


MEANINGS: dict[str, str] = {
    "message_id": "Ours, as in messages; of a message that only DLRs tell of, the gateway's id.",
    "campaign_id": "The message's campaign; of a message that only DLRs tell of, their tag.",
    "state": "delivered, failed, queued, unknown, no_dlr, refused, unclear or unsent; what DLRs say wins over the "
    "submit response.",
    "error_code": "Smallest code among the DLRs of the best status; null when they name none.",
    "final_at": "Earliest done_at (else received_at) of the best status, or the refusal; null until final.",
    "latency_s": "Seconds from submission to the final DLR, may be negative; null until delivered or failed.",
    "n_dlrs": "DLRs received, repetitions included.",
    "has_conflict": "DLRs say delivered and failed, or a DLR came for a message that was refused.",
    **dict.fromkeys(OWN, "As in messages; of a message that only DLRs tell of, what they say."),
    "submit_result": "Best submit result: accepted, unclear, refused, unsent; null without any attempt.",
    "submit_code": "Smallest code of the gateway with that result.",
    "submitted_at": "Our first attempt with that result.",
    "gateway_message_id": "The gateway's id: from those submit responses, else from the DLRs.",
    "raw_status": "Smallest word of the gateway among the DLRs of the best status.",
    "mcc_mnc": "Operator: the largest that any DLR names.",
    "cost": "The largest that any DLR names.",
    "charge": "The largest that any DLR names.",
    "age_s": "Seconds from submitted_at (else planned_at) to the time that is asked for.",
    "is_overdue": "Whether it is no_dlr and at least as old as the horizon.",
    "is_latency_negative": "Whether the report is dated before the submission.",
    "is_dlr_only": "Whether no message of ours is known: only DLRs tell of it.",
    "is_simulated": "Whether the simulator played the gateway.",
}
"""What each column is, in order; the view's comments in the database."""

COLUMNS = tuple(MEANINGS)


def fold(known: Snapshot, *, horizon_s: float) -> ir.Table:
    """Return one row per message as known at a time, with the columns above.

    `horizon_s` is taken in whole seconds. Raises BadInput for an `as_of` without a time zone.
    """
    at = None if known.as_of is None else instant(known.as_of)
    return aged(timeless(known), at, horizon_s=horizon_s)


def timeless(known: Snapshot) -> ir.Table:
    """Return the outcomes without what depends on the time of the query; `known_at`: since when they are so."""
    messages = known.table("messages")
    submitted, reported = _submitted(known.answers()), _reported(known.table("dlrs"))
    joined = messages.left_join(submitted, messages.message_id == submitted.submitted_id)
    joined = joined.outer_join(reported, joined.message_id == reported.reported_id)
    return _outcomes(_judged(joined))


def aged(t: ir.Table, at: ir.TimestampScalar | None, *, horizon_s: float) -> ir.Table:
    """Return outcomes with what depends on the time they are looked at; None is when the query runs."""
    at = now() if at is None else at
    since = ibis.coalesce(t.submitted_at, t.planned_at)
    horizon = ibis.interval(seconds=round(horizon_s))
    return t.mutate(
        age_s=_seconds(since, at),
        is_overdue=((t.state == State.NO_DLR.value) & (since <= at - horizon)).fill_null(False),
    ).select(*COLUMNS)


def _submitted(submissions: ir.Table) -> ir.Table:
    """Return one row per message that was attempted."""
    t = submissions.mutate(rank=_rank(submissions.result, _RESULTS))
    return t.group_by(submitted_id=t.message_id).agg(
        submit_rank=t.rank.min(),
        last_try_at=ibis.greatest(t.attempted_at, t.answered_at).max(),
        least_code=_least(t, "code"),
        least_id=_least(t, "gateway_message_id"),
        refused_at=ibis.coalesce(t.answered_at, t.attempted_at).min(where=t.rank == _REFUSED),
        **{f"{r}_attempt_at": t.attempted_at.min(where=t.rank == i) for i, r in enumerate(_RESULTS)},
    )


def _reported(dlrs: ir.Table) -> ir.Table:
    """Return one row per message that DLRs speak of, under our id or else the gateway's."""
    t = dlrs.mutate(
        reported_id=ibis.coalesce(dlrs.message_id, dlrs.gateway_message_id),
        rank=_rank(dlrs.status, _STATUSES),
        said_at=ibis.coalesce(dlrs.done_at, dlrs.received_at),
    )
    t = t.filter(t.reported_id.notnull())
    return t.group_by("reported_id").agg(
        status_rank=t.rank.min(),
        n_dlrs=t.count(),
        last_dlr_at=t.received_at.max(),
        says_failed=(t.rank == _FAILED).any(),
        least_error=_least(t, "error_code"),
        least_word=_least(t, "raw_status"),
        told_at=ibis.coalesce(t.submitted_at.min(), t.received_at.min()),
        **_final_words(t, Status.DELIVERED),
        **_final_words(t, Status.FAILED),
        **{f"told_{name}": t[name].min() for name in _TOLD},
        **{name: t[name].max() for name in ("mcc_mnc", "cost", "charge")},
    )


def _final_words(t: ir.Table, status: Status) -> dict[str, ir.Value]:
    says_so = t.rank == _STATUSES.index(status)
    return {
        f"{status}_at": t.said_at.min(where=says_so),
        f"{status}_received_at": t.received_at.min(where=says_so),
        # The condition also stands inside, so that the costly difference is not taken for other DLRs.
        f"{status}_latency_s": says_so.ifelse(_seconds(t.submitted_at, t.done_at), None).min(),
    }


def _judged(t: ir.Table) -> ir.Table:
    """Add the state and what several outcome columns need."""
    t = t.mutate(
        is_dlr_only=t.message_id.isnull(),
        state=ibis.coalesce(
            _by_rank(t.status_rank, REPORTED), _by_rank(t.submit_rank.fill_null(_UNSENT), NOT_REPORTED)
        ),
        attempt_at=_by_rank(t.submit_rank, [t[f"{result}_attempt_at"] for result in _RESULTS]),
    )
    reported_s = _if_final(t, "latency_s")
    return t.mutate(latency_s=ibis.coalesce(reported_s, _seconds(t.attempt_at, _if_final(t, "received_at"))))


def _outcomes(t: ir.Table) -> ir.Table:
    own = _own(t)
    return t.select(
        message_id=ibis.coalesce(t.message_id, t.reported_id),
        campaign_id=t.is_dlr_only.ifelse(t.told_tag, t.campaign_id),
        state=t.state,
        error_code=_if_of(t.least_error, t.status_rank),
        final_at=ibis.coalesce(
            _if_final(t, "at"), (t.state == State.REFUSED.value).ifelse(t.refused_at, None)
        ),
        latency_s=t.latency_s,
        n_dlrs=t.n_dlrs.fill_null(0),
        has_conflict=_conflict(t),
        **own,
        submit_result=_by_rank(t.submit_rank, _RESULTS),
        submit_code=_if_of(t.least_code, t.submit_rank),
        submitted_at=t.attempt_at,
        gateway_message_id=ibis.coalesce(_if_of(t.least_id, t.submit_rank), t.told_gateway_message_id),
        raw_status=_if_of(t.least_word, t.status_rank),
        mcc_mnc=t.mcc_mnc,
        cost=t.cost,
        charge=t.charge,
        is_latency_negative=(t.latency_s < 0).fill_null(False),
        is_dlr_only=t.is_dlr_only,
        is_simulated=(own["gateway"] == "simulator").fill_null(False),
        known_at=ibis.greatest(t.planned_at, t.last_try_at, t.last_dlr_at),
    )


def _own(t: ir.Table) -> dict[str, ir.Column]:
    """Return the message's own columns, as far as DLRs know them where they are all we have."""
    told = {name: t[f"told_{name}"] for name in ("gateway", "msisdn", "header")}
    told["planned_at"] = t.told_at
    told["route"] = ibis.cases(
        (t.told_msisdn.startswith("91"), Route.DOMESTIC.value),
        (t.told_msisdn.notnull(), Route.INTERNATIONAL.value),
    )
    return {name: t.is_dlr_only.ifelse(told[name], t[name]) if name in told else t[name] for name in OWN}


def _conflict(t: ir.Table) -> ir.BooleanColumn:
    two_finals = (t.status_rank == _DELIVERED) & t.says_failed
    refused = t.status_rank.notnull() & (t.submit_rank == _REFUSED)
    return two_finals.fill_null(False) | refused.fill_null(False)


def _rank(column: ir.StringColumn, best_first: Sequence[str]) -> ir.IntegerColumn:
    """Return the place of the word; a word that is not known, or none, ranks last."""
    *better, _ = best_first
    return column.cases(*((str(word), rank) for rank, word in enumerate(better)), else_=len(better))


def _by_rank(rank: ir.IntegerColumn, values: Sequence[str | ir.Column]) -> ir.Column:
    """Return the value at the place `rank`."""
    return rank.cases(*((i, str(v) if isinstance(v, str) else v) for i, v in enumerate(values)))


def _least(t: ir.Table, name: str) -> ir.StringScalar:
    """Return the smallest text of the best rank that has one, that rank in front."""
    return (t.rank.cast("string") + t[name]).min()


def _if_of(least: ir.StringColumn, rank: ir.IntegerColumn) -> ir.StringColumn:
    """Return the text of `_least` without its rank; null when it belongs to another rank than the best."""
    return (least.substr(0, 1) == rank.cast("string")).ifelse(least.substr(1), None)


def _if_final(t: ir.Table, name: str) -> ir.Column:
    """Return what the DLRs of the best status say, when that status is final."""
    return t.status_rank.cases((_DELIVERED, t[f"delivered_{name}"]), (_FAILED, t[f"failed_{name}"]))


def _seconds(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    return (unix_micros(end) - unix_micros(start)).cast("float64") / 1e6
