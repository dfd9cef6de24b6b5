"""One validation: take in the journal, gather, judge; once, or again and again until it is conclusive."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rmanalytics import journal, warehouse
from rmanalytics.checks import Mark
from rmanalytics.collect import started
from rmanalytics.config import Settings
from rmanalytics.ingest import translation
from rmanalytics.ingest.run import ingest
from rmanalytics.models import OPEN
from rmanalytics.provider import Provider
from rmanalytics.provider.lint import LintFinding, Severity, lint
from rmanalytics.validate.facts import database, ids, live
from rmanalytics.validate.facts.chosen import Scope, choose
from rmanalytics.validate.facts.model import Facts, SimulatorFacts
from rmanalytics.validate.judge import judge
from rmanalytics.validate.model import Verdict
from rmanalytics.warehouse import names

EVERY_S = 1.0
"""Seconds between two looks at the journal."""

AT_LEAST_EVERY_S = 5.0
"""Seconds after which it is judged again though the journal has not grown: collector and relay may say more."""

Watch = Callable[[Verdict, float], None]
"""Told each verdict on the way, and for how many seconds it will be waited still."""


def validate(
    settings: Settings,
    *,
    campaign_id: str | None = None,
    batch_id: str | None = None,
    provider: Provider | None = None,
    as_of: datetime | None = None,
    is_strict: bool = False,
    wait_s: float = 0.0,
    watch: Watch = lambda verdict, left_s: None,
) -> Verdict:
    """Return the verdict on the batch attempted last, or on what `batch_id` and `campaign_id` say.

    The journal is taken in first. While it is inconclusive, for at most `wait_s` seconds, that is done again
    whenever the journal has grown; Ctrl-C ends the waiting with the verdict so far. With an `as_of` (aware) only
    what was known then counts, and nothing is waited for. A batch that is not named may be too old for a verdict;
    waiting does not make it younger, and what is lost is not waited for. What lint warns of in the `provider` that
    built the requests is a warning too. `is_strict`: warnings fail. Raises BadInput
    for a batch or campaign that is not there.
    """
    deadline = time.monotonic() + (0.0 if as_of else wait_s)
    verdict: Verdict | None = None
    warned_of = _warned_of(provider) if provider else None
    try:
        while True:
            size = _journal_bytes(settings)
            known = facts(settings, campaign_id=campaign_id, batch_id=batch_id, as_of=as_of)
            known = replace(known, warned_of=warned_of)
            verdict = judge(known, is_strict=is_strict)
            is_over = verdict.mark is not Mark.INCONCLUSIVE or known.is_stale or known.is_lost
            if is_over or time.monotonic() >= deadline:
                return verdict
            _wait(settings, size, verdict, deadline, watch)
    except KeyboardInterrupt:
        if verdict is None:
            raise
        return verdict


def _warned_of(provider: Provider) -> tuple[LintFinding, ...]:
    return tuple(one for one in lint(provider) if one.severity is Severity.WARNING)


def facts(
    settings: Settings, *, campaign_id: str | None, batch_id: str | None, as_of: datetime | None
) -> Facts:
    """Return what is known now, or was at `as_of`; then no running part is asked. A home that is not there stays so."""
    if not settings.home.is_dir():
        with TemporaryDirectory(prefix="rmanalytics-") as empty:
            return facts(
                settings.model_copy(update={"home": Path(empty)}),
                campaign_id=campaign_id,
                batch_id=batch_id,
                as_of=as_of,
            )
    # Asked before the journal is read: what it has pushed by now is in there, so that "none left" is true.
    is_asked = settings.gateway == "simulator" and as_of is None
    before = live.simulator(settings) if is_asked else None
    outdated = ingest(settings).outdated
    names.require(settings.home, "campaign", [campaign_id or ""])
    names.require(settings.home, "batch", [batch_id or ""])
    at = as_of or datetime.now(UTC)
    scope = Scope(as_of=as_of, campaign_id=campaign_id, batch_id=batch_id)
    with warehouse.reading(settings.home) as connection:
        chosen = choose(connection, scope, horizon_s=settings.horizon_s)
        back = ids.returned(connection, settings)
        known = database.facts(chosen, back, settings, at)
        known = replace(known, outdated=outdated, earlier=translation.earlier(connection, settings))
    if batch_id is None:
        known = replace(known, max_age_s=settings.validate_max_age_h * 3600)
    return known if as_of else _with_live(known, back, settings, before)


def _with_live(
    known: Facts, back: ids.ReturnedIds, settings: Settings, before: SimulatorFacts | None
) -> Facts:
    """Return the facts with what running parts say; who is asked depends on what is missing."""
    is_silent, is_open = bool(known.n_accepted) and not known.n_reported, bool(known.n_in(*OPEN))
    return replace(
        known,
        is_echoless=bool(before and before.is_echoless and known.is_simulated),
        played=before.played if before and known.is_simulated else (),
        old_settings=started.changed(settings),
        relay=live.relayed(settings, back.metas, is_simulated=known.is_simulated),
        collector=live.collector(settings) if is_silent else None,
        simulator=_pushing(before, live.simulator(settings)) if is_open and known.is_simulated else None,
    )


def _pushing(before: SimulatorFacts | None, after: SimulatorFacts | None) -> SimulatorFacts | None:
    """Return what the simulator says after the journal was read, or before it, when it still had DLRs to push."""
    return before if before and after and before.n_pending and not after.n_pending else after


def _wait(settings: Settings, size: int, verdict: Verdict, deadline: float, watch: Watch) -> None:
    """Return once the journal has more than `size` bytes, it is time to look again, or the deadline is over."""
    until = min(deadline, time.monotonic() + AT_LEAST_EVERY_S)
    while (now := time.monotonic()) < until:
        watch(verdict, deadline - now)
        time.sleep(min(EVERY_S, until - now))
        if _journal_bytes(settings) != size:
            return


def _journal_bytes(settings: Settings) -> int:
    """Return the size of the journal: a callback makes it grow."""
    total = 0
    for stream in journal.STREAMS:
        for path in journal.segments(settings.journal_dir, stream):
            try:
                total += path.stat().st_size
            except FileNotFoundError:  # compressed meanwhile
                total += 1
    return total
