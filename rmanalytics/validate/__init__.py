"""Does the integration work? CleverTap's three criteria as checks with evidence, fixes and one verdict.

`validate` runs it on a home; `judge` is the pure part: facts in, verdict out.

>>> from datetime import UTC, datetime
>>> from zoneinfo import ZoneInfo
>>> verdict = judge(Facts(as_of=datetime(2026, 11, 24, tzinfo=UTC), zone=ZoneInfo("Asia/Kolkata")))
>>> verdict.exit_code, verdict.line
(3, 'INCONCLUSIVE: nothing was sent: send a test: `rmanalytics send BATCH`')
"""

from typing import TYPE_CHECKING, Any

from rmanalytics.support.moved import found
from rmanalytics.validate.checks import REGISTRY
from rmanalytics.validate.facts.database import gather
from rmanalytics.validate.facts.model import Facts
from rmanalytics.validate.judge import judge
from rmanalytics.validate.junit import junit
from rmanalytics.validate.model import Criterion, Verdict
from rmanalytics.validate.run import validate

__all__ = [
    "REGISTRY",
    "Criterion",
    "Facts",
    "Verdict",
    "gather",
    "judge",
    "junit",
    "validate",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return the module that copied notebooks import by its name of the release before."""
        if name == "page":
            return found(f"{__name__}.page", f"{__name__}.section")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
