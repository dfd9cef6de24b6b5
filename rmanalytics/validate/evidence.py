"""How checks put their evidence: counts, times, masked numbers, codes with their meaning."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from rmanalytics import dlt
from rmanalytics.checks import Finding, Mark
from rmanalytics.config import PREFIX
from rmanalytics.gateways import Cause, GatewayProfile
from rmanalytics.models import State
from rmanalytics.support import pasted
from rmanalytics.support.http import REDIRECT
from rmanalytics.support.times import readable
from rmanalytics.support.wording import count, duration, verb
from rmanalytics.validate.facts.model import USUAL_S, Became, Facts, Submitted

N_SHOWN = 5
_DAYS_FROM_S = 48 * 3600
RESTART = "restart `rmanalytics collect`"
"""How a changed setting reaches the collector and its relay, which keep those that they started with."""

_BATCH_COLUMN = re.compile("the batch's `(header|template_id|entity_id)`")


def clock(at: datetime | None, facts: Facts) -> str:
    """Return the time as people in the display zone read it."""
    return readable(at, facts.zone) if at else "an unknown time"


def ago(seconds: float) -> str:
    """Return how long ago something was, in days where hours say little.

    >>> ago(90), ago(3 * 86_400)
    ('90 s ago', '3 days ago')
    """
    return f"{duration(seconds) if seconds < _DAYS_FROM_S else count(round(seconds / 86_400), 'day')} ago"


def code_words(spoken: GatewayProfile, code: str | None, http_status: int | None = None) -> str:
    """Return a submit code with its meaning.

    >>> from functools import partial
    >>> from rmanalytics import gateways
    >>> words = partial(code_words, gateways.profile("route_mobile"))
    >>> words("1703"), words("1799"), words(None, 404)
    ('invalid username or password (1703)', 'an undocumented code (1799)', 'HTTP 404 without a code')
    """
    if code is None:
        return f"HTTP {http_status} without a code" if http_status else "no answer"
    known = spoken.codes.get(code)
    return f"{known.meaning} ({code})" if known else f"an undocumented code ({code})"


def answer_words(one: Submitted, facts: Facts) -> str:
    """Return an answer's code with its meaning; of a redirect also where it leads to."""
    words = code_words(facts.spoken, one.code, one.http_status)
    if one.code or not one.http_status or not 300 <= one.http_status < 400:
        return words
    to = (one.detail or "").partition(REDIRECT)[2].partition("; ")[0]
    return f"{words}, {REDIRECT}{to or 'another URL such as https'}"


def place(facts: Facts, setting: str | None, field: str, column: str = "") -> str:
    """Return where a value of the requests stands: in the provider file that built them, else wherever it may."""
    if facts.is_as_clevertap:
        return f"`{field}` in the provider file"
    if not column:
        return facts.spoken.variable(setting or field) + (
            f", `{field}` in CleverTap" if field != "endpoint" else ""
        )
    own = f"{facts.spoken.variable(setting)}, " if setting else ""
    return for_test(f"{own}the batch's `{column}`, `{field}` in CleverTap", facts)


def for_test(advice: str, facts: Facts) -> str:
    """Return advice with the options of `prove` in place of a batch's columns, where the message is its own."""
    if not facts.is_trial:
        return advice
    return _BATCH_COLUMN.sub(lambda found: f"`--{found[1].replace('_', '-')}`", advice)


def own_fix(one: Submitted, facts: Facts) -> str:
    """Return what to do about a code that is about its number or its text alone; empty for every other code."""
    known = facts.spoken.codes.get(one.code or "")
    if known is None or known.cause is not Cause.RECIPIENT:
        return ""
    return for_test(facts.spoken.fix(one.code, known.cause, is_from_file=facts.is_as_clevertap), facts)


def dlr_code_words(code: str | None, reading: dlt.Reading) -> str:
    """Return an operator's code with its meaning as the settings read it.

    >>> from functools import partial
    >>> words = partial(dlr_code_words, reading=dlt.usual())
    >>> words("633"), words("999"), words(None)
    ('TEMPLATE_NOT_MATCHED (633)', 'code 999', 'no code')
    """
    if known := reading.meaning(code) if code else None:
        return f"{known.symbol or known.meaning} ({code})"
    return f"code {code}" if code else "no code"


def submissions(rows: Iterable[Submitted], facts: Facts) -> tuple[str, ...]:
    """Return a line per row: how many, which code, which number, when."""
    return tuple(
        f"{count(one.n, 'message')} {one.result}: {answer_words(one, facts)}"
        f"{_detail(one, facts.spoken)}; first to {one.msisdn or 'an unknown number'}, {clock(one.at, facts)}"
        for one in list(rows)[:N_SHOWN]
    )


def outcomes(rows: Iterable[Became], facts: Facts) -> tuple[str, ...]:
    """Return a line per row: how many, which state and code, which number, header and template, when."""
    return tuple(
        f"{count(one.n, 'message')} {one.state.replace('_', ' ')}"
        f"{f', {dlr_code_words(one.error_code, facts.reading)}' if one.error_code else ''}"
        f"; first to {one.msisdn or 'an unknown number'}"
        f"{f', {clock(one.at, facts)}' if one.at else ''}"
        f"; header {one.header or 'none'}, template {one.template_id or 'none'}"
        for one in list(rows)[:N_SHOWN]
    )


def new_test(facts: Facts) -> str:
    """Return how a fresh message is sent: by the command that sent this one, else by one for the same request."""
    if facts.is_trial:
        return "run the same `rmanalytics prove` again"
    return _fresh(is_as_clevertap=facts.is_as_clevertap)


def as_clevertap(facts: Facts) -> str:
    """Return how a fresh message is sent as CleverTap would, with its $$MessageID in it."""
    if facts.is_trial:
        return "run the same `rmanalytics prove` again with `--provider FILE`"
    return _fresh(is_as_clevertap=True)


def _fresh(*, is_as_clevertap: bool) -> str:
    provider = " --provider FILE" if is_as_clevertap else ""
    return f"send a new test: `rmanalytics prove --to NUMBER --template-id ID --body TEXT{provider}`"


def wait(facts: Facts) -> str:
    """Return for how long to wait for DLRs; the simulator says when it pushes its next one."""
    found, command = facts.simulator, wait_command(facts)
    if not found or not found.n_pending:
        return f"wait: {command}"
    due = f", the next in {math.ceil(found.next_s)} s" if found.next_s else ""
    return f"the simulator has {count(found.n_pending, 'DLR')} to push{due}: wait: {command}"


def wait_command(facts: Facts) -> str:
    """Return the command that waits until DLRs are due, in whole minutes."""
    found = facts.simulator
    wait_s = 60 * math.ceil((found.next_s + 30) / 60) if found and found.n_pending else USUAL_S
    return f"`rmanalytics validate --wait {wait_s:.0f}`"


def patience(facts: Facts) -> str:
    """Return what to do while no final DLR is there: wait, or send again what is lost."""
    if facts.is_lost or (facts.is_turned_away and not facts.is_due):
        return new_test(facts)
    return wait(facts)


def no_dlr(facts: Facts) -> Finding:
    """Return that no DLR is there yet, what came in its place, and what to do."""
    says = "; ".join(filter(None, ("no DLR yet", unread(facts))))
    return Finding(mark=Mark.INCONCLUSIVE, says=says, fix=patience(facts))


def unless_due(finding: Finding, facts: Facts) -> Finding:
    """Return a failure as it is, or as not determined yet while DLRs are due that would prove it wrong."""
    if not facts.is_due:
        return finding
    fix = f"{wait(facts)}; if it stays so, {finding.fix}"
    return replace(finding, mark=Mark.INCONCLUSIVE, fix=fix)


def again(facts: Facts) -> str:
    """Return how refused messages are sent again: `prove` sends a new one each time."""
    if facts.is_trial:
        return "then run the same `rmanalytics prove` again"
    return "then send again with --retry-refused"


_LEADS_ON = re.compile(r"`rmanalytics (prove|validate)|\bsend again\b")
"""A fix that says by which command the next verdict comes."""


def whole(finding: Finding, facts: Facts) -> Finding:
    """Return a finding whose fix ends in how it is seen that it worked; what passes with a warning blocks no batch."""
    if not finding.fix or _LEADS_ON.search(finding.fix):
        return finding
    if finding.mark is Mark.FAIL or (finding.mark is Mark.WARNING and facts.is_trial):
        return replace(finding, fix=f"{finding.fix}, then {new_test(facts)}")
    return finding


def played(finding: Finding, faults: Collection[str], facts: Facts) -> Finding:
    """Return a finding that says so where the simulator plays what it is about."""
    found = [fault for fault in facts.played if fault in faults]
    if not found or not finding.fix or finding.mark is Mark.INCONCLUSIVE or "--fault" in finding.fix:
        return finding
    named = " ".join(f"--fault {fault}" for fault in found)
    lead = f"the simulator plays it (`{named}`): restart it without, or as for a real gateway: "
    return replace(finding, fix=lead + finding.fix)


def rows(query: str, facts: Facts) -> str:
    """Return the command that prints what a query finds in the database, ready to be pasted."""
    code = f"import duckdb; print(*duckdb.connect({json.dumps(str(facts.database))}, read_only=True)"
    code += f'.execute("{query}").fetchall(), sep="\\n")'
    return f"`{pasted.python(code)}`"


def outdated(facts: Facts, part: str) -> str:
    """Return what to do where settings of that part changed since the running collector started; else nothing."""
    names = [name for name in facts.old_settings if name.startswith(f"{PREFIX}{part}")]
    return (
        f"{RESTART}: it started before {', '.join(names)} {verb(len(names), 'was', 'were')} changed"
        if names
        else ""
    )


def none_expected(facts: Facts, what: str) -> Finding:
    """Return that no callback is expected, or that one may be where an answer was unclear."""
    if facts.n_in(State.UNCLEAR):
        says = f"it is unclear whether a message was accepted; no {what} received yet"
        return Finding(mark=Mark.INCONCLUSIVE, says=says)
    return Finding(mark=Mark.INCONCLUSIVE, says=f"no message was accepted, so no {what} is expected")


def unread(facts: Facts) -> str:
    """Return how many callbacks since the send could not be read in full, as a note; empty for none."""
    n = facts.n_unreadable
    return f"{count(n, 'callback')} since then could not be read in full" if n else ""


def echo_fix(facts: Facts) -> str:
    """Return how the message's own id comes back to CleverTap; what is sent from here needs a provider file for it."""
    if facts.submitted and not facts.is_as_clevertap:
        return f"{as_clevertap(facts)}: sent as CleverTap would, $$MessageID is in `msgid` and `udf1`"
    if facts.is_echoless:
        return (
            "the simulator plays a gateway that does not return it (`--fault no_echo`): a real one has to return "
            f"`msgid` or `udf1` in the DLR, ask {facts.spoken.title}; here, restart `rmanalytics simulate` without "
            f"`--fault no_echo`, then {new_test(facts)}"
        )
    if facts.submitted:
        return (
            f"ask {facts.spoken.title} to return `msgid` or `udf1` in the DLR; the provider file has to carry "
            "$$MessageID in both"
        )
    return (
        f"carry $$MessageID in `msgid` and `udf1` of CleverTap's provider, and ask {facts.spoken.title} to return "
        "one of them in the DLR"
    )


def _detail(one: Submitted, spoken: GatewayProfile) -> str:
    known = spoken.codes.get(one.code or "")
    is_known = known is not None and known.meaning == one.detail
    return f" ({one.detail})" if one.detail and not is_known and not one.detail.startswith("HTTP") else ""
