"""From facts to a verdict: run every check, sum up the criteria, name the decisive cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rmanalytics.checks import Check, Checked, Finding, Mark, worst
from rmanalytics.support.wording import count
from rmanalytics.validate.checks import REGISTRY
from rmanalytics.validate.evidence import ago, played, unread, whole
from rmanalytics.validate.facts.model import Facts
from rmanalytics.validate.model import Criterion, Judged, Verdict

EXIT_CODES = {Mark.PASS: 0, Mark.WARNING: 0, Mark.FAIL: 1, Mark.INCONCLUSIVE: 3}
UNREACHABLE = 4
_SHOUTED = {
    Mark.PASS: "PASSED",
    Mark.WARNING: "PASSED WITH A WARNING",
    Mark.FAIL: "FAILED",
    Mark.INCONCLUSIVE: "INCONCLUSIVE",
}

_PLAYED = {
    "reached": frozenset({"1715", "hang", "drop", "http_500", "html"}),
    "credentials": frozenset({"1709"}),
    "payload": frozenset({"content_type", "https_only"}),
    "credit": frozenset({"credit"}),
    "callback_url": frozenset({"unregistered", "slow_callback"}),
    "id": frozenset({"wrong_id", "no_echo", "id_case"}),
    "dlr": frozenset({"garbage"}),
    "status": frozenset({"unknown_word"}),
    "time_zone": frozenset({"utc_times", "clock", "odd_times"}),
    "number": frozenset({"wrong_number"}),
}
"""Which of the simulator's faults each check is about: where it plays one, there is nothing to ask anybody."""


def judge(facts: Facts, checks: Sequence[Check[Facts]] = REGISTRY, *, is_strict: bool = False) -> Verdict:
    """Return the verdict on the facts; a criterion is as good as the worst of its checks.

    `exit_code` is 0 when all criteria hold (warnings included, unless `is_strict`), 1 when one failed, 3 when one
    cannot be determined (yet), 4 when the gateway was unreachable. What failed in a batch that is too old may be
    fixed by now: the verdict on it is inconclusive.
    """
    checked = [Checked(check=check, finding=_found(check, facts, is_strict)) for check in checks]
    criteria = tuple(_judged(criterion, checked) for criterion in Criterion)
    mark = Mark.INCONCLUSIVE if facts.is_stale else worst(checked)
    decisive = _decisive(mark, checked)
    is_unreachable = bool(decisive and decisive.finding.is_unreachable)
    about = _about(facts)
    return Verdict(
        mark=mark,
        line=_line(mark, decisive.finding if decisive else None, checked, about, unread(facts)),
        exit_code=UNREACHABLE if is_unreachable else EXIT_CODES[mark],
        about=about,
        batch_id=facts.batch_id,
        sent_at=facts.last_at,
        as_of=facts.as_of,
        is_simulated=facts.is_simulated,
        says=decisive.finding.says if decisive else "",
        criteria=criteria,
    )


def _decisive(mark: Mark, checked: Iterable[Checked]) -> Checked | None:
    """Return the first check with the mark; of those that cannot be determined the first one that says what to do."""
    found = [one for one in checked if one.finding.mark is mark]
    helpful = [one for one in found if one.finding.fix] if mark is Mark.INCONCLUSIVE else []
    return next(iter(helpful or found), None)


def _found(check: Check[Facts], facts: Facts, is_strict: bool) -> Finding:
    """Return what a check found, weighed, with a fix that leads to the next verdict."""
    finding = check.look(facts)
    is_worse = is_strict and finding.mark is Mark.WARNING
    finding = played(finding, _PLAYED.get(check.name, frozenset()), facts)
    return whole(replace(finding, mark=Mark.FAIL) if is_worse else finding, facts)


def _judged(criterion: Criterion, checked: Iterable[Checked]) -> Judged:
    own = tuple(one for one in checked if one.check.group == criterion)
    return Judged(criterion=criterion, mark=worst(own), checks=own)


def _line(mark: Mark, decisive: Finding | None, checked: Iterable[Checked], about: str, note: str) -> str:
    if decisive is None or mark is Mark.PASS:
        return "; ".join(filter(None, (f"{_SHOUTED[mark]}: all three criteria hold for {about}", note)))
    n_more = len(_causes(mark, checked) - {decisive.fix})
    more = f" (and {n_more} more)" if n_more and mark is not Mark.INCONCLUSIVE else ""
    return f"{_SHOUTED[mark]}: {decisive.says}{f': {decisive.fix}' if decisive.fix else ''}{more}"


def _causes(mark: Mark, checked: Iterable[Checked]) -> set[str]:
    """Return the fixes of the findings with this mark, without those that only follow from another one."""
    return {one.finding.fix for one in checked if one.finding.mark is mark and not one.finding.is_consequence}


def _about(facts: Facts) -> str:
    if not facts.n_messages:
        return "no message was sent" + (f" for campaign {facts.campaign_id}" if facts.campaign_id else "")
    n = count(facts.n_messages, "message")
    parts = [n, f"campaign {facts.campaign_id}" if facts.campaign_id else ""]
    parts += [f"{'resent ' if facts.is_resent else ''}batch {facts.batch_id}" if facts.batch_id else ""]
    about = ", ".join(filter(None, parts)) + (" (simulated)" if facts.is_simulated else "")
    return about if facts.age_s is None else f"{about}, sent {ago(facts.age_s)}"
