"""The JUnit file as CI systems read it, and the verdict's arithmetic."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from support.verdicts import DONE, NOTHING, OVERDUE, answered, became, facts, off, refused

from rmanalytics.checks import Mark
from rmanalytics.validate import Facts, judge, junit
from rmanalytics.validate.facts.model import Logged, Word

GREEN = facts(
    submitted=(answered(),),
    became=(became(),),
    matched_by={"gateway_message_id": 1},
    n_callbacks=1,
    words=(Word(raw_status="DELIVRD", status="delivered"),),
    offsets=off({0: 1}),
    batch_id="b1",
)
VERDICTS: dict[str, tuple[Facts, Mark, int, list[str]]] = {
    "all criteria hold": (GREEN, Mark.PASS, 0, ["pass", "pass", "pass"]),
    "nothing sent": (NOTHING, Mark.INCONCLUSIVE, 3, ["inconclusive"] * 3),
    "refused": (refused("1703"), Mark.FAIL, 1, ["fail", "inconclusive", "fail"]),
    "no time of submission in the DLR": (DONE, Mark.INCONCLUSIVE, 3, ["pass", "inconclusive", "pass"]),
    "overdue": (OVERDUE, Mark.FAIL, 1, ["fail", "fail", "inconclusive"]),
    "out of reach": (
        facts(submitted=(answered("unsent", None, http_status=None),), became=(became("unsent"),)),
        Mark.FAIL,
        4,
        ["inconclusive", "inconclusive", "fail"],
    ),
}


@pytest.mark.parametrize("known, mark, exit_code, criteria", VERDICTS.values(), ids=VERDICTS)
def test_verdict(known: Facts, mark: Mark, exit_code: int, criteria: list[str]) -> None:
    """A criterion is as good as its worst check, the verdict as its worst criterion."""
    verdict = judge(known)
    assert (verdict.mark, verdict.exit_code) == (mark, exit_code)
    assert [judged.mark for judged in verdict.criteria] == criteria


@pytest.mark.parametrize("known", [known for known, *_ in VERDICTS.values()], ids=VERDICTS)
def test_counts_are_those_of_the_cases(known: Facts) -> None:
    """Each suite counts its cases, failures, errors and skipped as Surefire's schema has them."""
    root = ElementTree.fromstring(junit(judge(known)))
    assert root.tag == "testsuites"
    assert [suite.tag for suite in root] == ["testsuite"] * 3
    for suite in root:
        cases = suite.findall("testcase")
        assert {case.get("classname", "").startswith("rmanalytics.") for case in cases} == {True}
        assert all(case.get("name") and case.get("time") is not None for case in cases)
        told = {name: int(suite.get(name, "")) for name in ("tests", "failures", "errors", "skipped")}
        found = {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
        assert told == {
            "tests": len(cases),
            "failures": found["failure"],
            "errors": found["error"],
            "skipped": found["skipped"],
        }
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in root)


def test_a_failure_tells_cause_fix_and_evidence() -> None:
    """A failed case carries message, type and evidence; what does not apply is skipped."""
    root = ElementTree.fromstring(junit(judge(refused("1025"))))
    case = next(case for case in root.iter("testcase") if case.get("name") == "The account has credit")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "fail"
    assert failure.get("message") == (
        "insufficient credit (1025): top up the Route Mobile account, then send again with --retry-refused"
    )
    assert "9198****0001" in (failure.text or "")
    skipped = [case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None]
    assert set(skipped) == {
        "The test is recent",
        "CleverTap accepts the relayed DLRs",
        "CleverTap's log is clean",
        "The provider file is sound",
    }


def test_text_of_others_stays_text() -> None:
    """Markup and control characters of a log do not break the file."""
    hostile = facts(log=(Logged(category=None, text="timeout <b>&\x1b[2J\ufffe]]>"),))
    root = ElementTree.fromstring(junit(judge(hostile)))
    messages = [failure.get("message", "") for failure in root.iter("failure")]
    assert any("timeout <b>&[2J]]>" in message for message in messages)
