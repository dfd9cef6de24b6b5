"""What a finding is, and what a search for them came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from rmanalytics.models import Party

N_SHOWN = 7


class WorseningKind(StrEnum):
    """What changed."""

    REFUSED = "more refused at submission"
    LOST_DLRS = "more without a DLR"
    MISMATCH = "more rejected for their template"
    DROP = "fewer delivered"
    ROUTE = "fewer delivered on a route"
    CODE = "an error code more often"
    QUEUE = "more stuck in the queue"
    SLOWER = "slower delivery"
    COST = "dearer messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worsening:
    """A change for the worse: in which group (`where`), how large, since when, how much it cost, and whose move it is.

    `now` and `before` are shares (seconds for `SLOWER`, money per message for `COST`), `low` and `high` the 95 %
    interval of their difference (of their ratio for `SLOWER` and `COST`). `n_lost` is by how many messages more than
    expected it is worse, `money` what these cost, None where unknown; `code` is the one that rose the most.
    """

    kind: WorseningKind
    where: dict[str, str]
    n_messages: int
    now: float
    before: float
    low: float
    high: float
    p: float
    n_days: int
    since: date
    hours: tuple[int, int] | None
    n_lost: int
    money: float | None
    code: str
    n_code: int
    meaning: str
    party: Party
    page: str

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        own = asdict(self) | {"kind": self.kind.name.lower(), "party": str(self.party)}
        return own | {"since": self.since.isoformat(), "hours": list(self.hours) if self.hours else None}

    @staticmethod
    def from_dict(known: dict[str, Any]) -> Worsening:
        """Return what `as_dict` was made from."""
        hours = known["hours"]
        own = {name: value for name, value in known.items() if name in Worsening.__dataclass_fields__}
        return Worsening(
            **own
            | {
                "kind": WorseningKind[known["kind"].upper()],
                "party": Party(known["party"]),
                "since": date.fromisoformat(known["since"]),
                "hours": (hours[0], hours[1]) if hours else None,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found, worst first, and what was looked at; `first` and `last` are None without any message."""

    first: date | None
    last: date | None
    n_before: int
    n_messages: int
    n_young: int
    n_tests: int
    found: list[Worsening] = field(default_factory=list)
    is_judged: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; `n` is null where nothing could be judged."""
        return {
            "first_day": self.first.isoformat() if self.first else None,
            "last_day": self.last.isoformat() if self.last else None,
            "n_days_before": self.n_before,
            "n_messages": self.n_messages,
            "n_young": self.n_young,
            "n_tests": self.n_tests,
            "is_judged": self.is_judged,
            "n": len(self.found) if self.is_judged else None,
            "found": [one.as_dict() for one in self.found],
        }

    @staticmethod
    def from_dict(known: dict[str, Any]) -> Findings:
        """Return what `as_dict` was made from."""
        first, last = (
            date.fromisoformat(known[name]) if known[name] else None for name in ("first_day", "last_day")
        )
        return Findings(
            first=first,
            last=last,
            n_before=known["n_days_before"],
            n_messages=known["n_messages"],
            n_young=known["n_young"],
            n_tests=known["n_tests"],
            found=[Worsening.from_dict(one) for one in known["found"]],
            is_judged=known["is_judged"],
        )
