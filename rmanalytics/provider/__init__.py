"""CleverTap's provider definition: read, checked, and turned into the request CleverTap would send."""

from rmanalytics.provider.definition import Batching, OAuth2, Provider, load
from rmanalytics.provider.lint import lint
from rmanalytics.provider.lint.model import LintFinding, Severity
from rmanalytics.provider.render import environment, masked, render

__all__ = [
    "Batching",
    "LintFinding",
    "OAuth2",
    "Provider",
    "Severity",
    "environment",
    "lint",
    "load",
    "masked",
    "render",
]
