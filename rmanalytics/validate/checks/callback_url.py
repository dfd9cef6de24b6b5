"""Criterion B: the callback URL is called; when it is not, who stands in the way."""

from __future__ import annotations

import math

from rmanalytics.checks import Finding, Mark
from rmanalytics.collect import started
from rmanalytics.config import LOOPBACK
from rmanalytics.support.wording import count, duration, verb
from rmanalytics.validate import evidence
from rmanalytics.validate.facts.model import CollectorFacts, Facts, Refusals, SimulatorFacts

_REFUSED = {
    "token": ("callbacks go to a wrong URL: the collector answers 404 (wrong path or token)", ""),
    "network": (
        "the collector refuses the caller's address (403): RMANALYTICS_COLLECT_ALLOW does not list {address}",
        "add the gateway's networks to RMANALYTICS_COLLECT_ALLOW, and a proxy's to "
        f"RMANALYTICS_COLLECT_TRUSTED_PROXIES, {evidence.RESTART}",
    ),
    "method": (
        "the callback URL is called with a wrong method (405)",
        "ask the gateway to send DLRs by GET or POST",
    ),
    "timeout": (
        "callbacks are too slow: one was not complete after the {client_timeout_s:g} s of "
        "RMANALYTICS_COLLECT_CLIENT_TIMEOUT_S (408)",
        "check the network and the proxy in front of the collector, or raise that setting and "
        f"{evidence.RESTART}",
    ),
    "size": (
        "callbacks are too large: one has more than the {max_body_bytes:,} bytes of "
        "RMANALYTICS_COLLECT_MAX_BODY_BYTES (413)",
        f"raise that setting, {evidence.RESTART}",
    ),
    "broken": (
        "the callback URL was called with a malformed HTTP request (400)",
        "check the proxy in front of the collector",
    ),
    "overload": (
        "the collector is overloaded (503)",
        f"check its disk, raise RMANALYTICS_COLLECT_MAX_WAITING, {evidence.RESTART}",
    ),
    "disk": (
        "the collector cannot write its journal (503)",
        "free disk space, or fix the home's permissions",
    ),
}
"""Why the collector refused a callback, and what to do; the most telling first."""


def url(facts: Facts) -> Finding:
    """Whether the callback URL is called, as far as can be seen from here."""
    if facts.n_reported and not facts.submitted:
        return _arriving(f"DLRs arrive at {facts.callback_path}", facts)
    if facts.elsewhere and not facts.n_reported:
        expected = facts.callback_path.removesuffix("****")
        found = Finding(
            mark=Mark.FAIL,
            says=f"callbacks come to /dlr/{facts.elsewhere}/, expected {expected}",
            fix=f"correct the callback URL: {_register(facts)}, then {evidence.new_test(facts)}",
        )
        return evidence.unless_due(found, facts)
    if facts.n_callbacks or facts.n_reported:
        return _arriving(
            f"{count(facts.n_callbacks, 'callback')} received since the first submission",
            facts,
            f"first {evidence.clock(facts.first_callback_at, facts)}, to {facts.callback_path}",
        )
    if not facts.n_accepted:
        return evidence.none_expected(facts, "callback")
    return _refused(facts) or _nobody_there(facts) or _lost(facts) or _failing(facts) or _silent(facts)


def _arriving(says: str, facts: Facts, *seen: str) -> Finding:
    """Return that callbacks arrive; with settings of before it is those that are proved, and a restart ends them."""
    names = facts.old_settings
    if not names:
        return Finding(mark=Mark.PASS, says=says, evidence=seen)
    fix = started.remedy(names, _register(facts), is_simulated=facts.is_simulated)
    return Finding(
        mark=Mark.WARNING,
        says=f"{says}, but by a collector that started before {', '.join(names)} "
        f"{verb(len(names), 'was', 'were')} changed",
        evidence=seen,
        fix=f"{fix}, then {evidence.new_test(facts)}",
    )


def _refused(facts: Facts) -> Finding | None:
    """Return what the collector refused since the first submission: an earlier request may be anybody's.

    A later one may be too, as long as DLRs are due; only the simulator says that it was the one refused.
    """
    found = facts.collector
    for reason, (says, fix) in _REFUSED.items():
        refusals = [one for one in found.refused if one.reason == reason] if found else []
        if found and refusals and facts.is_since(refusals[0].at):
            failed = Finding(
                mark=Mark.FAIL,
                says=says.format(
                    address=_caller(found, facts),
                    client_timeout_s=facts.client_timeout_s,
                    max_body_bytes=facts.max_body_bytes,
                ),
                evidence=(_counted(found, refusals[0], facts),),
                fix=f"{evidence.outdated(facts, 'COLLECT_') or fix or _register(facts)}, then "
                f"{evidence.new_test(facts)}",
            )
            return failed if facts.is_push_failing else evidence.unless_due(failed, facts)
    return None


def _caller(found: CollectorFacts, facts: Facts) -> str:
    """Return whose callback the allow-list refused since the first submission, where its token was right."""
    return found.caller if found.caller and facts.is_since(found.caller_at) else "that address"


def _counted(found: CollectorFacts, refused: Refusals, facts: Facts) -> str:
    return (
        f"{found.url}/metrics: {count(refused.n, 'request')} answered {refused.status} since the collector "
        f"started, the last {evidence.clock(refused.at, facts)}"
    )


def _nobody_there(facts: Facts) -> Finding | None:
    found = facts.collector
    if found is None or found.is_answering:
        return None
    return Finding(
        mark=Mark.FAIL if _is_late(facts) or facts.has_given_up else Mark.INCONCLUSIVE,
        says=f"no callback was received, and no collector answers at {found.url}",
        fix=f"start `rmanalytics collect` there, then {_next(facts)}",
    )


def _next(facts: Facts) -> str:
    """Return what follows once the collector listens: the simulator pushes what it still has by itself."""
    if not facts.simulator or not facts.simulator.n_pending:
        return evidence.new_test(facts)
    return f"{evidence.wait_command(facts)}: the simulator pushes what it still has"


def _lost(facts: Facts) -> Finding | None:
    """Return that DLRs are lost, or may be, so that they are not waited for."""
    late_s, is_pending = facts.collector_late_s, bool(facts.simulator and facts.simulator.n_pending)
    if late_s is not None and not is_pending:
        return Finding(
            mark=Mark.FAIL if _is_late(facts) else Mark.INCONCLUSIVE,
            says=f"no callback was received: the collector started {duration(late_s)} after the batch was sent, "
            "and DLRs pushed before that are lost",
            fix=evidence.new_test(facts),
        )
    if not facts.has_given_up:
        return None
    return Finding(
        mark=Mark.FAIL,
        says="callbacks go to a wrong URL: the simulator gave up, nothing answers 200 there",
        fix=f"{_register(facts)}, then {evidence.new_test(facts)}",
    )


def _failing(facts: Facts) -> Finding | None:
    """Return why the simulator's callbacks fail, while it still tries: a collector that came since gets them."""
    found, collector = facts.simulator, facts.collector
    if not found or not facts.is_push_failing or not found.failed_at:
        return None
    if collector and collector.started_at and collector.started_at > found.failed_at:
        return None
    again = f" in {math.ceil(found.next_s)} s" if found.next_s else ""
    return Finding(
        mark=Mark.INCONCLUSIVE,
        says=f"callbacks do not arrive: the simulator's last one failed ({found.failure}), it tries again{again}",
        fix=f"{_register(facts)}, then {evidence.new_test(facts)}",
    )


def _silent(facts: Facts) -> Finding:
    n = facts.n_accepted
    says = f"no callback received yet although {count(n, 'message')} {verb(n, 'was', 'were')} accepted"
    mark = Mark.FAIL if _is_late(facts) else Mark.INCONCLUSIVE
    if facts.simulator and facts.simulator.n_pending:
        return Finding(mark=Mark.INCONCLUSIVE, says=says, fix=evidence.wait(facts))
    if facts.simulator:
        why, fix = _none_to_push(facts.simulator, facts)
        return Finding(mark=mark, says=f"{says}, and {why}", fix=f"{fix}, then {evidence.new_test(facts)}")
    fix = _register(facts)
    if facts.listens_on in LOOPBACK and not facts.is_simulated:
        fix += "; the collector listens on this machine only: put a proxy with TLS in front of it"
    if not _is_late(facts):
        fix = f"{evidence.wait(facts)}; if none comes, {fix}"
    return Finding(mark=mark, says=says, fix=fix)


def _none_to_push(found: SimulatorFacts, facts: Facts) -> tuple[str, str]:
    """Return why the simulator pushes nothing, and what to do about it."""
    if found.callback is None:
        return "the simulator has no callback URL", _register(facts)
    if found.is_unregistered:
        return (
            "the simulator plays an account without a callback URL (`--fault unregistered`)",
            f"a real account needs its callback URL registered at {facts.spoken.title}; here, restart "
            "`rmanalytics simulate` without `--fault unregistered`",
        )
    return (
        "the simulator has none to push",
        "take a number whose DLRs it pushes, and `--profile clean` (`rmanalytics simulate --explain`); if it was "
        "restarted since, its DLRs are lost",
    )


def _register(facts: Facts) -> str:
    if facts.is_simulated:
        ours = facts.collector.url if facts.collector else "http://127.0.0.1:PORT"
        path = facts.callback_path.replace("****", "TOKEN")
        return (
            "restart `rmanalytics simulate` without --callback (it then calls this home's collector), or with "
            f"--callback {ours}{path} (TOKEN: RMANALYTICS_COLLECT_TOKEN)"
        )
    return (
        f"ask {facts.spoken.title} to register https://YOUR-HOST{facts.callback_path}, with "
        "RMANALYTICS_COLLECT_TOKEN as the last part"
    )


def _is_late(facts: Facts) -> bool:
    return any(one.n_overdue for one in facts.became)
