"""One subject, one stem: what a page says about a metric is found by the metric's name."""

from __future__ import annotations

from pkgutil import iter_modules

from rmanalytics import charts, metrics
from rmanalytics.notebook import sections

DRAWN_ALONE = {"points", "states", "style", "timeline"}
"""Modules of charts that no metric gives numbers to, or that all share."""


def _stems(package: object) -> set[str]:
    return {module.name for module in iter_modules(package.__path__)}  # type: ignore[attr-defined]


def test_sections_are_called_as_metrics() -> None:
    """Every module of sentences and tables has its namesake in metrics."""
    assert _stems(sections) <= _stems(metrics)


def test_charts_are_called_as_metrics() -> None:
    """Every module of charts has its namesake in metrics, but for what all charts share."""
    assert _stems(charts) - DRAWN_ALONE <= _stems(metrics)
