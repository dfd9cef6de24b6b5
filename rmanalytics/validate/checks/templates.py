"""What DLT scrubbing made of header, template and text: by submit codes, by DLRs, and by our own check."""

from __future__ import annotations

import re

from rmanalytics import dlt
from rmanalytics.checks import Finding, Mark
from rmanalytics.gateways import Cause
from rmanalytics.models import OPEN, State
from rmanalytics.support.wording import character, count, verb
from rmanalytics.validate import evidence
from rmanalytics.validate.checks.submissions import advice, blamed, failed, nothing_yet, passed
from rmanalytics.validate.facts.model import Became, Facts, Mismatch

_DIFFERENCE_CHARS = 60
_LONG_NUMBER = re.compile(r"[0-9]{4,}")
_OF_REGISTRATION = {
    "header": (dlt.Reason.HEADER_NOT_REGISTERED, ("header", "source", "header")),
    "entity": (dlt.Reason.ENTITY_MISMATCH, ("entity_id", "entityid", "entity_id")),
}
"""What our own check calls it where DLT rejects header or entity, and where the value stands."""

_NOT_OF_THE_TEXT = frozenset(
    {
        dlt.Reason.HEADER_NOT_REGISTERED,
        dlt.Reason.ENTITY_MISMATCH,
        dlt.Reason.CATEGORY_MISMATCH,
        dlt.Reason.TEMPLATE_INACTIVE,
        dlt.Reason.LINK_NOT_WHITELISTED,
        dlt.Reason.OUTSIDE_HOURS,
        dlt.Reason.NO_TEMPLATE_ID,
        dlt.Reason.UNKNOWN_TEMPLATE,
    }
)

SETUP = frozenset({"entity", "header", "template_id", "pe_tm", "template_mismatch", "template_variable"})
SETUP |= {"category", "cta", "tlv", "consent"}
"""Categories of DLT codes that point to the registration or the message, not the recipient."""


def template(facts: Facts) -> Finding:
    """Whether DLT scrubbing passed header, template and text, according to submit codes, DLRs and our own check."""
    refused, rejected = blamed(facts, Cause.TEMPLATE), rejections(facts)
    if refused and not facts.n_in(State.DELIVERED):
        fix = f"{advice(refused, Cause.TEMPLATE, facts)}, {evidence.again(facts)}"
        return evidence.unless_due(failed(refused, facts, fix), facts)
    if grave := [one for one in rejected if not _is_any(one, facts, State.DELIVERED)]:
        found = _rejected(Mark.FAIL, grave, facts)
        is_open = all(_is_any(one, facts, *OPEN) for one in grave)
        return evidence.unless_due(found, facts) if is_open else found
    if refused or rejected:
        return (
            _rejected(Mark.WARNING, rejected, facts) if rejected else failed(refused, facts, "", Mark.WARNING)
        )
    if facts.mismatches:
        return _mismatched(facts)
    if not facts.n_reported:
        return nothing_yet(facts, "no DLR reports the result of DLT scrubbing yet")
    checked = f"; {facts.n_checked:,} checked against their templates" if facts.n_checked else ""
    return passed(f"no DLR and no submit code reports a DLT error{checked}", facts)


def rejections(facts: Facts) -> list[Became]:
    """Return the failed messages whose code points to the DLT registration or the text."""
    return [
        one
        for one in facts.became
        if one.state == State.FAILED
        and (known := facts.reading.meaning(one.error_code))
        and known.category in SETUP
    ]


def _is_any(one: Became, facts: Facts, *states: State) -> bool:
    """Whether any message of the same header and template is in one of the states; a delivered one proves both."""
    return any(
        other.state in states and (other.header, other.template_id) == (one.header, one.template_id)
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
    ours = [found for found in facts.mismatches if found.template_id == one.template_id and _is_told(found)]
    category = known.category if known else ""
    if category in _OF_REGISTRATION:
        return _registered_otherwise(category, ours, facts)
    texts = [found for found in ours if found.reason not in _NOT_OF_THE_TEXT or category == "template_id"]
    if category not in {"template_id", "template_mismatch"} or not texts:
        return ""
    other = f"the text matches template {texts[0].fits}: send that id ({_template_id(facts)})"
    if category == "template_id":
        return other if texts[0].fits else ""
    own = f"make the text match its template: {_told(texts[0])}"
    return f"{other}, or {own}" if texts[0].fits else own


def _registered_otherwise(category: str, ours: list[Mismatch], facts: Facts) -> str:
    """Return which header or entity the template belongs to; empty where it is not known."""
    reason, place = _OF_REGISTRATION[category]
    found = next((one for one in ours if one.reason == reason), None)
    if found is None:
        return ""
    says = f"{category} {found.actual} was sent; template {found.template_id} belongs to {found.expected}: correct "
    says += f"the {category} ({evidence.place(facts, *place)})"
    return (
        f"{says}, or link {found.actual} to the template in the DLT portal" if category == "header" else says
    )


def _is_told(found: Mismatch) -> bool:
    """Whether a difference can be shown; of text that is too much nothing is expected, but its place is known."""
    return bool(found.expected) or found.position is not None


def _told(found: Mismatch) -> str:
    """Return the first difference, each side short, and the text around it; long numbers may be secrets."""
    expected, actual = ((text or "")[:_DIFFERENCE_CHARS] for text in (found.expected, found.actual))
    if found.position is None:
        return f"expected {expected!r}, found {actual!r}"
    before, actual, after = (_LONG_NUMBER.sub("####", text) for text in (found.before, actual, found.after))
    says = f"expected {expected!r}, found {actual!r}" if expected else f"remove {actual!r}"
    return f"{says} at {character(found.position)}: “{before}[{actual}]{after}”"


def _template_id(facts: Facts) -> str:
    """Return where the template id comes from; a provider file usually takes it from the message."""
    if not facts.is_as_clevertap:
        return evidence.place(facts, None, "tempid", "template_id")
    own = evidence.for_test("the batch's `template_id`", facts)
    return f"{own}, or `tempid` in the provider file where that is not $$TemplateID"


def _dlt_fix(category: str, facts: Facts) -> str:
    fix = _DLT_FIXES.get(category, "compare entity, header and template with the DLT portal")
    entity_id = evidence.place(facts, "entity_id", "entityid", "entity_id")
    check = _FIND if facts.is_trial else _CHECK
    header = evidence.place(facts, *_OF_REGISTRATION["header"][1])
    return fix.format(entity_id=entity_id, header=header, template_id=_template_id(facts), check=check)


_CHECK = "`rmanalytics dlt check --templates TEMPLATES --messages BATCH`"
_FIND = "`rmanalytics dlt find TEXT --templates TEMPLATES`"
_DLT_FIXES = {
    "entity": "set the entity id of the DLT portal ({entity_id})",
    "header": "correct the header where it is misspelt ({header}), else register it in the DLT portal and link it to "
    "the template",
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
        + (f", {_told(one)}" if _is_told(one) else "")
        for one in facts.mismatches[: evidence.N_SHOWN]
    )
    texts = [one for one in facts.mismatches if one.reason not in _NOT_OF_THE_TEXT]
    if texts:
        what = f"{count(facts.n_checked, 'text')} {verb(n, 'does', 'do')} not match the template"
        fix = _dlt_fix("template_mismatch", facts)
    else:
        what = f"{count(facts.n_checked, 'message')} {verb(n, 'was', 'were')} not sent as the template is registered"
        fix = _registration_fix(facts)
    return Finding(mark=Mark.WARNING, says=f"{n:,} of {what}", evidence=rows, fix=fix)


def _registration_fix(facts: Facts) -> str:
    """Return what to do about the most frequent mismatch, which is not one of the text."""
    found = facts.mismatches[0]
    for category, (reason, _) in _OF_REGISTRATION.items():
        if found.reason == reason:
            return _registered_otherwise(category, [found], facts)
    if found.fits:
        return f"the text matches template {found.fits}: send that id ({_template_id(facts)})"
    return _REGISTRATION_FIXES[dlt.Reason(found.reason or "")].format(
        header=evidence.place(facts, "header", "source", "header"),
        template_id=_template_id(facts),
        expected=found.expected,
    )


_REGISTRATION_FIXES = {
    dlt.Reason.CATEGORY_MISMATCH: "send from {expected} ({header})",
    dlt.Reason.TEMPLATE_INACTIVE: "have the template activated in the DLT portal, or use another one",
    dlt.Reason.LINK_NOT_WHITELISTED: _DLT_FIXES["cta"],
    dlt.Reason.OUTSIDE_HOURS: "send promotional messages from {expected}",
    dlt.Reason.NO_TEMPLATE_ID: _DLT_FIXES["template_id"],
    dlt.Reason.UNKNOWN_TEMPLATE: _DLT_FIXES["template_id"],
}
"""What to do where our own check finds nothing wrong with the text; header and entity say more."""
