"""Checks of doctor and validate: what is looked at, what each found, and which finding is the worst."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

Seen = TypeVar("Seen")


class Mark(StrEnum):
    """What a check comes to. A warning passes; what does not apply, or was not looked at, hinders nothing."""

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

    `is_unreachable`: the gateway could not be reached at all.
    """

    mark: Mark
    says: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    is_unreachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[Seen]):
    """A question, the function that answers it from what it sees, and the group it belongs to, if any."""

    name: str
    title: str
    look: Callable[[Seen], Finding]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check with what it found."""

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
    """Return that all is well."""
    return Finding(mark=Mark.PASS, says=says, evidence=evidence)


def warning(says: str, *evidence: str, fix: str) -> Finding:
    """Return what works but should be looked at."""
    return Finding(mark=Mark.WARNING, says=says, evidence=evidence, fix=fix)


def fault(says: str, *evidence: str, fix: str) -> Finding:
    """Return what does not work."""
    return Finding(mark=Mark.FAIL, says=says, evidence=evidence, fix=fix)


def not_checked(says: str, fix: str = "") -> Finding:
    """Return why it was not looked at, and what would let it be."""
    return Finding(mark=Mark.NOT_APPLICABLE, says=says, fix=fix)
