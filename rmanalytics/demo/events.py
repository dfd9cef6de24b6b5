"""What is planted in the past of the demo: the truth that its reports are to find, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Effect(StrEnum):
    """What an event does to the messages it reaches."""

    FAILS = "fails"
    SLOWS = "slows"
    MISMATCHES = "mismatches"
    REFUSES = "refuses"
    LOSES_DLRS = "loses DLRs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedEvent:
    """Something that went wrong from one day on: `first` and `last` count days back from the day of the demo.

    It reaches messages with these values (`where`) in these hours of the display zone's clock; `size` is the share of
    them that fail beside those that fail anyway, or how many times as long delivery takes.
    """

    name: str
    effect: Effect
    first: int
    last: int
    where: dict[str, str] = field(default_factory=dict)
    hours: tuple[int, int] = (0, 24)
    size: float = 1.0
    code: str = ""

    def is_on(self, days_back: int) -> bool:
        """Return whether it goes on on that day."""
        return self.last <= days_back <= self.first


EVENTS = (
    PlantedEvent(name="lost callbacks", effect=Effect.LOSES_DLRS, first=20, last=20, hours=(10, 14)),
    PlantedEvent(name="no credit", effect=Effect.REFUSES, first=16, last=16, hours=(17, 18), code="1025"),
    PlantedEvent(
        name="slow operator", effect=Effect.SLOWS, first=11, last=1, where={"operator": "Vi"}, size=12.0
    ),
    PlantedEvent(
        name="route change",
        effect=Effect.FAILS,
        first=8,
        last=1,
        where={"route": "domestic"},
        size=0.056,
        code="205",
    ),
    PlantedEvent(
        name="broken template",
        effect=Effect.MISMATCHES,
        first=4,
        last=1,
        where={"template_id": "1107000000000000103"},
        size=0.9,
        code="633",
    ),
    PlantedEvent(
        name="bad day of an operator",
        effect=Effect.FAILS,
        first=1,
        last=1,
        where={"operator": "Jio"},
        size=0.4,
        code="34",
    ),
)
"""In the order in which they happen; none within the first three weeks, which later days are compared with."""
