"""What `provider lint` finds: the rules by what they look at, each a function that yields `LintFault`s."""

from __future__ import annotations

from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint import batching, credentials, endpoint, field_names, payload
from rmanalytics.provider.lint.model import LintFinding, Rule, Severity, line_of

RULES: tuple[Rule, ...] = (
    payload.spelling,
    payload.half_marked,
    *field_names.RULES,
    *endpoint.RULES,
    *credentials.RULES,
    *payload.RULES,
    *batching.RULES,
)
_ORDER = list(Severity)

__all__ = ["RULES", "LintFinding", "Severity", "lint"]


def lint(provider: Provider) -> list[LintFinding]:
    """Return the findings, errors before warnings before notes, each in the order of the rules."""
    found = [
        LintFinding(**fault._asdict(), line=line_of(provider, fault.where))
        for rule in RULES
        for fault in rule(provider)
    ]
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))
