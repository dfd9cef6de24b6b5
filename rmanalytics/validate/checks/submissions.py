"""What the gateway answered: credentials, payload, header, template, credit, transmission."""

from __future__ import annotations

from rmanalytics import dlt
from rmanalytics.checks import Finding, Mark
from rmanalytics.gateways import Cause
from rmanalytics.models import Result, State
from rmanalytics.provider.gateway import TIMEOUT_S
from rmanalytics.support.wording import count, verb
from rmanalytics.validate import evidence
from rmanalytics.validate.facts.model import Became, Facts, Mismatch, Submitted

_TIMED_OUT, _BROKE, _PAGE = "timed out", "the connection broke", "an HTML page"
"""How details of answers end or begin: `support.http` and `gateways.answers` write them."""

STRAY_SHARE = 0.01
"""Up to this share of unclear to accepted messages, a network error is likely, not a wrong setup."""

_LATER = frozenset({Cause.HEADER, Cause.CREDIT, Cause.TEMPLATE, Cause.RECIPIENT})
"""Causes that a gateway only finds once credentials and payload are right."""

_DIFFERENCE_CHARS = 60
_NOT_OF_THE_TEXT = frozenset(
    {
        dlt.Reason.HEADER_NOT_REGISTERED,
        dlt.Reason.ENTITY_MISMATCH,
        dlt.Reason.CATEGORY_MISMATCH,
        dlt.Reason.TEMPLATE_INACTIVE,
    }
)

SETUP = frozenset({"entity", "header", "template_id", "pe_tm", "template_mismatch", "template_variable"})
SETUP |= {"category", "cta", "tlv", "consent"}
"""Categories of DLT codes that point to the registration or the message, not the recipient."""


def reached(facts: Facts) -> Finding:
    """Whether requests reached the gateway and were answered; a single one without an answer is a warning."""
    bad = blamed(facts, Cause.TRANSMISSION)
    if bad and all(one.result == Result.UNSENT for one in bad) and not facts.n_accepted:
        return Finding(
            mark=Mark.FAIL,
            says="the gateway cannot be reached",
            evidence=evidence.submissions(bad, facts),
            fix=f"{_reach(facts)}, then {'run the same `rmanalytics prove`' if facts.is_trial else 'send'} again",
            is_unreachable=True,
        )
    if bad:
        n = sum(one.n for one in bad)
        is_stray = n <= STRAY_SHARE * facts.n_accepted
        return Finding(
            mark=Mark.WARNING if is_stray else Mark.FAIL,
            says=f"{count(n, 'message')} {verb(n, 'has', 'have')} no clear answer: {_why(bad[0], facts)}",
            evidence=evidence.submissions(bad, facts),
            fix=_fix(bad, Cause.TRANSMISSION, facts) or _ask_about(bad, facts),
        )
    if any(one.http_status for one in facts.submitted) or facts.n_accepted:
        return _passed("every request was answered", facts)
    return _nothing_yet(facts)


def _reach(facts: Facts) -> str:
    """Return what to look at where nothing answers; in a rehearsal the host is never the provider file's."""
    if facts.is_simulated:
        return f"start `rmanalytics simulate`, or correct {facts.spoken.variable('url')}"
    return f"check {evidence.place(facts, 'url', 'endpoint')} and the network"


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
    fix = f"ask {facts.spoken.title} what happened to {them} before you send {them} again"
    if any((one.detail or "").endswith(_TIMED_OUT) for one in bad):
        return f"{fix}; the timeout is RMANALYTICS_SEND_TIMEOUT_S, CleverTap's is {TIMEOUT_S:g} s"
    if _PAGE in (bad[0].detail or "") and bad[0].http_status and bad[0].http_status < 300:
        return (
            f"usually a wrong path or a proxy; check {evidence.place(facts, 'url', 'endpoint')}, then {fix}"
        )
    return fix


def credentials(facts: Facts) -> Finding:
    """Whether the gateway accepted user name and password."""
    if bad := blamed(facts, Cause.CREDENTIALS):
        return _failed(bad, facts, f"{_fix(bad, Cause.CREDENTIALS, facts)}, {evidence.again(facts)}")
    return (
        _passed("the gateway accepted user name and password", facts)
        if _went_on(facts)
        else _nothing_yet(facts)
    )


def payload(facts: Facts) -> Finding:
    """Whether the gateway understood the request."""
    if bad := blamed(facts, Cause.PAYLOAD):
        return _failed(bad, facts, _fix(bad, Cause.PAYLOAD, facts))
    return _passed("the gateway understood the request", facts) if _went_on(facts) else _nothing_yet(facts)


def header(facts: Facts) -> Finding:
    """Whether the account may use the header (sender id)."""
    if bad := blamed(facts, Cause.HEADER):
        used = ", ".join(sorted({one.header or "none" for one in facts.became})[: evidence.N_SHOWN])
        return _failed(bad, facts, f"{_fix(bad, Cause.HEADER, facts)}, {evidence.again(facts)}; used: {used}")
    return _passed("the gateway accepted the header", facts) if facts.n_accepted else _nothing_yet(facts)


def credit(facts: Facts) -> Finding:
    """Whether the account has credit."""
    if bad := blamed(facts, Cause.CREDIT):
        return _failed(bad, facts, f"{_fix(bad, Cause.CREDIT, facts)}, {evidence.again(facts)}")
    return _passed("the account has credit", facts) if facts.n_accepted else _nothing_yet(facts)


def template(facts: Facts) -> Finding:
    """Whether DLT scrubbing passed header, template and text, according to submit codes, DLRs and our own check."""
    refused, rejected = blamed(facts, Cause.TEMPLATE), rejections(facts)
    if refused and not facts.n_in(State.DELIVERED):
        return _failed(refused, facts, f"{_fix(refused, Cause.TEMPLATE, facts)}, {evidence.again(facts)}")
    if grave := [one for one in rejected if not _delivers(one, facts)]:
        return _rejected(Mark.FAIL, grave, facts)
    if refused or rejected:
        return (
            _rejected(Mark.WARNING, rejected, facts)
            if rejected
            else _failed(refused, facts, "", Mark.WARNING)
        )
    if facts.mismatches:
        return _mismatched(facts)
    if not facts.n_reported:
        return _nothing_yet(facts, "no DLR reports the result of DLT scrubbing yet")
    checked = f"; {facts.n_checked:,} checked against their templates" if facts.n_checked else ""
    return _passed(f"no DLR and no submit code reports a DLT error{checked}", facts)


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
        fix = _fix(refused, Cause.RECIPIENT, facts)
        return Finding(mark=Mark.WARNING, says=says, evidence=codes_seen, fix=fix)
    if codes_seen:
        return Finding(mark=Mark.PASS, says=f"every code is in {_whose(facts)} list", evidence=codes_seen)
    return _nothing_yet(facts)


def blamed(facts: Facts, wanted: Cause) -> list[Submitted]:
    """Return the submit responses that blame this cause."""
    return [one for one in facts.submitted if _cause(one, facts) == wanted]


def rejections(facts: Facts) -> list[Became]:
    """Return the failed messages whose code points to the DLT registration or the text."""
    return [
        one
        for one in facts.became
        if one.state == State.FAILED
        and (known := facts.reading.meaning(one.error_code))
        and known.category in SETUP
    ]


def _delivers(one: Became, facts: Facts) -> bool:
    """Whether other messages of the same header and template were delivered: then the setup is right."""
    return any(
        other.state == State.DELIVERED and (other.header, other.template_id) == (one.header, one.template_id)
        for other in facts.became
    )


def _rejected(mark: Mark, rows: list[Became], facts: Facts) -> Finding:
    known = facts.reading.meaning(rows[0].error_code)
    category = known.category if known else ""
    return Finding(
        mark=mark,
        says=_by_first_code(rows, facts),
        evidence=evidence.outcomes(rows, facts),
        fix=_difference(rows[0], facts) or _dlt_fix(category, facts),
    )


def _by_first_code(rows: list[Became], facts: Facts) -> str:
    """Return how many were rejected, and how many of them with the first code."""
    code = rows[0].error_code
    n, n_first = (sum(one.n for one in of) for of in (rows, [one for one in rows if one.error_code == code]))
    of_them = ":" if n == n_first else f", {n_first:,} of them"
    return f"DLT rejects {count(n, 'message')}{of_them} {evidence.dlr_code_words(code, facts.reading)}"


def _difference(one: Became, facts: Facts) -> str:
    """Return what our own check found wrong where DLT rejects the same; empty where templates were not imported."""
    known = facts.reading.meaning(one.error_code)
    ours = [found for found in facts.mismatches if found.template_id == one.template_id and found.expected]
    headers = [found for found in ours if found.reason == dlt.Reason.HEADER_NOT_REGISTERED]
    if known and known.category == "header" and headers:
        sent = headers[0].actual
        return (
            f"header {sent} was sent; template {one.template_id} belongs to {headers[0].expected}: correct the header "
            f"({evidence.place(facts, 'header', 'source', 'header')}), or link {sent} to the template in the DLT portal"
        )
    texts = [found for found in ours if found.reason not in _NOT_OF_THE_TEXT]
    if known and known.category == "template_mismatch" and texts:
        return f"make the text match its template: {_told(texts[0])}"
    return ""


def _told(found: Mismatch) -> str:
    """Return the first difference, each side short."""
    expected, actual = ((text or "")[:_DIFFERENCE_CHARS] for text in (found.expected, found.actual))
    return f"expected {expected!r}, found {actual!r}"


def _dlt_fix(category: str, facts: Facts) -> str:
    fix = _DLT_FIXES.get(category, "compare entity, header and template with the DLT portal")
    entity_id = evidence.place(facts, "entity_id", "entityid")
    template_id = evidence.place(facts, None, "tempid", "template_id")
    return fix.format(entity_id=entity_id, template_id=template_id, check=_CHECK)


_CHECK = "`rmanalytics dlt check --templates TEMPLATES --messages BATCH`"
_DLT_FIXES = {
    "entity": "set the entity id of the DLT portal ({entity_id})",
    "header": "register the header in the DLT portal and link it to the template",
    "template_id": "send the id of a registered template ({template_id})",
    "template_mismatch": "make the text match its template: {check} shows the first difference",
    "template_variable": "shorten or retype the variable: {check} shows which one",
    "pe_tm": "register the chain from entity to telemarketer in the DLT portal",
    "consent": "record the recipients' consent in the DLT portal, or send through a service template",
    "cta": "whitelist the link in the DLT portal",
}


def _mismatched(facts: Facts) -> Finding:
    n = sum(one.n for one in facts.mismatches)
    rows = tuple(
        f"template {one.template_id or 'none'}: {count(one.n, 'message')}, {one.reason or 'mismatch'}"
        + (f", {_told(one)}" if one.expected else "")
        for one in facts.mismatches[: evidence.N_SHOWN]
    )
    return Finding(
        mark=Mark.WARNING,
        says=f"{n:,} of {count(facts.n_checked, 'text')} {verb(n, 'does', 'do')} not match the template",
        evidence=rows,
        fix=_dlt_fix("template_mismatch", facts),
    )


def _failed(rows: list[Submitted], facts: Facts, advice: str, mark: Mark = Mark.FAIL) -> Finding:
    return Finding(
        mark=mark,
        says=evidence.answer_words(rows[0], facts),
        evidence=evidence.submissions(rows, facts),
        fix=advice,
    )


def _cause(one: Submitted, facts: Facts) -> Cause | None:
    return facts.spoken.cause(one.result, one.code, one.http_status)


def _fix(rows: list[Submitted], cause: Cause, facts: Facts) -> str:
    return facts.spoken.fix(rows[0].code, cause, is_from_file=facts.is_as_clevertap)


def _whose(facts: Facts) -> str:
    return f"{facts.spoken.title}'s"


def _went_on(facts: Facts) -> bool:
    """Whether the gateway checked more than credentials and payload."""
    causes = {_cause(one, facts) for one in facts.submitted}
    return bool(facts.n_accepted or causes & _LATER)


def _passed(says: str, facts: Facts) -> Finding:
    accepted = [one for one in facts.submitted if one.result == Result.ACCEPTED]
    return Finding(mark=Mark.PASS, says=says, evidence=evidence.submissions(accepted[:1], facts))


def _nothing_yet(facts: Facts, says: str = "no message has been accepted") -> Finding:
    if not facts.submitted and facts.n_reported:
        # CleverTap sent them: their DLRs prove that they were accepted, not how.
        return Finding(mark=Mark.NOT_APPLICABLE, says="not sent from here: known from DLRs only")
    if not facts.n_messages:
        return Finding(
            mark=Mark.INCONCLUSIVE, says="nothing was sent", fix="send a test: `rmanalytics send BATCH`"
        )
    return Finding(mark=Mark.INCONCLUSIVE, says=says)
