"""Plotly figures from the small frames of `metrics`: one look, one colour per state, intervals drawn."""

from rmanalytics.charts.accounting import accounting
from rmanalytics.charts.comparisons import differences
from rmanalytics.charts.control import changes
from rmanalytics.charts.failures import failure_codes, parties
from rmanalytics.charts.in_flight import ages, in_flight
from rmanalytics.charts.latency import times
from rmanalytics.charts.money import spending
from rmanalytics.charts.over_time import states_over_time
from rmanalytics.charts.rates import rates, rates_by_hour, worst
from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import template
from rmanalytics.charts.survival import incidence
from rmanalytics.charts.template_checks import mismatches
from rmanalytics.charts.timeline import timeline
from rmanalytics.models import RATES

__all__ = [
    "RATES",
    "STATES",
    "accounting",
    "ages",
    "changes",
    "differences",
    "failure_codes",
    "in_flight",
    "incidence",
    "mismatches",
    "parties",
    "rates",
    "rates_by_hour",
    "spending",
    "states_over_time",
    "template",
    "timeline",
    "times",
    "worst",
]
