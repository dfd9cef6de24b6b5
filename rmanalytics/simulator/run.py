"""Running the simulator: in the foreground until a signal, or in a thread next to other code."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from rmanalytics.config import LOOPBACK
from rmanalytics.simulator.options import SimulatorOptions, redact
from rmanalytics.simulator.pusher import Say
from rmanalytics.simulator.server import Server, listening
from rmanalytics.support.wording import count

EARLIER_THAN = "--profile, --templates and --fault unknown_word"
"""What else chooses outcomes, but not those of magic numbers."""


def simulate(plan: SimulatorOptions, say: Say) -> dict[str, Any]:
    """Serve until SIGINT or SIGTERM and return what was requested and pushed; `say` gets progress lines."""
    return asyncio.run(_foreground(plan, say))


@contextmanager
def running(plan: SimulatorOptions, say: Say = lambda text: None) -> Iterator[Running]:
    """Serve in a thread of this process for as long as the block lasts."""
    started: Future[Running] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_beside(plan, say, started)), name="simulator", daemon=True
    )
    thread.start()
    handle = started.result(timeout=30)
    try:
        yield handle
    finally:
        handle.stop()
        thread.join(timeout=30 + plan.drain_s)


class Running:
    """A simulator in a thread: where it listens and what it has seen."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
        self.url = server.url
        self._server = server
        self._loop = loop
        self._stopped = stopped

    def endpoint(self, name: str = "bulksms") -> str:
        """Return the URL of an endpoint, such as `jsonbulksms`."""
        return f"{self.url}/bulksms/{name}"

    def state(self) -> dict[str, Any]:
        """Return what was asked and pushed so far; works after the end too."""
        return self._server.state()

    def stop(self) -> None:
        """Ask the server to end."""
        self._loop.call_soon_threadsafe(self._stopped.set)


def welcome(plan: SimulatorOptions, url: str) -> list[str]:
    """Return the lines said once the simulator listens."""
    manners = plan.manners
    faults = "".join(f", fault {fault} {share:g}" for fault, share in manners.shares.items())
    target = f"DLRs go to {redact(plan.callback)}" if plan.callback else "no DLRs are pushed"
    return [
        f"simulated Route Mobile listens on {url}",
        f"simulated: profile {manners.profile.name}, seed {manners.seed}, speed {plan.speed:g}x{faults}",
        f"simulated: {target}",
        f"simulated: {_magic(manners.magic_prefix)}",
        *_cautions(plan),
    ]


def farewell(state: dict[str, Any]) -> str:
    """Return the last line: what was taken and what was not pushed."""
    codes, dlrs = state["n_by_code"], state["dlrs"]
    n_accepted = codes.get("1701", 0)
    return (
        f"simulated: {count(state['n_requests'], 'request')}, {count(n_accepted, 'message')} accepted, "
        f"{sum(codes.values()) - n_accepted:,} refusals; DLRs: {dlrs['n_pushed']:,} pushed, "
        f"{dlrs['n_lost']:,} lost, {dlrs['n_pending']:,} not pushed"
        f"{' (--drain SECONDS pushes them on exit)' if dlrs['n_pending'] else ''}"
    )


async def _foreground(plan: SimulatorOptions, say: Say) -> dict[str, Any]:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with listening(plan, say) as server:
        for line in welcome(plan, server.url):
            say(line)
        await stopped.wait()
    say(farewell(server.state()))
    return server.state()


async def _beside(plan: SimulatorOptions, say: Say, started: Future[Running]) -> None:
    stopped = asyncio.Event()
    try:
        async with listening(plan, say) as server:
            started.set_result(Running(server, asyncio.get_running_loop(), stopped))
            await stopped.wait()
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)


def _magic(prefix: str | None) -> str:
    if prefix is None:
        return "no magic numbers"
    which = f"magic numbers are {prefix}xxx" if prefix else "all numbers are magic"
    return f"{which}: their last three digits choose the outcome, before {EARLIER_THAN}; other faults befall them too"


def _cautions(plan: SimulatorOptions) -> list[str]:
    lines = []
    if plan.manners.account.username is None:
        lines.append("simulated: no username and password set, any are accepted")
    if plan.host not in LOOPBACK:
        lines.append(f"simulated: {plan.host} is not a loopback address: other machines may reach it")
    return lines
