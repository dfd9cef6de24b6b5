"""What a rule yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rmanalytics.provider.definition import Provider
from rmanalytics.provider.finding import Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
GENERIC = "CleverTap, Generic SMS page"
ROUTE_MOBILE_PAGE = "CleverTap, Route Mobile page"
OURS = "rmanalytics: secrets never stand in files, nor go where nobody can tell"
OPENAPI = "Route Mobile, OpenAPI file of developer.rmlconnect.net"


class Fault(NamedTuple):
    """A finding without its line."""

    severity: Severity
    code: str
    where: str
    why: str
    mend: str
    source: str


Rule = Callable[[Provider], Iterator[Fault]]
