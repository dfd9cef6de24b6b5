"""One validation: take in the journal, gather, judge; once, or again and again until it is conclusive."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from rmanalytics import warehouse
from rmanalytics.checks import Mark
from rmanalytics.config import Settings
from rmanalytics.ingest.run import ingest
from rmanalytics.validate.facts import live
from rmanalytics.validate.facts.database import gather
from rmanalytics.validate.facts.model import Facts
from rmanalytics.validate.judge import judge
from rmanalytics.validate.model import Verdict

EVERY_S = 1.0

Watch = Callable[[Verdict, float], None]
"""Told each verdict on the way, and for how many seconds it will be waited still."""


def validate(
    settings: Settings,
    *,
    campaign_id: str | None = None,
    batch_id: str | None = None,
    as_of: datetime | None = None,
    wait_s: float = 0.0,
    watch: Watch = lambda verdict, left_s: None,
) -> Verdict:
    """Return the verdict on the batch attempted last, or on what `batch_id` and `campaign_id` say.

    The journal is taken in first. While it is inconclusive, for at most `wait_s` seconds, that is done again
    every second; Ctrl-C ends the waiting with the verdict so far. With an `as_of` (aware) only what was known
    then counts, and nothing is waited for.
    """
    deadline = time.monotonic() + (0.0 if as_of else wait_s)
    verdict: Verdict | None = None
    try:
        while True:
            verdict = judge(facts(settings, campaign_id=campaign_id, batch_id=batch_id, as_of=as_of))
            left_s = deadline - time.monotonic()
            if verdict.mark is not Mark.INCONCLUSIVE or left_s <= 0:
                return verdict
            watch(verdict, left_s)
            time.sleep(min(EVERY_S, left_s))
    except KeyboardInterrupt:
        if verdict is None:
            raise
        return verdict


def facts(
    settings: Settings, *, campaign_id: str | None, batch_id: str | None, as_of: datetime | None
) -> Facts:
    """Return what is known now, or was at `as_of`; then the collector and the relay are not asked."""
    ingest(settings)
    at = as_of or datetime.now(UTC)
    with warehouse.connect(settings.home, horizon_s=settings.horizon_s) as store:
        known = gather(store, settings, as_of=at, campaign_id=campaign_id, batch_id=batch_id)
    if as_of:
        return known
    is_silent = bool(known.n_accepted) and not known.n_callbacks
    return replace(
        known,
        relay=live.relay(settings),
        collector=live.collector(settings) if is_silent else None,
    )
