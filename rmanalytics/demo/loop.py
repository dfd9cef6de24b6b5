"""Runs the loop with the real parts: collector and simulator as processes of their own, HTTP both ways."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rmanalytics import config, warehouse
from rmanalytics.config import Settings
from rmanalytics.demo import services
from rmanalytics.demo.batch import CAMPAIGNS, write_batch
from rmanalytics.demo.history import N_DAYS, write_history
from rmanalytics.errors import BadInput
from rmanalytics.imports import bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.notebook import parameters
from rmanalytics.report import build
from rmanalytics.report.pages import Pages
from rmanalytics.send import Summary, send
from rmanalytics.send.submit import INTERRUPTED
from rmanalytics.status import status
from rmanalytics.support import resources
from rmanalytics.support.interrupts import is_interrupt
from rmanalytics.support.times import zone_named
from rmanalytics.support.wording import count

SPEED = 60.0
"""How much the simulator compresses time: a DLR due in a minute comes in a second."""

MOST_WAIT_S = 12.0
"""Longest wait for DLRs; those that the simulator would push later stay in flight, and the report says so."""

TEMPLATES = resources.samples() / "templates.csv"
"""What the simulated operators scrub by, and what the messages are checked against."""

FIRST_PAGE = "overview"
"""The page to open: it begins with what changed."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo came to: `rates` a row per campaign, `accounting` with its residuals, the page to open."""

    rates: list[dict[str, Any]]
    accounting: dict[str, Any]
    page: Path
    index: Path
    exit_code: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "simulated": True,
            "rates": self.rates,
            "accounting": self.accounting,
            "page": str(self.page),
            "index": str(self.index),
        }


def demo(settings: Settings, *, n_messages: int, seed: int, say: Say, show: Say = lambda text: None) -> Demo:
    """Send a batch to the simulator, collect its DLRs, ingest, report; `say` receives each step, `show` what passes.

    The same seed in the same home continues with the same batch: nothing is sent twice. Interrupted, it says what is
    missing. Raises BadInput when the home holds messages of a real gateway, GatewayUnavailable when a server does not
    start.
    """
    _refuse_a_real_home(settings)
    missing = list(_MISSING)
    try:
        batch = write_batch(settings.home / f"demo-batch-{n_messages}-{seed}.csv", n_messages, seed)
        say(f"wrote {batch}: {count(n_messages, 'message')} of {len(CAMPAIGNS)} campaigns, all made up")
        local = _local(settings)
        bring_in(local, "templates", TEMPLATES)
        with ExitStack() as stack:
            collector, simulator = _start(stack, local, seed)
            say(f"simulated Route Mobile at {simulator}, collector at {collector}")
            summary = send(batch, local, approve=lambda plan: True).summary
            began = time.monotonic()
            if summary is not None:
                _go_on(summary, say)
                missing.pop(0)
            _go_back(local, seed, say)  # while the DLRs come in
            if summary is not None and summary.n_to_send:
                _wait(simulator, say, until=began + MOST_WAIT_S)
        missing.pop(0)
        say(ingest(local).describe())
        missing.pop(0)
        return _tell(local, say, show)
    except BaseException as error:
        if is_interrupt(error):
            say(f"not done yet: {', '.join(missing)}; run the same command again to continue")
        raise


_MISSING = (
    "sending the batch",
    "receiving its DLRs",
    "loading them into the database",
    "the reports",
)
"""The steps of the demo, as they are missing when it is interrupted."""


def _go_back(local: Settings, seed: int, say: Say) -> None:
    """Give the home its past, once, and load it: the reports compare what is sent now with it."""
    zone = zone_named(local.display_zone)
    n = write_history(
        local.journal_dir,
        seed=seed,
        today=datetime.now(zone).date(),
        zone=zone,
        gateway_zone=zone_named(local.route_mobile_timezone),
    )
    if n:
        say(
            f"made up the {N_DAYS // 7} weeks before: {count(n, 'message')} with their DLRs, and what went wrong then"
        )
        say(ingest(local).describe())


def _go_on(summary: Summary, say: Say) -> None:
    """Say what was handed over; raise KeyboardInterrupt where Ctrl-C ended the send before its end."""
    say(_handed_over(summary))
    if summary.n_unsent and summary.stopped == INTERRUPTED:
        raise KeyboardInterrupt


def _refuse_a_real_home(settings: Settings) -> None:
    if not settings.database.exists():
        return
    with warehouse.reading(settings.home) as connection:
        if connection.execute("SELECT 1 FROM messages WHERE gateway <> 'simulator' LIMIT 1").fetchall():
            raise BadInput(
                f"{settings.home}: holds messages of a real gateway: choose another --home for the demo"
            )


def _local(settings: Settings) -> Settings:
    """Return the settings of a loop that stays on this machine, whatever the user's own settings."""
    return config.load(
        home=settings.home,
        display_zone=settings.display_zone,
        gateway="simulator",
        route_mobile_url=None,
        route_mobile_username="demo",
        route_mobile_password=secrets.token_urlsafe(12),
        collect_token=secrets.token_urlsafe(24),
        collect_port=services.free_port(),
        simulate_port=services.free_port(),
    )


def _start(stack: ExitStack, local: Settings, seed: int) -> tuple[str, str]:
    names = ("home", "route_mobile_username", "route_mobile_password", "collect_token", "collect_port")
    environment = services.environment(local, *names)
    collector = stack.enter_context(
        services.running("collect", port=local.collect_port, environment=environment)
    )
    options = ("--seed", str(seed), "--speed", f"{SPEED:g}", "--callback-method", "mixed", "--templates")
    simulator = stack.enter_context(
        services.running(
            "simulate", *options, str(TEMPLATES), port=local.simulate_port, environment=environment
        )
    )
    return collector, simulator


def _handed_over(summary: Summary) -> str:
    if not summary.n_to_send:
        return "this batch was sent before; use another --seed for a new batch"
    results = {name: getattr(summary, f"n_{name}") for name in ("accepted", "refused", "unclear", "unsent")}
    return "handed over: " + ", ".join(f"{name} {n:,}" for name, n in results.items() if n)


def _wait(simulator: str, say: Say, *, until: float) -> None:
    """Wait until every DLR is pushed, or it is that time by the monotonic clock."""
    if (left := until - time.monotonic()) >= 1:
        say(f"waiting for DLRs, at most {left:.0f} s")
    while (pending := services.state(simulator)["dlrs"]["n_pending"]) and time.monotonic() < until:
        time.sleep(0.2)
    pushed = services.state(simulator)["dlrs"]["n_pushed"]
    say(f"{count(pushed, 'DLR')} received, {pending:,} still to come (time runs {SPEED:g} times as fast)")


def _tell(local: Settings, say: Say, show: Say) -> Demo:
    notebooks = build.find(())
    say(f"rendering {count(len(notebooks), 'page')}, some seconds each")
    asked = parameters.check(
        home=local.home, since="", until="", as_of="", display_zone=local.display_zone, now=datetime.now(UTC)
    )
    pages = Pages(show)
    made = build.report(
        notebooks, asked, out=local.reports_dir, jobs=2, started=pages.started, watch=pages.watch
    )
    found = status(local)
    return Demo(
        rates=found.campaigns,
        accounting=found.accounting,
        page=local.reports_dir / next(run["html"] for run in made.runs if run["notebook"] == FIRST_PAGE),
        index=Path(made.index),
        exit_code=made.exit_code,
    )
