"""Notebooks copied from the release before still find what they call."""

from __future__ import annotations

import importlib
import warnings
from types import ModuleType

import pytest

from rmanalytics import charts

CALLED = {
    "rmanalytics.metrics.causes": ("caused", "parties"),
    "rmanalytics.metrics.trust": ("lateness", "unknown_codes", "unknown_words"),
    "rmanalytics.report": (
        "all_rates_table",
        "codes_table",
        "header",
        "identity_table",
        "rates_table",
        "select",
        "show",
        "total",
        "trust_table",
    ),
    "rmanalytics.report.changing": ("changes", "worst"),
    "rmanalytics.report.comparing": ("comparisons_table", "one", "summary"),
    "rmanalytics.report.diffs": ("diffs", "masked"),
    "rmanalytics.report.failing": ("bursts", "bursts_table", "by_state", "causes_table", "parties"),
    "rmanalytics.report.matching": (
        "crossed",
        "crossing_table",
        "diffs",
        "encodings_table",
        "first_mends",
        "groups_table",
        "kinds",
        "kinds_table",
        "mends_table",
        "needless_table",
        "rate",
    ),
    "rmanalytics.report.reconciling": ("reconciled", "reconciliation_table", "summary"),
    "rmanalytics.report.spending": ("needless", "of", "spending_table", "summary"),
    "rmanalytics.report.surviving": ("delivery_table", "summary"),
    "rmanalytics.report.tables": (
        "all_rates_table",
        "codes_table",
        "identity_table",
        "rates_table",
        "trust_table",
    ),
    "rmanalytics.report.trusting": (
        "coverage",
        "coverage_table",
        "lateness",
        "lateness_table",
        "strangers",
        "strangers_table",
        "too_good",
    ),
    "rmanalytics.report.waiting": (
        "ages",
        "drain",
        "drain_table",
        "in_flight",
        "standing",
        "standing_table",
    ),
    "rmanalytics.report.words": (
        "accounting",
        "failures",
        "groups",
        "identity",
        "over_time",
        "rates",
        "times",
        "trust",
    ),
    "rmanalytics.validate.page": ("checks", "headline", "steps", "verdict_on"),
}
"""What the notebooks of the release before call, by the module it was in."""

NAMES = [(module, name) for module, names in CALLED.items() for name in names]

CHARTS = (
    "accounting ages changes differences failure_codes in_flight incidence mismatches parties rates "
    "rates_by_hour spending states_over_time timeline times worst"
)


@pytest.mark.parametrize("module, name", NAMES, ids=[".".join(one) for one in NAMES])
def test_the_old_name_works(module: str, name: str) -> None:
    """What a notebook imports by its old name is there, is called, and its new place is named in a warning."""
    package, _, last = module.rpartition(".")
    with pytest.warns(DeprecationWarning, match=r"is now rmanalytics\.\w+\.\w+") as told:
        home = (
            importlib.import_module(module)
            if module == "rmanalytics.report"
            else getattr(importlib.import_module(package), last)
        )
        called = getattr(home, name)
    assert callable(called)
    assert {one.filename for one in told} == {__file__}
    assert _named(str(told[-1].message).split(" is now ")[1], called, name)


def _named(place: str, called: object, name: str) -> bool:
    """Whether the place that a warning names is that of the function, or of the module that has it."""
    module, _, last = place.rpartition(".")
    found = getattr(importlib.import_module(module), last)
    return (getattr(found, name) if isinstance(found, ModuleType) else found) is called


def test_import_statements() -> None:
    """The notebooks' own import statements work, with nothing worse than a DeprecationWarning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)
        from rmanalytics.metrics import trust
        from rmanalytics.report import matching, show, words
        from rmanalytics.validate import page
    assert all((trust, matching, show, words, page))


@pytest.mark.parametrize("module", ["rmanalytics.report", "rmanalytics.metrics", "rmanalytics.validate"])
def test_no_other_name(module: str) -> None:
    """A name that never was is refused as ever."""
    with pytest.raises(AttributeError, match="no attribute 'never_was'"):
        _ = importlib.import_module(module).never_was


@pytest.mark.parametrize("name", ["words", "tables"])
def test_no_other_sentence(name: str) -> None:
    """A function that never was in a module that is gone is refused too, by the old module's name."""
    with pytest.raises(AttributeError, match=rf"rmanalytics\.report\.{name} has no attribute"):
        _ = getattr(importlib.import_module("rmanalytics.report"), name).never_was


@pytest.mark.parametrize("name", CHARTS.split())
def test_charts_keep_their_names(name: str) -> None:
    """Charts are called as before, and give no warning."""
    assert callable(getattr(charts, name))
