"""What the database holds: one SQL file for each relation and each table of bookkeeping, one for the view."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256

from rmanalytics.support.resources import text

RELATIONS = (
    "messages",
    "submissions",
    "callbacks",
    "dlrs",
    "templates",
    "template_checks",
    "clevertap_reports",
    "clevertap_errors",
)
"""What analysts may rely on, beside the view `outcomes`."""

BOOKKEEPING = (
    "ingested",
    "journal_faults",
    "message_times",
    "drifts",
    "upkeep",
    "kept_outcomes",
    "translations",
)
TABLES = (*RELATIONS, *BOOKKEEPING)
HORIZON_S = 72 * 3600.0
HORIZON = "$horizon_s"
"""Where the horizon goes in `outcomes.sql`."""


def table(name: str) -> str:
    """Return the statements that make a table."""
    return text(__name__, f"{name}.sql")


def view(horizon_s: float) -> str:
    """Return the statements that make the view."""
    return f"{_view(horizon_s)}COMMENT ON VIEW outcomes IS '{comment(horizon_s)}';\n"


def comment(horizon_s: float) -> str:
    """Return what is said of the view in a database of which all definitions are today's."""
    definitions = "".join((*map(table, TABLES), _view(horizon_s)))
    return f"One row per message, as of now (definition {sha256(definitions.encode()).hexdigest()[:12]})."


def whole(horizon_s: float) -> str:
    """Return the statements that make all of it."""
    return "".join((*map(table, TABLES), view(horizon_s)))


@cache
def columns_of(name: str) -> frozenset[str]:
    """Return the columns that one of our tables has today, by their comments; none for another name."""
    said = table(name) if name in TABLES else ""
    return frozenset(re.findall(rf"^COMMENT ON COLUMN {name}\.(\w+) ", said, re.M))


@cache
def columns() -> frozenset[tuple[str, str]]:
    """Return table and name of every column that a database of today has."""
    return frozenset((name, column) for name in TABLES for column in columns_of(name))


def _view(horizon_s: float) -> str:
    return text(__name__, "outcomes.sql").replace(HORIZON, str(round(horizon_s)))
