"""Every fault of a provider definition, the gravest first."""

from __future__ import annotations

from rmanalytics.provider.definition import Provider
from rmanalytics.provider.finding import Finding, Severity, line_of
from rmanalytics.provider.rules import RULES

_ORDER = list(Severity)


def lint(provider: Provider) -> list[Finding]:
    """Return the findings, errors before warnings before notes, each in the order of the rules."""
    found = [
        Finding(**fault._asdict(), line=line_of(provider, fault.where))
        for rule in RULES
        for fault in rule(provider)
    ]
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))
