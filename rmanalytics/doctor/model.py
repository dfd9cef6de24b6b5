"""The words of a diagnosis: what is looked at, what each check found, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from rmanalytics.config import Settings
from rmanalytics.support.wording import count


class Mark(StrEnum):
    """What a check comes to. A warning is no fault; what was not checked hinders nothing."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the checks look at. Hosts elsewhere are contacted only when `is_online`, or as `callback_url`."""

    settings: Settings
    environment: Mapping[str, str] = field(repr=False)
    now: datetime
    is_online: bool = False
    callback_url: str | None = field(default=None, repr=False)
    timeout_s: float = 5.0

    @property
    def folder(self) -> Path:
        """Where `.env` and `rmanalytics.toml` are looked for."""
        return self.settings.home.absolute().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: `says` in one clause, the evidence for it, and the fix in one line.

    `is_unreachable`: the gateway was out of reach.
    """

    mark: Mark
    says: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    is_unreachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is asked, and the function that answers it."""

    name: str
    title: str
    look: Callable[[Scene], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check with what it found."""

    check: Check
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What all checks come to."""

    checks: tuple[Checked, ...]

    @property
    def mark(self) -> Mark:
        """The worst of what was found; ok where nothing was wrong."""
        found = {checked.finding.mark for checked in self.checks}
        return next((mark for mark in (Mark.FAULT, Mark.WARNING) if mark in found), Mark.OK)

    @property
    def exit_code(self) -> int:
        """0 fine, 1 a fault, 4 where the only fault is that the gateway is out of reach."""
        faults = [one.finding for one in self.checks if one.finding.mark is Mark.FAULT]
        if not faults:
            return 0
        return 4 if all(fault.is_unreachable for fault in faults) else 1

    @property
    def line(self) -> str:
        """The verdict in one line, with the fix of the first fault."""
        counts = {mark: sum(one.finding.mark is mark for one in self.checks) for mark in Mark}
        rest = f"{count(counts[Mark.WARNING], 'warning')}, {counts[Mark.NOT_CHECKED]} not checked"
        if self.mark is not Mark.FAULT:
            return f"able to do its job: {counts[Mark.OK]} ok, {rest}"
        first = next(one for one in self.checks if one.finding.mark is Mark.FAULT)
        cause = f"{first.check.title}: {first.finding.says} → {first.finding.fix}"
        return f"not able to do its job: {count(counts[Mark.FAULT], 'fault')}, {rest}; first {cause}"

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "verdict": self.mark.value,
            "line": self.line,
            "exit_code": self.exit_code,
            "checks": [checked.as_dict() for checked in self.checks],
        }


def ok(says: str, *evidence: str) -> Finding:
    """Return that all is well."""
    return Finding(mark=Mark.OK, says=says, evidence=evidence)


def warning(says: str, *evidence: str, fix: str) -> Finding:
    """Return what works but should be looked at."""
    return Finding(mark=Mark.WARNING, says=says, evidence=evidence, fix=fix)


def fault(says: str, *evidence: str, fix: str) -> Finding:
    """Return what keeps the installation from its job."""
    return Finding(mark=Mark.FAULT, says=says, evidence=evidence, fix=fix)


def not_checked(says: str, fix: str = "") -> Finding:
    """Return why it was not looked at, and what would let it be."""
    return Finding(mark=Mark.NOT_CHECKED, says=says, fix=fix)
