"""Findings as sentences: what changed, how much, since when, where, what it cost, whose move it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from rmanalytics.metrics.failures import PARTIES
from rmanalytics.metrics.findings import N_SHOWN, Findings, Worsening, WorseningKind
from rmanalytics.models import Party
from rmanalytics.notebook.display import Html, escaped
from rmanalytics.stats.baseline import LEAST_DAYS, N_DAYS, WEEK
from rmanalytics.support.wording import bold, count, duration, percent, verb

CHECKED = (
    "refusals, missing DLRs, template rejections, delivery, error codes, the queue, time to delivery and cost"
)
"""What is looked at on every page."""

ANCHORS = {
    WorseningKind.REFUSED: "What does each code mean?",
    WorseningKind.LOST_DLRS: "How many messages have a DLR?",
    WorseningKind.MISMATCH: "What should be fixed first?",
    WorseningKind.DROP: "What does each code mean?",
    WorseningKind.ROUTE: "Domestic or international?",
    WorseningKind.CODE: "What does each code mean?",
    WorseningKind.QUEUE: "How many messages have no final state?",
    WorseningKind.SLOWER: "How soon does a message arrive?",
    WorseningKind.COST: "What did it cost, and what did failures cost?",
}
"""The question on the finding's page that shows it."""

TITLES = {
    "failure_analysis": "Failures",
    "data_quality": "Data quality",
    "dlt_mismatches": "DLT mismatches",
    "route_comparison": "Route comparison",
    "queue_health": "Queue health",
    "campaign_delivery": "Campaign delivery",
}


class Parts(NamedTuple):
    """A finding in words: what, its figures, since when, and whose move it is."""

    what: str
    figures: str
    when: str
    move: str


def summary(found: Findings, *, is_open: bool = False) -> str:
    """Return how many things changed, or what was checked where none did; `is_open`: no days were asked for."""
    if found.first is None or found.last is None:
        return "There are no messages, so there is nothing to compare."
    young = f" {_young(found)}" if found.n_young else ""
    when = days(found.first, found.last)
    if not found.is_judged:
        return f"{_why_not(found, when)}{young}"
    before = f"the {found.n_before} days before"
    last = ", the last day that is old enough to be judged," if is_open else ""
    if not found.found:
        return (
            f"**No findings** for {when}{last.rstrip(',')}: {count(found.n_messages, 'message')} compared with "
            f"{before} in {count(found.n_tests, 'way')}: {CHECKED}.{young}"
        )
    n = len(found.found)
    more = f" The {N_SHOWN} worst are shown." if n > N_SHOWN else ""
    return (
        f"**{count(n, 'thing')}** {verb(n, 'was', 'were')} worse on {when}{last} than on {before}, by more than chance "
        f"and the usual difference between days explain.{more}{young}"
    )


def parts(one: Worsening, last: date) -> Parts:
    """Return a finding in words; `last` is the last day that was judged."""
    basis = f"the {one.n_days} days before"
    if one.n_days <= N_DAYS // WEEK:
        basis = f"the {one.n_days} {last:%A}s before"
    what, figures = _WORDS[one.kind](one, basis)
    lost = _lost(one)
    code = _code(one)
    return Parts(
        what=what,
        figures=" ".join(filter(None, (figures, code, lost))),
        when=when(one, last),
        move=_move(one),
    )


def sentence(one: Worsening, last: date) -> str:
    """Return a finding as plain text, for terminals, JSON and messages."""
    told = parts(one, last)
    return f"{told.what}, {told.when}. {told.figures} Next: {told.move}.".replace("**", "")


def cards(found: Findings) -> Html:
    """Return the findings, worst first, at most seven; nothing where there are none."""
    last = found.last
    if last is None or not found.found:
        return Html("")
    items = "".join(_card(one, last) for one in found.found[:N_SHOWN])
    return Html(f'<ol class="findings">{items}</ol>')


def when(one: Worsening, last: date) -> str:
    """Return since when it is so: hours of a day, a day, or a day and how many days ago."""
    if one.hours:
        start, end = one.hours
        return f"on {_day(one.since)} between {start:02}:00 and {end % 24:02}:00"
    n = (last - one.since).days + 1
    return f"since {_day(one.since)} ({count(n, 'day')})" if n > 1 else f"on {_day(one.since)}"


def days(first: date, last: date) -> str:
    """Return a day, or the first and the last of several."""
    return _day(first) if first == last else f"{_day(first)} to {_day(last)}"


def group(where: Mapping[str, str]) -> str:
    """Return the group in words.

    >>> group({"operator": "Jio", "campaign_id": "diwali"}), group({})
    ('Jio, campaign diwali', 'all messages')
    """
    return ", ".join(_NAMES[name](value) for name, value in where.items()) or "all messages"


def _of(one: Worsening) -> str:
    """Return the group behind a preposition; nothing for all messages."""
    return f" ({bold(group(one.where))})" if one.where else ""


_NAMES: dict[str, Callable[[str], str]] = {
    "operator": lambda value: value,
    "campaign_id": lambda value: f"campaign {value}",
    "template_id": lambda value: f"template {value}",
    "header": lambda value: f"header {value}",
    "route": lambda value: f"the {value} route",
}


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _young(found: Findings) -> str:
    n = found.n_young
    return f"{count(n, 'message')} {verb(n, 'is', 'are')} too recent to judge and {verb(n, 'is', 'are')} left out."


def _why_not(found: Findings, when: str) -> str:
    if found.n_messages == 0:
        return f"**Not judged yet**: no message of {when} is old enough."
    return (
        f"**Nothing to compare with**: {count(found.n_before, 'day')} of the {N_DAYS} before {when} "
        f"{verb(found.n_before, 'has', 'have')} messages, and at least {LEAST_DAYS} are needed to tell a change from "
        "what days differ by anyway."
    )


def _against(
    one: Worsening, basis: str, direction: str = "more", base: str = "messages with a final word"
) -> str:
    """Return the difference in points with its interval, of how many messages, and against what."""
    low, high = (f"{100 * end:.1f}" for end in (max(one.low, 0.0), one.high))
    points = f"{100 * (one.now - one.before):.1f} points {direction} (95 %: {low} to {high})"
    return f"{points}, of {one.n_messages:,} {base}, against {basis}."


def _usually(one: Worsening) -> str:
    return f"usually {percent(one.before)}"


def _refused(one: Worsening, basis: str) -> tuple[str, str]:
    what = f"**{percent(one.now)}** of the messages{_of(one)} were refused at submission, {_usually(one)}"
    return what, _against(one, basis, base="messages")


def _lost_dlrs(one: Worsening, basis: str) -> tuple[str, str]:
    what = f"**{percent(one.now)}** of the accepted messages{_of(one)} have no DLR, {_usually(one)}"
    return what, _against(one, basis, base="accepted messages")


def _mismatch(one: Worsening, basis: str) -> tuple[str, str]:
    place = bold(group(one.where))
    what = f"Operators reject **{percent(one.now)}** of the texts of {place}, {_usually(one)}"
    return what, _against(one, basis)


def _drop(one: Worsening, basis: str) -> tuple[str, str]:
    usual = percent(1 - one.before)
    what = f"{bold(_capital(group(one.where)))}: only **{percent(1 - one.now)}** delivered, usually {usual}"
    return what, _against(one, basis, "less")


def _code_more(one: Worsening, basis: str) -> tuple[str, str]:
    meaning = f" ({one.meaning})" if one.meaning else ""
    place = f" on {bold(group(one.where))}" if one.where else ""
    if one.before == 0:
        return f"Code {bold(one.code)}{meaning} is new: **{count(one.n_code, 'message')}**{place}", _against(
            one, basis
        )
    what = (
        f"Code {bold(one.code)}{meaning} fails **{percent(one.now)}** of the messages{place}, {_usually(one)}"
    )
    return what, _against(one, basis)


def _queue(one: Worsening, basis: str) -> tuple[str, str]:
    what = f"**{percent(one.now)}** of the messages{_of(one)} do not leave the queue, {_usually(one)}"
    return what, _against(one, basis, base="messages that are old enough to be final")


def _slower(one: Worsening, basis: str) -> tuple[str, str]:
    ratio, usual = _times(one.now / one.before), duration(one.before)
    what = f"Delivery to {bold(group(one.where))} takes **{ratio} times** as long: {duration(one.now)}, usually {usual}"
    return what, f"{_times(one.low)} to {_times(one.high)} times (95 %), typical times, against {basis}."


def _cost(one: Worsening, basis: str) -> tuple[str, str]:
    ratio = f"**{one.now / one.before - 1:.0%} more**"
    what = f"A message{_of(one)} costs {ratio}: {one.now:.3f}, usually {one.before:.3f}"
    low, high = (f"{end - 1:.0%}" for end in (max(one.low, 1.0), one.high))
    return what, f"{low} to {high} more (95 %), of {count(one.n_messages, 'message')}, against {basis}."


_WORDS = {
    WorseningKind.REFUSED: _refused,
    WorseningKind.LOST_DLRS: _lost_dlrs,
    WorseningKind.MISMATCH: _mismatch,
    WorseningKind.DROP: _drop,
    WorseningKind.ROUTE: _drop,
    WorseningKind.CODE: _code_more,
    WorseningKind.QUEUE: _queue,
    WorseningKind.SLOWER: _slower,
    WorseningKind.COST: _cost,
}


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith(("the ", "all ", "campaign", "template")) else text


def _code(one: Worsening) -> str:
    """Return which code most of them have."""
    if not one.code or one.kind is WorseningKind.CODE:
        return ""
    meaning = f" ({one.meaning})" if one.meaning else ""
    verb_ = verb(one.n_code, "has", "have")
    return f"{one.n_code:,} {verb_} code **{one.code}**{meaning}."


def _lost(one: Worsening) -> str:
    """Return how many messages it cost, and the money where that is known."""
    if one.kind is WorseningKind.COST:
        return f"In all **{one.money:,.2f}** more." if one.money else ""
    if not one.n_lost:
        return ""
    money = f", which cost {one.money:,.2f}" if one.money else ""
    return f"About **{count(one.n_lost, 'message')}** {_LOST.get(one.kind, 'lost')}{money}."


_LOST = {
    WorseningKind.LOST_DLRS: "without a word",
    WorseningKind.QUEUE: "held up",
    WorseningKind.REFUSED: "not sent",
}


def _move(one: Worsening) -> str:
    """Return whose move it is, and what it may be."""
    if one.kind is WorseningKind.ROUTE or (
        one.kind is WorseningKind.CODE and one.where.keys() & {"route", "header"}
    ):
        return "ask the gateway whether the route changed: no campaign, operator or template stands out"
    if one.kind is WorseningKind.REFUSED and one.party is Party.ACCOUNT:
        return "whoever manages the account: credit, password and header"
    return _MOVES.get(one.kind) or _ASK.get(one.party) or PARTIES[one.party]


_ASK = {
    Party.OPERATOR: "ask the gateway and the operator what happened, quoting the gateway's ids",
    Party.UNTOLD: "ask the gateway what the code means",
}
_MOVES = {
    WorseningKind.LOST_DLRS: "whoever runs the collector: check that the gateway could reach it, and ask for "
    "those DLRs again",
    WorseningKind.MISMATCH: "whoever writes the texts: compare them with the registered template",
    WorseningKind.QUEUE: "ask the gateway why these do not move, quoting its ids",
    WorseningKind.SLOWER: "ask the gateway and the operator what slows them down",
    WorseningKind.COST: "compare price and number of segments with the contract",
}


def _card(one: Worsening, last: date) -> str:
    told = parts(one, last)
    anchor = ANCHORS[one.kind].replace(" ", "-")
    link = f'<a data-page="{one.page}" data-anchor="{anchor}">{TITLES[one.page]}</a>'
    return (
        f'<li class="finding"><p class="what">{_marked(told.what)}</p>'
        f'<p class="when">{_marked(_capital_first(told.when))}</p><p>{_marked(told.figures)}</p>'
        f'<p class="move"><b>Next:</b> {escaped(told.move)}. <span class="see">See {link}.</span></p></li>'
    )


def _capital_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _marked(text: str) -> str:
    """Return escaped text whose `**bold**` is bold."""
    pieces = escaped(text).split("**")
    return "".join(f"<strong>{one}</strong>" if place % 2 else one for place, one in enumerate(pieces))


def listing(found: Findings) -> list[str]:
    """Return the findings as plain sentences, worst first."""
    return [sentence(one, found.last) for one in found.found[:N_SHOWN]] if found.last else []


def told(found: Findings) -> dict[str, Any]:
    """Return the findings for JSON, each in words too (`says`)."""
    known = found.as_dict()
    says = [sentence(one, found.last) if found.last else "" for one in found.found]
    return known | {"found": [one | {"says": said} for one, said in zip(known["found"], says, strict=True)]}
