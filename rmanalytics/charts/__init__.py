"""Plotly figures from the small frames of `metrics`: one look, one colour per state, intervals drawn."""

from rmanalytics.charts.counts import accounting, failure_codes, states_over_time
from rmanalytics.charts.differences import differences
from rmanalytics.charts.mismatches import mismatches
from rmanalytics.charts.money import spending
from rmanalytics.charts.rates import rates, rates_by_hour
from rmanalytics.charts.states import RATES, STATES
from rmanalytics.charts.style import template
from rmanalytics.charts.times import times

__all__ = [
    "RATES",
    "STATES",
    "accounting",
    "differences",
    "failure_codes",
    "mismatches",
    "rates",
    "rates_by_hour",
    "spending",
    "states_over_time",
    "template",
    "times",
]
