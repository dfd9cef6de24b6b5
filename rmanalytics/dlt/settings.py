"""What the settings say about DLT, checked as one: a policy, a table of codes, and a namespace of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rmanalytics.config import Settings
from rmanalytics.dlt import codes
from rmanalytics.dlt.codes import Codes, Meaning
from rmanalytics.dlt.policy import Policy
from rmanalytics.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How operators are taken to read templates, and whose codes they answer with."""

    policy: Policy
    codes: Codes
    namespace: str

    def meaning(self, code: str | int | None) -> Meaning | None:
        """Return what an error code of a DLR means in the namespace, None where it is not in its table."""
        return self.codes.meaning(code, self.namespace)


@cache
def usual() -> Reading:
    """Return the reading where nothing is set."""
    return Reading(policy=Policy.named("strict"), codes=codes.table(), namespace=codes.DEFAULT_NAMESPACE)


def reading(settings: Settings) -> Reading:
    """Return the reading of the settings; raise BadInput naming the setting that is wrong."""
    try:
        policy = Policy.named(settings.dlt_policy)
    except BadInput as error:
        raise BadInput(f"RMANALYTICS_DLT_POLICY: {error}") from None
    try:
        known = codes.table().extended(settings.dlt_codes) if settings.dlt_codes else codes.table()
    except BadInput as error:
        raise BadInput(f"RMANALYTICS_DLT_CODES: {error}") from None
    try:
        known.meaning(None, settings.dlt_namespace)
    except BadInput as error:
        raise BadInput(f"RMANALYTICS_DLT_NAMESPACE: {error}") from None
    return Reading(policy=policy, codes=known, namespace=settings.dlt_namespace)
