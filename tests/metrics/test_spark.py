"""The same expressions, for Spark when one machine is not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import ibis
import ibis.expr.types as ir
import pytest
import sqlglot
from ibis.config import Config
from support.evidence import LATER, unbound

from rmanalytics.metrics import bursts, control
from rmanalytics.metrics.accounting import tally
from rmanalytics.metrics.comparisons import counts as compared
from rmanalytics.metrics.dlr_quality import coverages, looks
from rmanalytics.metrics.grouping import DIMENSIONS
from rmanalytics.metrics.latency import latencies
from rmanalytics.metrics.money import spending_by
from rmanalytics.metrics.rates import counts
from rmanalytics.metrics.survival import ends
from rmanalytics.models import State

ALL = tuple(DIMENSIONS)
EXPRESSIONS: dict[str, Callable[[ir.Table], ir.Table]] = {
    "outcomes": lambda outcomes: outcomes,
    "rates": lambda outcomes: counts(outcomes, by=ALL),
    "rates where clocks change": lambda outcomes: counts(outcomes, by="hour", zone="Europe/Berlin"),
    "rates of all": lambda outcomes: counts(outcomes, by=()),
    "time to DLR": lambda outcomes: latencies(outcomes, by=ALL),
    "comparisons": lambda outcomes: compared(outcomes, "operator", after_s=60),
    "spending": lambda outcomes: spending_by(outcomes, by=ALL, price_per_segment=0.1),
    "coverage": lambda outcomes: coverages(outcomes, by=ALL),
    "looks": lambda outcomes: looks(outcomes, "operator"),
    "times with those in flight": lambda outcomes: ends(outcomes, by=ALL),
    "bursts": lambda outcomes: bursts.by_hour(outcomes),
    "steps of time": lambda outcomes: control.steps(outcomes, State.DELIVERED, 60),
    "accounting": lambda outcomes: tally(outcomes, by=ALL),
}


class _SparkOptions(Config):  # type: ignore[misc]
    treat_nan_as_null: bool = False


@pytest.fixture(autouse=True)
def _spark_options() -> Iterator[None]:
    """What ibis registers by itself where pyspark is installed; its compiler reads it."""
    before, ibis.options.pyspark = ibis.options.pyspark, _SparkOptions()
    yield
    ibis.options.pyspark = before


@pytest.mark.parametrize("as_of", [LATER, None], ids=["as of a time", "as of now"])
@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_compiles(expression: Callable[[ir.Table], ir.Table], as_of: object) -> None:
    """Every expression compiles to SQL that parses as Spark's, and scans each table once."""
    query = str(ibis.to_sql(expression(unbound(as_of)), dialect="pyspark"))
    tables = [table.name for table in sqlglot.parse_one(query, read="spark").find_all(sqlglot.exp.Table)]
    assert sorted(tables) == ["dlrs", "messages", "submissions"]
