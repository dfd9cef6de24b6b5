"""What notebook cells call: choose the messages, then show sentences, tables and charts about them.

`select` the messages, then `header`, `total`, and the sentences and tables of `sections`.
"""

from __future__ import annotations

from rmanalytics.notebook.display import show
from rmanalytics.notebook.header import header
from rmanalytics.notebook.numbers import total
from rmanalytics.notebook.sections.accounting import identity_table
from rmanalytics.notebook.sections.dlr_quality import trust_table
from rmanalytics.notebook.sections.failures import codes_table
from rmanalytics.notebook.sections.rates import all_rates_table, rates_table
from rmanalytics.notebook.selection import select

__all__ = [
    "all_rates_table",
    "codes_table",
    "header",
    "identity_table",
    "rates_table",
    "select",
    "show",
    "total",
    "trust_table",
]
