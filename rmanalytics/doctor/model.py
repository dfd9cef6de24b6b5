"""The data of a diagnosis: what is checked, what each check found, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rmanalytics.checks import Checked, Mark, worst
from rmanalytics.config import Settings
from rmanalytics.support.wording import count

WORDS = {Mark.PASS: "ok", Mark.WARNING: "warning", Mark.FAIL: "fault", Mark.NOT_APPLICABLE: "not_checked"}
"""What the JSON of `doctor` calls each mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the checks examine. Other hosts are contacted only when `is_online`, or as `callback_url`."""

    settings: Settings
    environment: Mapping[str, str] = field(repr=False)
    now: datetime
    is_online: bool = False
    callback_url: str | None = field(default=None, repr=False)
    timeout_s: float = 5.0

    @property
    def folder(self) -> Path:
        """Where `.env` and `rmanalytics.toml` are searched."""
        return self.settings.home.absolute().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The results of all checks."""

    checks: tuple[Checked, ...]

    @property
    def mark(self) -> Mark:
        """The worst mark; pass where nothing was wrong."""
        return worst(self.checks)

    @property
    def exit_code(self) -> int:
        """0 fine, 1 a fault, 4 where the only fault is that the gateway is unreachable."""
        faults = [one.finding for one in self.checks if one.finding.mark is Mark.FAIL]
        if not faults:
            return 0
        return 4 if all(fault.is_unreachable for fault in faults) else 1

    @property
    def line(self) -> str:
        """The verdict in one line, with the fix of the first fault."""
        counts = {mark: sum(one.finding.mark is mark for one in self.checks) for mark in Mark}
        rest = f"{count(counts[Mark.WARNING], 'warning')}, {counts[Mark.NOT_APPLICABLE]} not checked"
        if self.mark is not Mark.FAIL:
            return f"ready: {counts[Mark.PASS]} ok, {rest}"
        first = next(one for one in self.checks if one.finding.mark is Mark.FAIL)
        cause = f"{first.check.title}: {first.finding.says} → {first.finding.fix}"
        return f"not ready: {count(counts[Mark.FAIL], 'fault')}, {rest}; first {cause}"

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "verdict": WORDS[self.mark],
            "line": self.line,
            "exit_code": self.exit_code,
            "checks": [one.as_dict() | {"mark": WORDS[one.finding.mark]} for one in self.checks],
        }
