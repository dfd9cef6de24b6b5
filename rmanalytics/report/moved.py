"""Where the names are now that notebooks of the release before take from `rmanalytics.report`."""

from __future__ import annotations

from rmanalytics.support.moved import Split

_SECTIONS = "rmanalytics.notebook.sections"

CELLS = (
    "all_rates_table",
    "codes_table",
    "header",
    "identity_table",
    "rates_table",
    "select",
    "show",
    "total",
    "trust_table",
)
"""What `rmanalytics.notebook` has under the same name."""

MODULES = {
    "changing": "control",
    "comparing": "comparisons",
    "failing": "failures",
    "reconciling": "reconciliation",
    "spending": "money",
    "surviving": "survival",
    "trusting": "dlr_quality",
    "waiting": "in_flight",
}
"""Modules of `rmanalytics.notebook.sections` by their names of before."""

WORDS = {
    "accounting": "accounting:summary",
    "failures": "failures:summary",
    "groups": "rates:groups",
    "identity": "accounting:identity",
    "over_time": "over_time:summary",
    "rates": "rates:summary",
    "times": "latency:summary",
    "trust": "dlr_quality:trust",
}
TABLES = {
    "all_rates_table": "rates:all_rates_table",
    "codes_table": "failures:codes_table",
    "identity_table": "accounting:identity_table",
    "rates_table": "rates:rates_table",
    "trust_table": "dlr_quality:trust_table",
}
MATCHING = {"first_mends": "template_checks:first_fixes", "mends_table": "template_checks:fixes_table"}


def _split(name: str, names: dict[str, str], module: str | None = None) -> Split:
    places = {old: f"{_SECTIONS}.{new}" for old, new in names.items()}
    return Split(old=f"rmanalytics.report.{name}", names=places, module=module and f"{_SECTIONS}.{module}")


SPLIT = {
    "diffs": _split("diffs", {}, "template_checks"),
    "matching": _split("matching", MATCHING, "template_checks"),
    "tables": _split("tables", TABLES),
    "words": _split("words", WORDS),
}
"""Modules whose functions are in several modules now, or are called otherwise."""
