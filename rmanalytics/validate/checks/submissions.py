"""What the gateway answered: credentials, payload, header, credit, transmission."""

from __future__ import annotations

from rmanalytics.checks import Finding, Mark
from rmanalytics.gateways import Cause
from rmanalytics.models import Result
from rmanalytics.provider.gateway import TIMEOUT_S
from rmanalytics.support.http import IN_HTTPS, NOT_TLS
from rmanalytics.support.wording import count, verb
from rmanalytics.validate import evidence
from rmanalytics.validate.facts.model import Facts, Submitted

_TIMED_OUT, _BROKE, _PAGE = "timed out", "the connection broke", "an HTML page"
"""How details of answers end or begin: `support.http` and `gateways.answers` write them."""

STRAY_SHARE = 0.01
"""Up to this share of unclear to accepted messages, a network error is likely, not a wrong setup."""

_LATER = frozenset({Cause.HEADER, Cause.CREDIT, Cause.TEMPLATE, Cause.RECIPIENT})
"""Causes that a gateway only finds once credentials and payload are right."""


def reached(facts: Facts) -> Finding:
    """Whether requests reached the gateway and were answered; a single one without an answer is a warning."""
    bad = blamed(facts, Cause.TRANSMISSION)
    if bad and all(one.result == Result.UNSENT for one in bad) and not facts.n_accepted:
        return Finding(
            mark=Mark.FAIL,
            says=f"the gateway cannot be reached{f': {NOT_TLS}' if _is_plain(bad) else ''}",
            evidence=evidence.submissions(bad, facts),
            fix=f"{_reach(bad, facts)}, then {'run the same `rmanalytics prove`' if facts.is_trial else 'send'} again",
            is_unreachable=True,
        )
    if bad:
        n = sum(one.n for one in bad)
        is_stray = n <= STRAY_SHARE * facts.n_accepted
        return Finding(
            mark=Mark.WARNING if is_stray else Mark.FAIL,
            says=f"{count(n, 'message')} {verb(n, 'has', 'have')} no clear answer: {_why(bad[0], facts)}",
            evidence=evidence.submissions(bad, facts),
            fix=advice(bad, Cause.TRANSMISSION, facts) or _ask_about(bad, facts),
        )
    if any(one.http_status for one in facts.submitted) or facts.n_accepted:
        return passed("every request was answered", facts)
    return nothing_yet(facts)


def _is_plain(bad: list[Submitted]) -> bool:
    """Whether https was asked of a port that does not speak it."""
    return NOT_TLS in (bad[0].detail or "")


def _reach(bad: list[Submitted], facts: Facts) -> str:
    """Return what to look at where nothing answers; in a rehearsal the host is never the provider file's."""
    if _is_plain(bad) and (facts.is_simulated or not facts.is_as_clevertap):
        return f"write http:// in {_url(facts)}, or give the port that takes https"
    if facts.is_simulated:
        return f"start `rmanalytics simulate`, or correct {facts.spoken.variable('url')}"
    return f"check {evidence.place(facts, 'url', 'endpoint')} and the network"


def _url(facts: Facts) -> str:
    """Return where the URL stands; a rehearsal takes the provider file's only where that names this machine."""
    variable = facts.spoken.variable("url")
    if not facts.is_as_clevertap:
        return variable
    file = "`endpoint` of the provider file"
    return f"{file} if it names this machine, else in {variable}" if facts.is_simulated else file


def _without(facts: Facts) -> str:
    """Return how the simulator's own fault is taken out, which comes first; empty where none is played."""
    without = "restart `simulate` without `--fault https_only`, or as for a real gateway: "
    return without if facts.is_simulated else ""


def _why(one: Submitted, facts: Facts) -> str:
    """Return what came instead of a clear answer."""
    detail = one.detail or ""
    if one.code:
        return evidence.code_words(facts.spoken, one.code)
    if one.http_status is None:
        ends = {
            _TIMED_OUT: f"timed out after {facts.timeout_s:g} s",
            _BROKE: "connection closed without an answer",
        }
        return next((says for end, says in ends.items() if detail.endswith(end)), detail or "no answer")
    if 200 <= one.http_status < 300:
        return detail.partition("; ")[2] or f"HTTP {one.http_status} without a code"
    return f"HTTP {one.http_status}"


def _ask_about(bad: list[Submitted], facts: Facts) -> str:
    """Return whom to ask about messages without a clear answer, and what to check first."""
    them = verb(sum(one.n for one in bad), "it", "them")
    fix = f"ask {facts.spoken.title} what happened to {them}"
    fix += "" if facts.is_trial else f" before you send {them} again"
    if any((one.detail or "").endswith(_TIMED_OUT) for one in bad):
        return f"the timeout is RMANALYTICS_SEND_TIMEOUT_S, CleverTap's is {TIMEOUT_S:g} s: {fix}"
    if _PAGE in (bad[0].detail or "") and bad[0].http_status and bad[0].http_status < 300:
        return (
            f"usually a wrong path or a proxy; check {evidence.place(facts, 'url', 'endpoint')}, then {fix}"
        )
    return fix


def credentials(facts: Facts) -> Finding:
    """Whether the gateway accepted user name and password."""
    if bad := blamed(facts, Cause.CREDENTIALS):
        fix = advice(bad, Cause.CREDENTIALS, facts)
        fix += (
            " (the simulator has those of its start: restart it after a change)" if facts.is_simulated else ""
        )
        return failed(bad, facts, f"{fix}, {evidence.again(facts)}")
    return (
        passed("the gateway accepted user name and password", facts)
        if _went_on(facts)
        else nothing_yet(facts)
    )


def payload(facts: Facts) -> Finding:
    """Whether the gateway understood the request."""
    if bad := blamed(facts, Cause.PAYLOAD):
        if IN_HTTPS in (bad[0].detail or ""):
            return failed(bad, facts, f"{_without(facts)}write https:// in {_url(facts)}")
        return failed(bad, facts, advice(bad, Cause.PAYLOAD, facts))
    return passed("the gateway understood the request", facts) if _went_on(facts) else nothing_yet(facts)


def header(facts: Facts) -> Finding:
    """Whether the account may use the header (sender id)."""
    if bad := blamed(facts, Cause.HEADER):
        used = ", ".join(sorted({one.header or "none" for one in facts.became})[: evidence.N_SHOWN])
        fix = advice(bad, Cause.HEADER, facts)
        fix += " (the simulator's are in its `--header`: restart it without)" if facts.is_simulated else ""
        return failed(bad, facts, f"{fix}, {evidence.again(facts)}; used: {used}")
    return passed("the gateway accepted the header", facts) if facts.n_accepted else nothing_yet(facts)


def credit(facts: Facts) -> Finding:
    """Whether the account has credit."""
    if bad := blamed(facts, Cause.CREDIT):
        fix = advice(bad, Cause.CREDIT, facts)
        fix += " (the simulator's: restart it without `--credits`)" if facts.is_simulated else ""
        return failed(bad, facts, f"{fix}, {evidence.again(facts)}")
    return passed("the account has credit", facts) if facts.n_accepted else nothing_yet(facts)


def codes(facts: Facts) -> Finding:
    """Whether every submit code is one that the gateway explains; single numbers may be refused."""
    unknown = blamed(facts, Cause.STRANGE)
    refused = blamed(facts, Cause.RECIPIENT)
    codes_seen = evidence.submissions(facts.submitted, facts)
    if unknown:
        fix = f"ask {facts.spoken.title} what the code means; until then it counts as refused"
        return Finding(
            mark=Mark.WARNING,
            says=evidence.code_words(facts.spoken, unknown[0].code),
            evidence=codes_seen,
            fix=fix,
        )
    if refused:
        n = sum(one.n for one in refused)
        says = f"{count(n, 'number')} refused: {evidence.code_words(facts.spoken, refused[0].code)}"
        fix = advice(refused, Cause.RECIPIENT, facts)
        return Finding(mark=Mark.WARNING, says=says, evidence=codes_seen, fix=fix)
    if codes_seen:
        return Finding(mark=Mark.PASS, says=f"every code is in {_whose(facts)} list", evidence=codes_seen)
    return nothing_yet(facts)


def blamed(facts: Facts, wanted: Cause) -> list[Submitted]:
    """Return the submit responses that blame this cause."""
    return [one for one in facts.submitted if _cause(one, facts) == wanted]


def failed(rows: list[Submitted], facts: Facts, advice: str, mark: Mark = Mark.FAIL) -> Finding:
    """Return that these were not accepted, in the words of the first one's code."""
    return Finding(
        mark=mark,
        says=evidence.answer_words(rows[0], facts),
        evidence=evidence.submissions(rows, facts),
        fix=advice,
    )


def _cause(one: Submitted, facts: Facts) -> Cause | None:
    return facts.spoken.cause(one.result, one.code, one.http_status)


def advice(rows: list[Submitted], cause: Cause, facts: Facts) -> str:
    """Return what to do about the first one's code."""
    said = facts.spoken.fix(rows[0].code, cause, is_from_file=facts.is_as_clevertap)
    return evidence.for_test(said, facts)


def _whose(facts: Facts) -> str:
    return f"{facts.spoken.title}'s"


def _went_on(facts: Facts) -> bool:
    """Whether the gateway checked more than credentials and payload."""
    causes = {_cause(one, facts) for one in facts.submitted}
    return bool(facts.n_accepted or causes & _LATER)


def passed(says: str, facts: Facts) -> Finding:
    """Return that nothing is wrong, with the accepted answers as evidence."""
    accepted = [one for one in facts.submitted if one.result == Result.ACCEPTED]
    return Finding(mark=Mark.PASS, says=says, evidence=evidence.submissions(accepted[:1], facts))


def nothing_yet(facts: Facts, says: str = "no message has been accepted") -> Finding:
    """Return that the gateway has said nothing of it yet."""
    if not facts.submitted and facts.n_reported:
        # CleverTap sent them: their DLRs prove that they were accepted, not how.
        return Finding(mark=Mark.NOT_APPLICABLE, says="not sent from here: known from DLRs only")
    if not facts.n_messages:
        return Finding(
            mark=Mark.INCONCLUSIVE, says="nothing was sent", fix="send a test: `rmanalytics send BATCH`"
        )
    return Finding(mark=Mark.INCONCLUSIVE, says=says)
