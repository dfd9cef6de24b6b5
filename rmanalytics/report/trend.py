"""What a page said before it was made anew: the trend on the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rmanalytics.support.wording import percent

KEPT = 60
"""Earlier pages remembered, about two months of mornings."""

_NUMBERS = ("n_submitted", "delivery_rate", "delivery_low", "delivery_high")
_WIDTH, _HEIGHT, _EDGE = 96, 26, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A small picture of a rate over time, in the coordinates of an SVG of 96 × 26, and the same in words."""

    line: str
    band: str
    end: tuple[float, float]
    words: str


def with_history(known: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what is known about a run with what its earlier pages said, oldest first, one per as_of."""
    earlier = [*before.get("history", ()), _entry(before)] if before else []
    kept = [entry for entry in earlier if entry.get("as_of") != known["as_of"]]
    return {**known, "history": kept[-KEPT:]}


def drawn(run: Mapping[str, Any]) -> Trend | None:
    """Return the run's delivery rate over its pages as a line in its interval; None for fewer than two."""
    points = [entry for entry in [*run.get("history", ()), _entry(run)] if _is_whole(entry)]
    points.sort(key=lambda entry: str(entry["as_of"]))
    if len(points) < 2:
        return None
    rates, lows, highs = (
        [float(entry[f"delivery_{end}"]) for entry in points] for end in ("rate", "low", "high")
    )
    bottom, top = min(lows), max(highs)
    up = [_up(values, bottom, top) for values in (rates, lows, highs)]
    across = [_EDGE + place * (_WIDTH - 2 * _EDGE) / (len(points) - 1) for place in range(len(points))]
    return Trend(
        line=_path(across, up[0]),
        band=f"{_path(across, up[2])} {_path(across[::-1], up[1][::-1])}",
        end=(round(across[-1], 1), round(up[0][-1], 1)),
        words=f"{percent(rates[0])} to {percent(rates[-1])} over {len(points)} reports",
    )


def _entry(run: Mapping[str, Any]) -> dict[str, Any]:
    total = run["numbers"].get("total", {})
    return {name: run.get(name) for name in ("as_of", "made_at", "status")} | {
        name: total.get(name) for name in _NUMBERS
    }


def _is_whole(entry: Mapping[str, Any]) -> bool:
    return all(isinstance(entry.get(name), int | float) for name in _NUMBERS[1:])


def _up(values: Sequence[float], bottom: float, top: float) -> list[float]:
    room = _HEIGHT - 2 * _EDGE
    return [
        _HEIGHT - _EDGE - (room * (value - bottom) / (top - bottom) if top > bottom else room / 2)
        for value in values
    ]


def _path(across: Sequence[float], up: Sequence[float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
