"""Criterion B: DLRs are about our messages, with statuses and times that we read correctly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from rmanalytics import status_words
from rmanalytics.checks import Finding, Mark
from rmanalytics.models import State, Status
from rmanalytics.support.escape import word
from rmanalytics.support.wording import count, verb
from rmanalytics.validate import evidence
from rmanalytics.validate.facts.model import Facts
from rmanalytics.warehouse.dlr_times import IS_IMPOSSIBLE

LOW = "msisdn_header_window"
_LAST = "ORDER BY received_at DESC LIMIT 3"
_UNREAD = f"SELECT unread_reason, query, body FROM callbacks WHERE n_unread > 0 {_LAST}"  # noqa: S608
_OF_TIMES = "SELECT query, body FROM callbacks JOIN (SELECT DISTINCT callback_id FROM dlrs WHERE {which}) "
_OF_TIMES += f"USING (callback_id) {_LAST}"
_UNREAD_TIME, _IMPOSSIBLE_TIME = (
    _OF_TIMES.format(which=which) for which in ("is_time_unread", IS_IMPOSSIBLE)
)
_NEAR_MIN = 15
_ZONE_MIN = 30
_EXACT_MIN = 3
"""A zone is off by whole quarter hours, and DLRs by little more: what is left over is a clock's."""

_ZONES = {
    -570: "Pacific/Marquesas",
    -210: "America/St_Johns",
    0: "UTC",
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    630: "Australia/Lord_Howe",
    765: "Pacific/Chatham",
}
"""A zone of each offset in minutes that is in use; whole hours have one in `Etc`."""

_WHOLE_HOURS = range(-12 * 60, 14 * 60 + 1, 60)


def same_id(facts: Facts) -> Finding:
    """Whether DLRs carry an id that we know; where CleverTap is meant to count them, that has to be our own."""
    matched = tuple(f"{count(n, 'DLR')} by {kind.replace('_', ' ')}" for kind, n in facts.matched_by.items())
    n, n_low = sum(facts.matched_by.values()), facts.matched_by.get(LOW, 0)
    if n_low:
        return Finding(
            mark=Mark.FAIL,
            says=f"the id is not returned: {n_low:,} of {count(n, 'DLR')} "
            f"{verb(n_low, 'was', 'were')} matched by number, header and time only",
            evidence=matched,
            fix=f"{_ask_for_ids(facts)}; CleverTap cannot count such DLRs",
        )
    if facts.needs_echo and facts.n_echoed < facts.n_reported:
        return _not_echoed(facts, matched)
    if not n and facts.n_unmatched:
        stranger = Finding(
            mark=Mark.FAIL,
            says=f"the id is not returned: {count(facts.n_unmatched, 'DLR')} received for these numbers, "
            "none with an id that was given for them",
            fix=_ask_for_ids(facts),
        )
        return evidence.unless_due(stranger, facts)
    if facts.n_unmatched:
        return Finding(
            mark=Mark.WARNING,
            says=f"{count(facts.n_unmatched, 'DLR')} for these numbers {verb(facts.n_unmatched, 'has', 'have')} "
            "an id that we do not know",
            evidence=matched,
            fix=_ask_for_ids(facts),
        )
    if n or facts.n_reported:
        whose = "$$MessageID" if facts.needs_echo else "id"
        return Finding(mark=Mark.PASS, says=f"the {whose} is returned", evidence=matched)
    if not facts.n_accepted:
        return evidence.none_expected(facts, "DLR")
    none = evidence.no_dlr(facts)
    return replace(none, fix="") if facts.n_unreadable else none  # what came is the DLR check's


def _not_echoed(facts: Facts, matched: tuple[str, ...]) -> Finding:
    n = facts.n_reported - facts.n_echoed
    looked = ", ".join(facts.spoken.dlr_fields.get(name, (name,))[0] for name in facts.carriers)
    return Finding(
        mark=Mark.FAIL,
        says=f"$$MessageID is not returned: the DLRs of {n:,} of {count(facts.n_reported, 'message')} lack it",
        evidence=(*matched, f"looked for in {looked}"),
        fix=evidence.echo_fix(facts),
    )


def _ask_for_ids(facts: Facts) -> str:
    return f"ask {facts.spoken.title} to send back the id of the submit response{_ids(facts)}"


def seen(facts: Facts) -> Finding:
    """Whether accepted messages get a DLR in time."""
    n, n_overdue = facts.n_reported, sum(one.n_overdue for one in facts.became)
    says = f"{n:,} of {count(facts.n_accepted, 'accepted message')} {verb(n, 'has', 'have')} a DLR"
    if not facts.n_accepted:
        return evidence.none_expected(facts, "DLR")
    if facts.n_unreadable and not n and not facts.elsewhere:
        unreadable = Finding(
            mark=Mark.FAIL,
            says=f"{count(facts.n_unreadable, 'callback')} received that cannot be read",
            fix=_show_unread(facts),
        )
        return evidence.unless_due(unreadable, facts)
    if n_overdue:
        says += f", {n_overdue:,} {verb(n_overdue, 'has', 'have')} none within {facts.horizon_s / 3600:g} h"
        says += " (RMANALYTICS_HORIZON_H)"
        fix = f"ask {facts.spoken.title} whether DLRs are switched on for this account"
        fix += f" ({facts.spoken.dlr_switch})" if facts.spoken.dlr_switch else ""
        return Finding(mark=Mark.WARNING if n else Mark.FAIL, says=says, fix=fix)
    if n:
        unread = evidence.unread(facts)
        says += f"; {unread}" if unread else ""
        return Finding(mark=Mark.PASS, says=says, fix=_show_unread(facts) if unread else "")
    return evidence.no_dlr(facts)


def _show_unread(facts: Facts) -> str:
    return f"show them to {facts.spoken.title}: {evidence.rows(_UNREAD, facts)}"


def status(facts: Facts) -> Finding:
    """Whether DLRs say delivered, failed or queued in words that we map."""
    words = tuple(f"{_word(one.raw_status)}: {one.status}, {count(one.n, 'DLR')}" for one in facts.words)
    unknown = [
        one
        for one in facts.words
        if one.status == Status.UNKNOWN and status_words.is_in_no_table(one.raw_status)
    ]
    if unknown:
        named = ", ".join(sorted({_word(one.raw_status) for one in unknown})[: evidence.N_SHOWN])
        only = len(unknown) == len(facts.words)
        strange = Finding(
            mark=Mark.FAIL if only else Mark.WARNING,
            says=f"status words that are in no table: {named}",
            evidence=words,
            fix=f"{status_words.advice(facts.spoken.title)}, then `rmanalytics validate`",
        )
        return evidence.unless_due(strange, facts) if only else strange
    if any(one.status != Status.UNKNOWN for one in facts.words):
        return Finding(
            mark=Mark.PASS, says="every status word maps to delivered, failed or queued", evidence=words
        )
    says = "the DLRs only say UNKNOWN" if facts.words else "no DLR yet"
    return Finding(mark=Mark.INCONCLUSIVE, says=says, evidence=words)


def error_codes(facts: Facts) -> Finding:
    """Whether the codes of failed messages are in a table."""
    failed = [one for one in facts.became if one.state == State.FAILED and one.error_code]
    unknown = [one for one in failed if not _is_known(one.error_code, facts)]
    if unknown:
        named = ", ".join(sorted({one.error_code or "" for one in unknown})[: evidence.N_SHOWN])
        return Finding(
            mark=Mark.WARNING,
            says=f"error codes that are in no table: {named}",
            evidence=evidence.outcomes(unknown, facts),
            fix=f"ask {facts.spoken.title} for the operator's code list, and look them up with `rmanalytics dlt codes`",
        )
    if failed:
        return Finding(mark=Mark.PASS, says="every code is known", evidence=evidence.outcomes(failed, facts))
    if facts.n_reported:
        return Finding(mark=Mark.PASS, says="no DLR carries an error code")
    return Finding(mark=Mark.INCONCLUSIVE, says="no DLR yet")


def time_zone(facts: Facts) -> Finding:
    """Whether times can be read, and dtSubmit, read in the configured zone, is about when we submitted."""
    n = sum(one.n for one in facts.offsets.values())
    fields = facts.spoken.dlr_fields
    if not n and fields and "submitted_at" not in fields:
        return Finding(mark=Mark.NOT_APPLICABLE, says=f"{facts.spoken.title}'s DLRs have no submission time")
    if not n and facts.n_reported and not facts.submitted:
        says = "not sent from here: there is no submission to compare with"
        return _unread(facts) or Finding(mark=Mark.NOT_APPLICABLE, says=says)
    if not n:
        return _unread(facts) or Finding(mark=Mark.INCONCLUSIVE, says="no DLR with a dtSubmit yet")
    minutes, found = max(facts.offsets.items(), key=lambda pair: (pair[1].n, -abs(pair[0])))
    off = _hours(found.median_min)
    offset = (f"dtSubmit minus our submission: {off} in {found.n:,} of {count(n, 'DLR')}",)
    if abs(minutes) < _NEAR_MIN:
        fits = Finding(mark=Mark.PASS, says=f"dtSubmit fits {facts.gateway_zone}", evidence=offset)
        return _unread(facts) or fits
    zone = _zone(facts, minutes)
    if facts.outdated and (zone is None or facts.earlier.get(facts.spoken.variable("timezone")) != zone):
        says, _, fix = facts.outdated.rpartition(": ")
        return Finding(
            mark=Mark.FAIL,
            says=f"dtSubmit is off by {off}: {says}",
            evidence=offset,
            fix=f"{fix}, then `rmanalytics validate`",
        )
    is_clock = abs(minutes) < _ZONE_MIN or abs(found.median_min - minutes) > _EXACT_MIN
    if zone is None or is_clock or found.n * 2 < n:
        return Finding(
            mark=Mark.WARNING,
            says=f"dtSubmit is off by {off}, which no time zone explains",
            evidence=offset,
            fix=f"synchronize this machine's clock with NTP; if it is right, ask {facts.spoken.title} about theirs",
        )
    return Finding(
        mark=Mark.FAIL,
        says=f"wrong time zone: dtSubmit read as {facts.gateway_zone} is off by {off}",
        evidence=offset,
        fix=f"set {facts.spoken.variable('timezone')}={zone}, delete {facts.database} (the journal keeps everything), "
        "then `rmanalytics validate`",
    )


def _word(raw_status: str | None) -> str:
    return word(raw_status or "no status")


def _unread(facts: Facts) -> Finding | None:
    """Return what to do about DLRs with a time that could not be read, or cannot be right; None when there are none."""
    if not (n := facts.n_times_unread):
        return _impossible(facts)
    return Finding(
        mark=Mark.WARNING,
        says=f"{count(n, 'DLR')} {verb(n, 'gives', 'give')} a time that could not be read",
        fix=f"ask {facts.spoken.title} to write times as 2025-01-31 10:20:30; show them some: "
        f"{evidence.rows(_UNREAD_TIME, facts)}",
    )


def _impossible(facts: Facts) -> Finding | None:
    if not (n := facts.n_times_impossible):
        return None
    return Finding(
        mark=Mark.WARNING,
        says=f"{count(n, 'DLR')} {verb(n, 'is', 'are')} done before submitted, or dated a day after it was received",
        fix=f"ask {facts.spoken.title} about their clocks; show them some: {evidence.rows(_IMPOSSIBLE_TIME, facts)}",
    )


def _zone(facts: Facts, minutes: int) -> str | None:
    """Return a zone in which the times would have been right, None where there is none with that offset."""
    own = facts.as_of.astimezone(ZoneInfo(facts.gateway_zone)).utcoffset() or timedelta()
    right = int(own.total_seconds() // 60) + minutes
    return _ZONES.get(right) or (f"Etc/GMT{-right // 60:+d}" if right in _WHOLE_HOURS else None)


def _hours(minutes: int) -> str:
    """Return minutes with their sign, from an hour on as hours and minutes.

    >>> _hours(-330), _hours(20), _hours(0)
    ('-5:30 h', '+20 min', '0 min')
    """
    if abs(minutes) < 60:
        return f"{minutes:+d} min" if minutes else "0 min"
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02d} h"


def _is_known(code: str | None, facts: Facts) -> bool:
    read = facts.reading
    return bool(code and (code in facts.spoken.dlr_codes or read.meaning(code) or read.codes.readings(code)))


def _ids(facts: Facts) -> str:
    """Return the names of the fields that would carry an id, as far as the gateway has them."""
    fields = facts.spoken.dlr_fields
    theirs, ours = fields.get("gateway_message_id", ()), fields.get("client_message_id", ())
    return (f" ({theirs[0]})" if theirs else "") + (f" or $$MessageID (`{ours[0]}`)" if ours else "")
