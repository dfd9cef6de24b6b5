"""What CleverTap reports: its answers to relayed DLRs, and its own error log if it was imported."""

from __future__ import annotations

import re

from rmanalytics.checks import Finding, Mark
from rmanalytics.models import FINAL
from rmanalytics.support.wording import count
from rmanalytics.validate import evidence
from rmanalytics.validate.facts.model import Facts, Logged, RelayFacts

_KINDS = {
    "authentication": (
        re.compile(r"\b40[13]\b|unauthori[sz]ed|forbidden|authenticat|credential|password", re.IGNORECASE),
        "check user name, password and headers of CleverTap's provider",
    ),
    "payload": (
        re.compile(r"\b(400|404|405|415|422)\b|bad request|payload|malformed|json|parameter", re.IGNORECASE),
        "check the payload of CleverTap's provider: `rmanalytics provider lint`",
    ),
    "transmission": (
        re.compile(r"time.?out|timed out|connect|unreachable|reset|\b50[0-9]\b|transmission", re.IGNORECASE),
        "ask the gateway why its endpoint does not answer CleverTap within 15 s",
    ),
}


_UNAVAILABLE = re.compile(r"HTTP (429|5\d\d)$")
"""How the reason ends of DLRs that the relay puts off because CleverTap cannot take any now."""

_KEEP = "keep `rmanalytics collect` (or `relay run`) running"


def provider_file(facts: Facts) -> Finding:
    """Whether lint has nothing against the provider file that built the request: what works may still be wrong."""
    if facts.warned_of is None:
        return Finding(
            mark=Mark.NOT_APPLICABLE,
            says="no provider file at hand",
            fix="`rmanalytics provider lint FILE` checks one, and so does `rmanalytics prove --provider FILE`",
        )
    if not facts.warned_of:
        return Finding(mark=Mark.PASS, says="lint finds no error and no warning")
    first, more = facts.warned_of[0], len(facts.warned_of) - 1
    return Finding(
        mark=Mark.WARNING,
        says=f"lint warns of {first.where} in the provider file: {first.why}",
        evidence=tuple(one.describe() for one in facts.warned_of[: evidence.N_SHOWN]),
        fix=first.fix
        + (f"; `rmanalytics provider lint FILE` shows {count(more, 'more warning')}" if more else ""),
    )


def log(facts: Facts) -> Finding:
    """Whether CleverTap's log is free of errors of authentication, payload and transmission."""
    if facts.log is None:
        return Finding(
            mark=Mark.NOT_APPLICABLE,
            says="CleverTap's error log was not imported",
            fix="export it and run `rmanalytics import clevertap-errors FILE`",
        )
    for kind, (pattern, fix) in _KINDS.items():
        if found := [one for one in facts.log if pattern.search(f"{one.category or ''} {one.text}")]:
            n = sum(one.n for one in found)
            says = f"CleverTap logged {count(n, 'error')} of {kind}: {found[0].text[:80]}"
            return Finding(mark=Mark.FAIL, says=says, evidence=_lines(found, facts), fix=fix)
    if facts.log:
        says = f"CleverTap logged {count(sum(one.n for one in facts.log), 'error')} of other kinds"
        return Finding(mark=Mark.WARNING, says=says, evidence=_lines(list(facts.log), facts), fix="read them")
    return Finding(mark=Mark.PASS, says="the imported log has no error since the first submission")


def relay(facts: Facts) -> Finding:
    """Whether CleverTap answered 2xx to the DLRs of these messages that we relayed."""
    found = facts.relay
    if found is None:
        return Finding(mark=Mark.NOT_APPLICABLE, says="no relay to CleverTap is configured")
    if found.is_barred:
        return Finding(mark=Mark.NOT_APPLICABLE, says="simulated DLRs are not relayed to CleverTap")
    counts = (
        f"of these messages' DLRs: relayed {found.n_relayed:,}, waiting {found.n_waiting:,}, "
        f"parked {found.n_parked:,}, unclear {found.n_unclear:,}",
    )
    if _is_put_off(found, facts):
        return _unavailable(found, facts, counts)
    if found.n_parked or (found.n_waiting and found.last_error):
        says = f"CleverTap did not accept relayed DLRs: {found.last_error or 'parked'}"
        return Finding(mark=Mark.FAIL, says=says, evidence=counts, fix=_relay_again(found, facts))
    if found.n_unclear:
        return Finding(
            mark=Mark.WARNING,
            says=f"{count(found.n_unclear, 'relayed DLR')} had no clear answer",
            evidence=counts,
            fix="compare with CleverTap's campaign report: they are not retried automatically",
        )
    if found.n_relayed and facts.n_echoed < facts.n_reported:
        return _borrowed(counts, facts)
    if found.n_relayed:
        return Finding(mark=Mark.PASS, says="CleverTap answered 2xx", evidence=counts)
    if found.n_waiting:
        old = evidence.outdated(facts, "RELAY_")
        fix = f"{old}, then `rmanalytics validate --wait 60`" if old else _KEEP
        return Finding(mark=Mark.INCONCLUSIVE, says="nothing was relayed yet", evidence=counts, fix=fix)
    return _nothing_to_relay(facts)


def _is_put_off(found: RelayFacts, facts: Facts) -> bool:
    """Whether the relay tries again by itself and there is nothing to correct: CleverTap cannot take DLRs now."""
    if found.n_parked or not found.n_waiting or evidence.outdated(facts, "RELAY_"):
        return False
    return bool(_UNAVAILABLE.search(found.last_error or ""))


def _unavailable(found: RelayFacts, facts: Facts, counts: tuple[str, ...]) -> Finding:
    """Return that DLRs wait for CleverTap; the relay never gives them up, so it fails past the horizon."""
    says = f"CleverTap is unavailable, relayed DLRs wait: {found.last_error}"
    if (facts.age_s or 0) > facts.horizon_s:
        says += f", past the horizon of {facts.horizon_s / 3600:g} h (RMANALYTICS_HORIZON_H)"
        fix = "ask CleverTap about its callback URL; `rmanalytics relay retry --all` tries at once, then "
        return Finding(
            mark=Mark.FAIL, says=says, evidence=counts, fix=f"{fix}`rmanalytics validate --wait 60`"
        )
    at = f" {evidence.clock(found.retry_at, facts)}" if found.retry_at else ""
    fix = f"there is nothing to correct: {_KEEP}, it tries again{at}, then `rmanalytics validate --wait 60`"
    if found.is_rehearsed:
        fix = "here the simulator plays that: set RMANALYTICS_RELAY_URL to its /clevertap/200, "
        fix += f"{evidence.RESTART}, then {evidence.new_test(facts)}"
    return Finding(mark=Mark.INCONCLUSIVE, says=says, evidence=counts, fix=fix)


def _borrowed(counts: tuple[str, ...], facts: Facts) -> Finding:
    """Return that CleverTap got ids which the relay knew from sending, not from the DLRs."""
    return Finding(
        mark=Mark.WARNING,
        says="relayed with ids known from sending here, as the DLRs carry none: those of CleverTap's own messages "
        "would not be relayed",
        evidence=counts,
        fix=evidence.echo_fix(facts),
    )


def _relay_again(found: RelayFacts, facts: Facts) -> str:
    """Return how refused DLRs go again once the cause is fixed: by themselves only after a pause, parked ones never."""
    url = "correct RMANALYTICS_RELAY_URL (the callback URL that CleverTap shows)"
    old = evidence.outdated(facts, "RELAY_")
    fix = old or f"{url}, {evidence.RESTART}"
    fix += ", then `rmanalytics relay retry --all` and `rmanalytics validate --wait 60`"
    if found.n_parked:
        return f"{fix}; `rmanalytics relay parked` lists what was refused"
    return (
        f"{fix}; by itself it tries again {evidence.clock(found.retry_at, facts)}" if found.retry_at else fix
    )


def _nothing_to_relay(facts: Facts) -> Finding:
    """Return why there is nothing to relay: no final DLR yet, or none with an id that CleverTap knows."""
    if not facts.n_in(*FINAL):
        says = "no final DLR to relay yet"
        return Finding(
            mark=Mark.INCONCLUSIVE, says=says, fix=evidence.patience(facts) if facts.n_accepted else ""
        )
    if facts.n_echoed:
        return Finding(
            mark=Mark.WARNING,
            says="nothing is relayed: the ids of these messages are not CleverTap's",
            fix=_with_its_ids(facts),
        )
    says = "nothing is relayed: no DLR carries a $$MessageID"
    return Finding(mark=Mark.FAIL, says=says, fix=evidence.echo_fix(facts))


def _with_its_ids(facts: Facts) -> str:
    """Return how a message with an id of CleverTap's is sent; only a rehearsal may make one up."""
    if facts.is_simulated:
        return f"{evidence.as_clevertap(facts)}: in a rehearsal its id is of CleverTap's form"
    return "send a test from CleverTap, then run `rmanalytics validate --campaign ITS-CAMPAIGN`"


def _lines(rows: list[Logged], facts: Facts) -> tuple[str, ...]:
    return tuple(
        f"{evidence.clock(one.at, facts)}: {one.text[:120]} ({one.n:,}×)" for one in rows[: evidence.N_SHOWN]
    )
