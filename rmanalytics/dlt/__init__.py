"""DLT: which messages do not match their registered template, where, why, and what would fix it.

`Template` and `Policy` are the nouns; `check` gives the relation `template_checks` of many messages, `explain`
says why one text does not fit, `Index` finds the templates that a text fits, `codes` reads operators' answers.
"""

from __future__ import annotations

import warnings

from rmanalytics.dlt import codes, diff
from rmanalytics.dlt.check import check
from rmanalytics.dlt.checker import SCHEMA
from rmanalytics.dlt.engine.explain import Explanation, explain
from rmanalytics.dlt.engine.matcher import matcher, values
from rmanalytics.dlt.engine.mistakes import Mistake
from rmanalytics.dlt.files import read_message_file, read_messages, read_templates
from rmanalytics.dlt.find import Found, Index
from rmanalytics.dlt.parties import CATEGORIES, Likely, likely
from rmanalytics.dlt.policy import PRESETS, Policy
from rmanalytics.dlt.reasons import MEANINGS, Reason
from rmanalytics.dlt.registry import Registry
from rmanalytics.dlt.scrub import scrub
from rmanalytics.dlt.settings import Reading, reading, usual
from rmanalytics.dlt.tags import Tag
from rmanalytics.dlt.template import Category, Template, TemplateFault

__all__ = [
    "CATEGORIES",
    "MEANINGS",
    "PRESETS",
    "SCHEMA",
    "Category",
    "Explanation",
    "Found",
    "Index",
    "Likely",
    "Mistake",
    "Policy",
    "Reading",
    "Reason",
    "Registry",
    "Tag",
    "Template",
    "TemplateFault",
    "check",
    "codes",
    "diff",
    "explain",
    "likely",
    "matcher",
    "read_message_file",
    "read_messages",
    "read_templates",
    "reading",
    "scrub",
    "usual",
    "values",
]


def __getattr__(name: str) -> type[Mistake]:
    """Return a mistake's class under its old name, with a DeprecationWarning that names the new one."""
    if name != "Fault":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"{__name__}.Fault is now {__name__}.Mistake", DeprecationWarning, stacklevel=2)
    return Mistake
