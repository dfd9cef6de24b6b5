"""Plan and summary as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from rmanalytics.models import Result
from rmanalytics.send.plan import Plan
from rmanalytics.send.rows import shown
from rmanalytics.send.tally import Summary
from rmanalytics.sms.row_values import TEMPLATE_ID_FIX
from rmanalytics.support.times import readable
from rmanalytics.support.wording import are, count, verb

SHOWN_FAULTS = 20
SHOWN_CAMPAIGNS = 20
SHOWN_TEMPLATE_IDS = 5

_BEFORE = {
    Result.ACCEPTED: "accepted",
    Result.UNCLEAR: "unclear (may have been sent, so never sent again: `rmanalytics ingest` looks for their DLRs)",
    Result.REFUSED: "refused (use --retry-refused to send them again)",
    Result.UNSENT: "unsent, will be sent now",
}


def describe_plan(plan: Plan, zone: str = "UTC") -> str:
    """Return the plan as lines of text, times in a zone."""
    simulated = "  (simulated: nothing reaches a phone)" if plan.gateway == "simulator" else ""
    about = "about " if plan.is_estimate else ""
    rows = f"{plan.n_to_send:,} to send, {plan.n_sent_before:,} sent before, {plan.n_bad:,} bad"
    requests = f"{about}{count(plan.n_requests, 'request')}"
    facts = [
        ("batch", f"{plan.path}  (batch_id {plan.batch_id})"),
        ("gateway", f"{plan.gateway}{simulated}"),
        ("endpoint", ", ".join(plan.endpoints) or "none"),
        ("rows", f"{plan.n_rows:,}: {rows}"),
        ("to send", f"{_size(plan.n_to_send, plan.n_segments)}, {requests}"),
        ("route", _counts(plan.by_route)),
        ("encoding", _counts(plan.by_encoding)),
        ("cost", "" if plan.cost is None else f"{plan.cost:,.2f} {plan.currency}"),
    ]
    parts = [
        _aligned((name, fact) for name, fact in facts if fact),
        _campaigns(plan),
        _attempted(plan),
        _faults(plan),
    ]
    return "\n\n".join(filter(None, [*parts, _warnings(plan, zone)]))


def describe_summary(summary: Summary) -> str:
    """Return the result of a run as lines of text."""
    if not summary.n_to_send:
        left = {"unclear": summary.n_unclear_before, "refused": summary.n_refused_before}
        rest = "".join(f"; {n:,} {are(n)} {name}" for name, n in left.items() if n)
        if summary.n_bad:
            return f"nothing to send: every good row was sent before{rest}\n\n{_left_out(summary)}"
        again = "(--resend sends rows without a message_id again)"
        return f"nothing to send: every message of this batch was sent before{rest} {again}"
    simulated = "simulated: " if summary.is_simulated else ""
    results = [
        (f"{simulated}accepted", f"{summary.n_accepted:,}"),
        ("refused", f"{summary.n_refused:,}"),
        ("unclear", f"{summary.n_unclear:,}"),
        ("unsent", f"{summary.n_unsent:,}"),
    ]
    codes = [
        (code.code or "no code", f"{code.n_messages:,}  {code.meaning or code.result}")
        for code in summary.codes
    ]
    pace = f"{count(summary.n_requests, 'request')} in {summary.duration_s:,.1f} s, {summary.rate:,.1f} messages/s"
    parts = [_aligned(results), _aligned(codes), pace, *_endings(summary)]
    return "\n\n".join(filter(None, parts))


def _endings(summary: Summary) -> Iterable[str]:
    if summary.stopped:
        yield f"stopped: {summary.stopped}"
    if summary.n_unclear:
        n = summary.n_unclear
        yield f"{count(n, 'message')} {are(n)} unclear: may have been sent, so never sent again"
    if summary.n_bad:
        yield _left_out(summary)


def _left_out(summary: Summary) -> str:
    n = summary.n_bad
    fix = "" if summary.is_bad_skipped else "; fix them and send the file again: only they will go"
    return f"{count(n, 'bad row')} {verb(n, 'was', 'were')} left out{fix}"


def _aligned(rows: Iterable[tuple[str, str]]) -> str:
    lines = list(rows)
    width = max((len(name) for name, _ in lines), default=0)
    return "\n".join(f"{name:{width}}  {fact}" for name, fact in lines)


def _counts(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items())


def _size(n_messages: int, n_segments: int) -> str:
    return f"{count(n_messages, 'message')}, {count(n_segments, 'segment')}"


def _campaigns(plan: Plan) -> str:
    """Return the campaigns to send, largest first."""
    largest = sorted(plan.campaigns, key=lambda campaign: -campaign.n_messages)
    rows = [(c.campaign_id, _size(c.n_messages, c.n_segments)) for c in largest]
    more = f"\nand {len(rows) - SHOWN_CAMPAIGNS:,} more (see --json)" if len(rows) > SHOWN_CAMPAIGNS else ""
    return f"campaigns\n{_aligned(rows[:SHOWN_CAMPAIGNS])}{more}" if rows else ""


def _attempted(plan: Plan) -> str:
    rows = [(f"{n:,}", _BEFORE[result]) for result, n in plan.attempted_before.items()]
    if plan.n_resolved:
        rows.append((f"{plan.n_resolved:,}", "without a clear answer, but a DLR came: they were sent"))
    return f"attempted before\n{_aligned(rows)}" if rows else ""


def _faults(plan: Plan) -> str:
    """Return the first faults and, if there are more, how often each reason occurs."""
    if not plan.faults:
        return ""
    listed = [fault.describe() for fault in plan.faults[:SHOWN_FAULTS]]
    if len(plan.faults) > SHOWN_FAULTS:
        counts = list(plan.fault_counts.items())[:SHOWN_FAULTS]
        listed += ["… (--json lists more)", *(f"{n:,} × {reason}" for reason, n in counts)]
    return "\n".join([count(plan.n_bad, "bad row"), *listed])


def _unusual(plan: Plan) -> list[str]:
    found = sorted(plan.unusual_template_ids.items(), key=lambda one: one[1])
    listed = [
        f"warning: line {line}: template_id {shown('template_id', text)}: {TEMPLATE_ID_FIX}"
        for text, line in found[:SHOWN_TEMPLATE_IDS]
    ]
    more = len(found) - SHOWN_TEMPLATE_IDS
    return [*listed, f"warning: {more:,} more template ids are unusual"] if more > 0 else listed


def _warnings(plan: Plan, zone: str) -> str:
    lines = []
    if plan.unknown_columns:
        lines.append(f"warning: ignored columns: {', '.join(plan.unknown_columns)}")
    lines += _unusual(plan)
    if n := plan.n_same:
        lines.append(
            f"{count(n, 'message')} {verb(n, 'was', 'were')} sent by another batch (same number, campaign and text): "
            "--resend sends such messages again"
        )
    if plan.is_first_real:
        lines.append(
            "first real send from this home: begin with your own number (`rmanalytics send --test +91…`); "
            "`rmanalytics doctor --go-live` has the checklist"
        )
    if plan.resend_begun_at:
        begun_at = readable(plan.resend_begun_at, ZoneInfo(zone))
        lines.append(f"continues the resend begun at {begun_at}, which was interrupted")
    return "\n".join(lines)
