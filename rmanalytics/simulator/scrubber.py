"""The simulator's DLT scrubber: what an operator with these templates would stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rmanalytics import dlt
from rmanalytics.dlt.scrub import ANSWERS
from rmanalytics.errors import BadInput
from rmanalytics.models import Route
from rmanalytics.simulator.protocol import Received
from rmanalytics.simulator.sandbox import Scrub
from rmanalytics.sms import msisdn


def scrubber(
    templates: Path,
    policy: str = "strict",
    namespace: str = dlt.codes.DEFAULT_NAMESPACE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Scrub:
    """Return the scrubber of a template file under a policy, answering with the codes of a namespace.

    International numbers pass. Raises BadInput when the file, the policy or the namespace is none.
    """
    registry = dlt.read_templates(templates)
    reading = dlt.Policy.named(policy)
    if namespace not in ANSWERS:
        raise BadInput(f"the scrubber has no codes of {namespace!r}: use one of {', '.join(ANSWERS)}")

    def scrub(received: Received) -> str | None:
        if msisdn.route(received.msisdn) is Route.INTERNATIONAL:
            return None
        return dlt.scrub(
            body=received.text,
            template_id=received.template_id or None,
            header=received.source or None,
            entity_id=received.entity_id or None,
            registry=registry,
            policy=reading,
            namespace=namespace,
            planned_at=now(),
        )

    return scrub
