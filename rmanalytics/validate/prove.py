"""A new proof: one fresh message to a number of your own, then the verdict on it alone."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rmanalytics.config import Settings, is_loopback
from rmanalytics.errors import BadInput
from rmanalytics.provider import Provider
from rmanalytics.send import Plan, Tally, send, single_message
from rmanalytics.validate.facts import live
from rmanalytics.validate.model import Verdict
from rmanalytics.validate.run import Watch, validate

LOOK_S = 0.2
"""Seconds between two looks whether the simulator and the collector have started."""


def prove(
    settings: Settings,
    to: str,
    *,
    approve: Callable[[Plan], bool],
    show: Callable[[Plan], None] = lambda plan: None,
    counts: Callable[[Tally], None] = lambda tally: None,
    watch: Watch = lambda verdict, left_s: None,
    body: str | None = None,
    template_id: str | None = None,
    header: str | None = None,
    entity_id: str | None = None,
    provider: Provider | None = None,
    is_strict: bool = False,
    wait_s: float = 0.0,
    start_s: float = 0.0,
) -> Verdict:
    """Send a fresh test message and return the verdict on it, waiting at most `wait_s` seconds until it is final.

    `show` gets the plan; outside the simulator `approve` must then return true. `counts` hears how sending goes,
    `watch` each verdict on the way. With a `provider` the request is CleverTap's, and its $$MessageID must come
    back. In a rehearsal simulator and collector get `start_s` seconds to start. Raises what `send` raises, and
    BadInput when the plan is not approved.
    """
    trial = single_message.prepare(
        settings,
        to,
        body=body,
        template_id=template_id,
        header=header,
        entity_id=entity_id,
        message_id=_clevertap_id(settings, datetime.now(UTC)),
        option="--to",
    )
    with single_message.one_row(trial, option="--to"):
        # Planned before anything is waited for: a missing header is known without a simulator.
        send(trial.batch, settings, approve=approve, provider=provider, dry_run=True)
        _let_start(settings, trial, start_s)
        sent = send(trial.batch, settings, approve=approve, show=show, watch=counts, provider=provider)
        if sent.summary is None:
            raise BadInput("nothing was sent, so nothing is proved")
    return validate(
        settings,
        batch_id=sent.summary.batch_id,
        provider=provider,
        is_strict=is_strict,
        wait_s=wait_s,
        watch=watch,
    )


def _clevertap_id(settings: Settings, now: datetime) -> str | None:
    """Return an id like CleverTap's where a rehearsal relays to this machine; none where CleverTap itself would get it.

    The relay passes on nothing else, and the real CleverTap knows no message of ours.
    """
    if settings.gateway != "simulator" or not settings.relay_url:
        return None
    made = f"prove-{secrets.token_hex(4)}.1.{now.timestamp():.0f}.{now:%Y%m%d}.0.wzrk_default.-1."
    is_here = is_loopback(settings.relay_url.get_secret_value())
    return made if is_here and re.fullmatch(settings.relay_meta_pattern, made) else None


def _let_start(settings: Settings, trial: single_message.Trial, start_s: float) -> None:
    """Return once simulator and collector answer, or after so many seconds: a job starts them together with us."""
    deadline = time.monotonic() + (start_s if settings.gateway == "simulator" else 0.0)
    try:
        while time.monotonic() < deadline:
            collector = live.collector(settings)
            if live.simulator(settings) and (collector is None or collector.is_answering):
                return
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        single_message.discard(trial)
        raise
