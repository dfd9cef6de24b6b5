"""Findings in words: what, how much, since when, and whose move it is; what was checked where there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import nbformat
import pytest
from support import cubes

from rmanalytics.metrics.findings import N_SHOWN, Findings, Worsening, WorseningKind
from rmanalytics.metrics.findings.kinds import PAGES
from rmanalytics.models import Party
from rmanalytics.notebook.sections import findings
from rmanalytics.support import resources

LAST = date(2026, 11, 12)


def finding(kind: WorseningKind, **other: Any) -> Worsening:
    """A finding of a kind, with what a row is about replaced."""
    usual: dict[str, Any] = {
        "where": {},
        "n_messages": 1000,
        "now": 0.3,
        "before": 0.1,
        "low": 0.15,
        "high": 0.25,
        "p": 1e-9,
        "n_days": 4,
        "since": LAST,
        "hours": None,
        "n_lost": 200,
        "money": None,
        "code": "",
        "n_code": 0,
        "meaning": "",
        "party": Party.OPERATOR,
        "page": PAGES[kind],
    }
    return Worsening(kind=kind, **usual | other)


def found(*ones: Worsening, **other: Any) -> Findings:
    """What a search of 1,000 messages came to."""
    made = Findings(
        first=LAST, last=LAST, n_before=28, n_messages=1000, n_young=0, n_tests=70, found=list(ones)
    )
    return replace(made, **other)


SAID = {
    "refused for an hour": (
        finding(
            WorseningKind.REFUSED,
            hours=(17, 18),
            code="1025",
            n_code=190,
            meaning="no credit",
            party=Party.ACCOUNT,
        ),
        "30.0 % of the messages were refused at submission, usually 10.0 %, on Thu 12 Nov between 17:00 and 18:00. "
        "20.0 points more (95 %: 15.0 to 25.0), of 1,000 messages, against the 4 Thursdays before. "
        "190 have code 1025 (no credit). About 200 messages not sent. "
        "Next: whoever manages the account: credit, password and header.",
    ),
    "DLRs lost": (
        finding(WorseningKind.LOST_DLRS, hours=(23, 24)),
        "30.0 % of the accepted messages have no DLR, usually 10.0 %, on Thu 12 Nov between 23:00 and 00:00. "
        "20.0 points more (95 %: 15.0 to 25.0), of 1,000 accepted messages, against the 4 Thursdays before. About 200 "
        "messages without a word. Next: whoever runs the collector: check that the gateway could reach it, and ask for "
        "those DLRs again.",
    ),
    "an operator's drop": (
        finding(WorseningKind.DROP, where={"operator": "Jio"}, money=24.0, n_days=21, code="34", n_code=1),
        "Jio: only 70.0 % delivered, usually 90.0 %, on Thu 12 Nov. 20.0 points less (95 %: 15.0 to 25.0), of 1,000 "
        "messages with a final word, against the 21 days before. 1 has code 34. About 200 messages lost, "
        "which cost 24.00. Next: ask the gateway and the operator what happened, quoting the gateway's ids.",
    ),
    "a route for days": (
        finding(WorseningKind.ROUTE, where={"route": "domestic"}, since=date(2026, 11, 5)),
        "The domestic route: only 70.0 % delivered, usually 90.0 %, since Thu 5 Nov (8 days). 20.0 points less "
        "(95 %: 15.0 to 25.0), of 1,000 messages with a final word, against the 4 Thursdays before. About 200 "
        "messages lost. Next: ask the gateway whether the route changed: no campaign, operator or template stands out.",
    ),
    "a new code": (
        finding(
            WorseningKind.CODE,
            code="99",
            n_code=300,
            before=0.0,
            now=0.3,
            low=0.27,
            high=0.33,
            party=Party.UNTOLD,
        ),
        "Code 99 is new: 300 messages, on Thu 12 Nov. 30.0 points more (95 %: 27.0 to 33.0), of 1,000 messages with a "
        "final word, against the 4 Thursdays before. About 200 messages lost. "
        "Next: ask the gateway what the code means.",
    ),
    "slower": (
        finding(
            WorseningKind.SLOWER, where={"operator": "Vi"}, now=61.0, before=5.0, low=9.4, high=13.2, n_lost=0
        ),
        "Delivery to Vi takes 12 times as long: 61 s, usually 5.0 s, on Thu 12 Nov. 9.4 to 13 times (95 %), typical "
        "times, against the 4 Thursdays before. Next: ask the gateway and the operator what slows them down.",
    ),
    "dearer": (
        finding(
            WorseningKind.COST,
            where={"campaign_id": "a*b"},
            now=0.18,
            before=0.12,
            low=1.4,
            high=1.6,
            n_lost=0,
            money=60.0,
        ),
        "A message (campaign a∗b) costs 50% more: 0.180, usually 0.120, on Thu 12 Nov. 40% to 60% more (95 %), of "
        "1,000 messages, against the 4 Thursdays before. In all 60.00 more. "
        "Next: compare price and number of segments with the contract.",
    ),
}


@pytest.mark.parametrize("one, said", SAID.values(), ids=SAID)
def test_sentence(one: Worsening, said: str) -> None:
    """A finding says what changed, since when, by how much, what it cost, and what to do next."""
    assert findings.sentence(one, LAST) == said


SUMMARIES = {
    "none": (
        found(),
        "**No findings** for Thu 12 Nov: 1,000 messages compared with the 28 days before in 70 ways: refusals, missing "
        "DLRs, template rejections, delivery, error codes, the queue, time to delivery and cost.",
    ),
    "one": (
        found(finding(WorseningKind.DROP)),
        "**1 thing** was worse on Thu 12 Nov than on the 28 days before, by more than chance and the usual difference "
        "between days explain.",
    ),
    "no history": (
        found(is_judged=False, n_before=1),
        "**Nothing to compare with**: 1 day of the 28 before Thu 12 Nov has messages, and at least 5 are needed to "
        "tell a change from what days differ by anyway.",
    ),
    "all too young": (
        found(is_judged=False, n_messages=0, n_young=7),
        "**Not judged yet**: no message of Thu 12 Nov is old enough. 7 messages are too recent to judge "
        "and are left out.",
    ),
    "no messages": (
        found(first=None, last=None, is_judged=False),
        "There are no messages, so there is nothing to compare.",
    ),
}


@pytest.mark.parametrize("given, said", SUMMARIES.values(), ids=SUMMARIES)
def test_summary(given: Findings, said: str) -> None:
    """The first sentence says how many things changed, or what was checked, or why nothing could be."""
    assert findings.summary(given) == said


def test_every_kind_is_in_words() -> None:
    """Each kind has its words and leads to a question that its page asks."""
    notebooks = {path.stem: path for path in resources.notebooks()}
    for kind in WorseningKind:
        card = findings.cards(found(finding(kind, where={"operator": "<b>"}))).text
        assert "<b>Next:" in card
        assert "&lt;b&gt;" in card
        cells = nbformat.read(notebooks[PAGES[kind]], as_version=4).cells
        assert any(f"## {findings.ANCHORS[kind]}" in cell.source for cell in cells)


def test_at_most_seven_are_shown() -> None:
    """Of many findings the seven worst are shown, and the sentence says so; JSON has them all, in words too."""
    many = found(*[finding(WorseningKind.DROP, where={"campaign_id": f"c{n}"}) for n in range(9)])
    assert findings.cards(many).text.count("<li") == len(findings.listing(many)) == N_SHOWN
    assert "The 7 worst are shown." in findings.summary(many)
    assert [one["says"][:11] for one in findings.told(many)["found"]] == [f"Campaign c{n}" for n in range(9)]


def test_a_cube_in_words() -> None:
    """What a search finds can be said as it is."""
    changed = cubes.found(cubes.drawn(3, lambda back, group, odds: odds if back else odds.more(c27=0.2)))
    assert len(findings.listing(changed)) == 1
