"""Checks of doctor and validate: what they check, what each found, and which finding is the worst."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

Seen = TypeVar("Seen")


class Mark(StrEnum):
    """The result of a check. A warning passes; a check that does not apply, or was skipped, blocks nothing."""

    PASS = "pass"  # noqa: S105 (no password)
    WARNING = "warning"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST = (Mark.FAIL, Mark.INCONCLUSIVE, Mark.WARNING, Mark.PASS)

SIGNS = {
    Mark.PASS: ("✓", "green"),
    Mark.WARNING: ("!", "yellow"),
    Mark.FAIL: ("✗", "red"),
    Mark.INCONCLUSIVE: ("?", "yellow"),
    Mark.NOT_APPLICABLE: ("–", "dim"),
}
"""Sign and colour of each mark on a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: `says` in one clause, the evidence for it, and the fix in one line.

    `is_unreachable`: the gateway could not be reached at all. `is_consequence`: another check names the cause.
    """

    mark: Mark
    says: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    is_unreachable: bool = False
    is_consequence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[Seen]):
    """A check: its title, the function that does it, and the group it belongs to, if any."""

    name: str
    title: str
    look: Callable[[Seen], Finding]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check and its finding."""

    check: Check[Any]
    finding: Finding

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        found = self.finding
        return {
            "name": self.check.name,
            "title": self.check.title,
            "mark": found.mark.value,
            "says": found.says,
            "evidence": list(found.evidence),
            "fix": found.fix,
        }


def worst(checked: Iterable[Checked]) -> Mark:
    """Return the worst mark among the findings; pass where nothing was wrong.

    >>> worst([])
    <Mark.PASS: 'pass'>
    """
    marks = {one.finding.mark for one in checked}
    return next((mark for mark in WORST_FIRST if mark in marks), Mark.PASS)


def ok(says: str, *evidence: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(mark=Mark.PASS, says=says, evidence=evidence)


def warning(says: str, *evidence: str, fix: str) -> Finding:
    """Return a finding about something that works but needs attention."""
    return Finding(mark=Mark.WARNING, says=says, evidence=evidence, fix=fix)


def fault(says: str, *evidence: str, fix: str) -> Finding:
    """Return a finding about something that does not work."""
    return Finding(mark=Mark.FAIL, says=says, evidence=evidence, fix=fix)


def not_checked(says: str, fix: str = "") -> Finding:
    """Return why a check was skipped, and how to enable it."""
    return Finding(mark=Mark.NOT_APPLICABLE, says=says, fix=fix)
