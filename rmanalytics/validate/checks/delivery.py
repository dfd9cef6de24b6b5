"""Criterion A: delivered just now, and to the intended number."""

from __future__ import annotations

from rmanalytics.checks import Finding, Mark
from rmanalytics.models import OPEN, Result, State
from rmanalytics.support.wording import count, verb
from rmanalytics.validate import evidence
from rmanalytics.validate.checks.templates import rejections
from rmanalytics.validate.facts.model import Facts


def recent(facts: Facts) -> Finding:
    """Whether the batch is recent enough to say how things are now."""
    if facts.age_s is None:
        return Finding(mark=Mark.NOT_APPLICABLE, says="nothing was sent yet")
    age = f"{'the batch' if facts.batch_id else 'it'} was sent {evidence.ago(facts.age_s)}"
    if not facts.is_stale:
        return Finding(mark=Mark.PASS, says=age)
    max_age_h = (facts.max_age_s or 0) / 3600
    named = f", or name this one: `rmanalytics validate --batch {facts.batch_id}`" if facts.batch_id else ""
    return Finding(
        mark=Mark.INCONCLUSIVE,
        says=f"{age}, too long to say how things are now (RMANALYTICS_VALIDATE_MAX_AGE_H: {max_age_h:g})",
        fix=f"{evidence.new_test(facts)}{named}",
    )


def number(facts: Facts) -> Finding:
    """Whether DLRs name the number that the message was sent to."""
    if facts.strays:
        n = sum(one.n for one in facts.strays)
        return Finding(
            mark=Mark.FAIL,
            says=f"{count(n, 'DLR')} {verb(n, 'names', 'name')} a different number than the message",
            evidence=tuple(f"sent to {one.intended}, reported for {one.told}" for one in facts.strays),
            fix=f"check that `destination` carries $$To, and ask {facts.spoken.title} about these ids",
        )
    if not facts.n_reported:
        return Finding(mark=Mark.INCONCLUSIVE, says="no DLR names a number yet")
    return Finding(mark=Mark.PASS, says="every DLR names the intended number")


def delivered(facts: Facts) -> Finding:
    """Whether a message is reported delivered; one is the proof, the rate is for the reports."""
    n = facts.n_in(State.DELIVERED)
    bad = [one for one in facts.became if one.state == State.FAILED]
    if n:
        good = [one for one in facts.became if one.state == State.DELIVERED]
        return Finding(
            mark=Mark.WARNING if bad else Mark.PASS,
            says=f"{n:,} of {count(facts.n_messages, 'message')} reported delivered"
            + (f", {sum(one.n for one in bad):,} failed" if bad else ""),
            evidence=evidence.outcomes([*good[:1], *bad], facts),
            fix="see why in `rmanalytics report campaign_delivery`" if bad else "",
        )
    if facts.n_in(*OPEN):
        return _open(facts)
    if bad:
        fix = (
            f"try a phone that is on and in coverage; if it is, ask {facts.spoken.title} what the code means"
        )
        return Finding(
            mark=Mark.FAIL,
            says=f"not delivered: {evidence.dlr_code_words(bad[0].error_code, facts.reading)}",
            evidence=evidence.outcomes(bad, facts),
            fix="fix what criterion C reports" if rejections(facts) else fix,
            is_consequence=bool(rejections(facts)),
        )
    return _not_accepted(facts)


def _open(facts: Facts) -> Finding:
    waiting = [one for one in facts.became if one.state in OPEN]
    overdue = sum(one.n_overdue for one in waiting)
    says = f"{count(sum(one.n for one in waiting), 'message')} not final yet"
    fix = evidence.patience(facts)
    if facts.is_lost and any(one.state != State.NO_DLR for one in waiting):
        says += ", and the simulator has no further DLR"
        fix = f"take a number with a final one (`rmanalytics simulate --explain`), then {fix}"
    if overdue and overdue == sum(one.n for one in waiting):
        says += f", past the horizon of {facts.horizon_s / 3600:g} h (RMANALYTICS_HORIZON_H)"
        return Finding(
            mark=Mark.FAIL,
            says=says,
            evidence=evidence.outcomes(waiting, facts),
            fix=f"ask {facts.spoken.title} what happened to these messages",
        )
    return Finding(mark=Mark.INCONCLUSIVE, says=says, evidence=evidence.outcomes(waiting, facts), fix=fix)


def _not_accepted(facts: Facts) -> Finding:
    refused = [one for one in facts.submitted if one.result == Result.REFUSED]
    if refused:
        own = evidence.own_fix(refused[0], facts)
        return Finding(
            mark=Mark.FAIL,
            says=f"the gateway refused: {evidence.answer_words(refused[0], facts)}",
            evidence=evidence.submissions(refused, facts),
            fix=f"{own or 'fix what criterion C reports'}, {evidence.again(facts)}",
            is_consequence=not own,
        )
    if facts.n_messages:
        return Finding(mark=Mark.INCONCLUSIVE, says="no message has been accepted")
    return Finding(
        mark=Mark.INCONCLUSIVE, says="nothing was sent", fix="send a test: `rmanalytics send BATCH`"
    )
