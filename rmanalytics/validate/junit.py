"""A verdict as JUnit XML, as Jenkins, GitHub and GitLab read it (Surefire's `testsuites`).

What is inconclusive is an `error`, so that a pipeline does not turn green before DLRs are in; what does not
apply is `skipped`; a warning passes and stands in `system-out`.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rmanalytics.checks import Checked, Mark
from rmanalytics.validate.model import Judged, Verdict

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {Mark.FAIL: "failure", Mark.INCONCLUSIVE: "error", Mark.NOT_APPLICABLE: "skipped"}


def junit(verdict: Verdict) -> str:
    """Return the XML: a suite per criterion, a case per check."""
    root = Element("testsuites", {"name": "rmanalytics validate", "time": "0"} | _counts(verdict.criteria))
    for judged in verdict.criteria:
        _suite(root, judged, verdict)
    return _written(root)


def broken(text: str) -> str:
    """Return the XML of a check that ended in an error before there was a verdict."""
    counts = {"tests": "1", "failures": "0", "errors": "1"}
    root = Element("testsuites", {"name": "rmanalytics validate", "time": "0"} | counts)
    suite = SubElement(root, "testsuite", {"name": "rmanalytics", "time": "0", "skipped": "0"} | counts)
    case = SubElement(suite, "testcase", classname="rmanalytics", name="There is a verdict", time="0")
    SubElement(case, "error", message=_clean(text), type="error").text = _clean(text)
    return _written(root)


def _written(root: Element) -> str:
    indent(root)
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(root: Element, judged: Judged, verdict: Verdict) -> None:
    told = {
        "name": _clean(judged.title),
        "time": "0",
        "timestamp": f"{verdict.as_of:%Y-%m-%dT%H:%M:%S}",
        "skipped": str(sum(one.finding.mark is Mark.NOT_APPLICABLE for one in judged.checks)),
    }
    suite = SubElement(root, "testsuite", told | _counts((judged,)))
    for checked in judged.checks:
        _case(suite, judged, checked)


def _case(suite: Element, judged: Judged, checked: Checked) -> None:
    found = checked.finding
    case = SubElement(
        suite, "testcase", classname=f"rmanalytics.{judged.criterion}", name=checked.check.title, time="0"
    )
    message = _clean(": ".join(filter(None, (found.says, found.fix))))
    if tag := _TAGS.get(found.mark):
        body = SubElement(case, tag, message=message)
        if found.mark is not Mark.NOT_APPLICABLE:
            body.set("type", found.mark.value)
            body.text = _clean("\n".join((message, *found.evidence)))
    else:
        told = "\n".join((f"{found.mark.value}: {message}", *found.evidence))
        SubElement(case, "system-out").text = _clean(told)


def _counts(criteria: tuple[Judged, ...]) -> dict[str, str]:
    marks = [one.finding.mark for judged in criteria for one in judged.checks]
    return {
        "tests": str(len(marks)),
        "failures": str(marks.count(Mark.FAIL)),
        "errors": str(marks.count(Mark.INCONCLUSIVE)),
    }


def _clean(text: str) -> str:
    r"""Return the text without characters that XML cannot hold.

    >>> _clean("a\x1b[2Jb")
    'a[2Jb'
    """
    return _NOT_XML.sub("", text)
