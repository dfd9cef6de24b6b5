"""The data of a verdict: criteria, and the results of their checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from rmanalytics.checks import Checked, Mark


class Criterion(StrEnum):
    """The three of CleverTap's Route Mobile page, "Verifying Successful Integration"."""

    DELIVERED = "delivered"
    CALLBACK = "callback"
    ERRORS = "errors"


TITLES = {
    Criterion.DELIVERED: "The test SMS is delivered to the intended number",
    Criterion.CALLBACK: "A DLR callback (delivered, failed or queued) arrives at the configured URL",
    Criterion.ERRORS: "No errors of authentication, payload structure or transmission",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A criterion with its checks."""

    criterion: Criterion
    mark: Mark
    checks: tuple[Checked, ...]

    @property
    def title(self) -> str:
        """The title of the criterion."""
        return TITLES[self.criterion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of all criteria.

    `line` names cause and fix, `says` the cause alone; `sent_at` is when the batch was last attempted.
    """

    mark: Mark
    line: str
    exit_code: int
    about: str
    batch_id: str | None
    sent_at: datetime | None
    as_of: datetime
    is_simulated: bool
    says: str
    criteria: tuple[Judged, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "verdict": self.mark.value,
            "line": self.line,
            "exit_code": self.exit_code,
            "about": self.about,
            "batch_id": self.batch_id,
            "sent_at": self.sent_at.isoformat() if self.sent_at else None,
            "as_of": self.as_of.isoformat(),
            "simulated": self.is_simulated,
            "criteria": [
                {
                    "name": judged.criterion.value,
                    "title": judged.title,
                    "mark": judged.mark.value,
                    "checks": [checked.as_dict() for checked in judged.checks],
                }
                for judged in self.criteria
            ],
        }
