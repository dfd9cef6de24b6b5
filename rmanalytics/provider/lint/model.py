"""A fault of a provider definition: what, where, why, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from rmanalytics.provider.definition import Provider


class Severity(StrEnum):
    """Errors cause failures, warnings may, notes are for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
GENERIC = "CleverTap, Generic SMS page"
ROUTE_MOBILE_PAGE = "CleverTap, Route Mobile page"
OURS = "rmanalytics: secrets are never in files and never sent to an unknown host"
OPENAPI = "Route Mobile, OpenAPI file of developer.rmlconnect.net"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One fault; `where` is a dotted path in the file, `line` its line where it can be told."""

    severity: Severity
    code: str
    where: str
    line: int | None
    why: str
    fix: str
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)

    def describe(self) -> str:
        """Return it in words."""
        place = f"{self.where} (line {self.line})" if self.line else self.where
        return f"{self.severity} {self.code} at {place}: {self.why}. Fix: {self.fix}. Source: {self.source}"


class LintFault(NamedTuple):
    """A finding without its line."""

    severity: Severity
    code: str
    where: str
    why: str
    fix: str
    source: str


Rule = Callable[[Provider], Iterator[LintFault]]


def line_of(provider: Provider, where: str) -> int | None:
    """Return the line of the file that a dotted path is nearest to; None when it has none.

    A key that stands in several tables is looked for below its own table's heading first.
    """
    table, _, key = where.rpartition(".")
    lines = provider.text.splitlines()
    heads = [n for n, line in enumerate(lines) if table and re.match(rf'\s*(\[+{table}\]+|"{table}")', line)]
    for start in (*heads[:1], 0):
        for number, line in enumerate(lines[start:], start + 1):
            if re.search(rf'(^|[\s{{,])"?{re.escape(key)}"?\s*[=:]|^\s*\[+{re.escape(key)}\]', line):
                return number
    return line_of(provider, table) if table else None
