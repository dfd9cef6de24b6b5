"""The relay at work: journal → ledger → requests, until it is stopped or nothing is due."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import httpx

from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError, GatewayUnavailable, GatewayUnclear, RelayFault
from rmanalytics.relay.channels import clevertap, raw
from rmanalytics.relay.channels.answers import never_left, unclear
from rmanalytics.relay.channels.backoff import delay_s
from rmanalytics.relay.intake import Intake
from rmanalytics.relay.ledger import Ledger, OtherSide, directory, ledger_path
from rmanalytics.relay.model import Channel, Item, ItemState, ItemVerdict, RequestOutcome
from rmanalytics.support import http as transport
from rmanalytics.support import lock

AT_ONCE = {Channel.CLEVERTAP: 4, Channel.RAW: 16}
"""Requests under way at once; only one while the other side fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRoute:
    """A channel with its two translations and where it leads; its repr does not show the URL."""

    channel: Channel
    url: str = field(repr=False)
    most: int
    request: Callable[[str, Sequence[Item]], httpx.Request]
    read: Callable[[Sequence[Item], httpx.Response], RequestOutcome]


def routes(settings: Settings) -> list[ChannelRoute]:
    """Return what is set; raise ConfigError when nothing is."""
    found = []
    if settings.relay_url:
        found.append(
            ChannelRoute(
                channel=Channel.CLEVERTAP,
                url=settings.relay_url.get_secret_value(),
                most=settings.relay_batch,
                request=clevertap.request,
                read=clevertap.read,
            )
        )
    if settings.relay_raw_url:
        url = settings.relay_raw_url.get_secret_value()
        found.append(ChannelRoute(channel=Channel.RAW, url=url, most=1, request=raw.request, read=raw.read))
    if not found:
        raise ConfigError(
            "not set: RMANALYTICS_RELAY_URL (or RMANALYTICS_RELAY_RAW_URL): put it into the environment or .env"
        )
    return found


def run(
    settings: Settings,
    *,
    once: bool = False,
    while_stdin: bool = False,
    ready: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _fault: None,
) -> None:
    """Relay until SIGTERM or SIGINT, or with `once` until nothing is due; requests under way are finished.

    `while_stdin` ends it also when standard input does: whoever started it is gone.

    Raises RelayFault when another relay runs in this home or the ledger cannot be written; once it runs, and
    without `once`, it waits until the ledger can be written again and `tell`s why.
    """
    chosen = routes(settings)
    with exclusive(directory(settings)), Ledger(ledger_path(settings)) as ledger:
        ledger.recover(time.time())
        for route in chosen:
            ledger.lead(route.channel, route.url, time.time())
        relay = Relay(settings, ledger, chosen, tell)
        ready()
        asyncio.run(relay.run(once=once, while_stdin=while_stdin))


class Relay:
    """One relay of one home; it holds the lock."""

    def __init__(
        self, settings: Settings, ledger: Ledger, routes: Sequence[ChannelRoute], tell: Callable[[str], None]
    ) -> None:
        """`tell` hears of faults that it survives."""
        self._settings = settings
        self._ledger = ledger
        self._routes = routes
        self._intake = Intake(settings, ledger)
        self._sides = {route.channel: ledger.other_side(route.channel) for route in routes}
        self._under_way: dict[Channel, set[asyncio.Task[None]]] = {route.channel: set() for route in routes}
        self._stop = asyncio.Event()
        self._chance = random.Random()  # noqa: S311 - jitter
        self._tell = tell
        self._said = ""
        self._is_patient = True

    async def run(self, *, once: bool, while_stdin: bool = False) -> None:
        """Take in and relay by turns."""
        loop = asyncio.get_running_loop()
        if while_stdin:
            loop.add_reader(sys.stdin.fileno(), self._heard)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        async with transport.client(sum(AT_ONCE.values()), keeps_alive=False) as http:
            try:
                await self._turns(http, once=once)
            finally:
                await self._finish()

    def _heard(self) -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._stop.set()

    async def _turns(self, http: aiohttp.ClientSession, *, once: bool) -> None:
        self._is_patient = not once
        while not self._stop.is_set():
            try:
                is_idle = await self._turn(http)
            except RelayFault as fault:
                if once:
                    raise
                self._say(fault)
                is_idle = True
            if is_idle and once:
                return
            if is_idle:
                await self._pause()

    async def _turn(self, http: aiohttp.ClientSession) -> bool:
        """Take in a chunk, start requests, wait for one to end; return whether there was nothing to do."""
        more = self._intake.take([route.channel for route in self._routes], time.time())
        for route in self._routes:
            self._start(route, http)
        busy = [task for tasks in self._under_way.values() for task in tasks]
        if busy:
            await self._any(busy, 0 if more else self._settings.relay_interval_s)
        return not busy and not more

    def _say(self, fault: RelayFault) -> None:
        """Say it once: the ledger's disk may be full for hours."""
        if str(fault) != self._said:
            self._said = str(fault)
            self._tell(self._said)

    def _start(self, route: ChannelRoute, http: aiohttp.ClientSession) -> None:
        """Start as many requests as may be under way and have something to carry."""
        tasks, now = self._under_way[route.channel], time.time()
        side = self._side(route.channel, now)
        if now < side.retry_at:
            return
        while len(tasks) < (1 if side.n_failures else AT_ONCE[route.channel]):
            items = self._ledger.claim(route.channel, route.most, now)
            if not items:
                return
            tasks.add(asyncio.create_task(self._relay(route, items, http)))

    def _side(self, channel: Channel, now: float) -> OtherSide:
        """Return how the other side fares; `relay retry` may have ended its wait in the ledger."""
        side = self._sides[channel]
        if now < side.retry_at and not self._under_way[channel]:
            side = self._sides[channel] = self._ledger.other_side(channel)
        return side

    async def _relay(self, route: ChannelRoute, items: list[Item], http: aiohttp.ClientSession) -> None:
        outcome = await self._exchange(route, items, http)
        now = time.time()
        side = self._fares(self._sides[route.channel], outcome, now)
        self._sides[route.channel] = side
        due = [(verdict, self._due(verdict, outcome, now)) for verdict in outcome.verdicts]
        await self._settle(route.channel, due, side, now)

    async def _settle(
        self, channel: Channel, due: list[tuple[ItemVerdict, float]], side: OtherSide, now: float
    ) -> None:
        """Write down what came of a request; while that is impossible its items stay in flight."""
        while True:
            try:
                return self._ledger.settle(channel, due, side, now)
            except RelayFault as fault:
                if self._stop.is_set() or not self._is_patient:
                    raise
                self._say(fault)
            await self._pause()

    async def _exchange(
        self, route: ChannelRoute, items: list[Item], http: aiohttp.ClientSession
    ) -> RequestOutcome:
        try:
            request = route.request(route.url, items)
            response = await transport.exchange(http, request, self._settings.relay_timeout_s)
        except GatewayUnavailable as error:
            return never_left(items, str(error))
        except GatewayUnclear as error:
            return RequestOutcome(verdicts=unclear(items, str(error)), failure=str(error))
        return route.read(items, response)

    def _fares(self, side: OtherSide, outcome: RequestOutcome, now: float) -> OtherSide:
        """Return how the other side fares after a request: what failed makes all wait.

        A first request that is unclear holds the others only for a moment: it may be about that one connection.
        """
        if outcome.failure is None:
            is_ok = any(verdict.state is ItemState.RELAYED for verdict in outcome.verdicts)
            said = next((verdict.reason for verdict in outcome.verdicts if verdict.reason), None)
            side = replace(side, n_failures=0, retry_at=0.0, last_ok_at=now if is_ok else side.last_ok_at)
            return replace(side, last_error=said, last_error_at=now) if said else side
        n_failures = side.n_failures + 1
        is_unclear = any(verdict.state is ItemState.UNCLEAR for verdict in outcome.verdicts)
        wait_s = self._delay_s(n_failures - 1 if is_unclear else n_failures)
        if outcome.retry_after_s is not None:
            wait_s = outcome.retry_after_s
        return replace(
            side,
            n_failures=n_failures,
            retry_at=max(side.retry_at, now + wait_s),
            last_error=outcome.failure,
            last_error_at=now,
        )

    def _delay_s(self, n_failures: int) -> float:
        if n_failures == 0:
            return min(self._settings.relay_interval_s, self._settings.relay_retry_s)
        return delay_s(n_failures, self._settings.relay_retry_s, self._chance.random())

    def _due(self, verdict: ItemVerdict, outcome: RequestOutcome, now: float) -> float:
        """Return when the item may go again; its own tries count, so that one poisoned request stops no others."""
        if not verdict.is_later:
            return 0.0
        if outcome.retry_after_s is not None:
            return now + outcome.retry_after_s
        return now + delay_s(verdict.item.n_tries + 1, self._settings.relay_retry_s, self._chance.random())

    async def _any(self, busy: list[asyncio.Task[None]], timeout_s: float) -> None:
        """Wait for any request to end, and raise what went wrong in it."""
        done, _ = await asyncio.wait(busy, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        for tasks in self._under_way.values():
            tasks -= done
        for task in done:
            task.result()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), self._settings.relay_interval_s)

    async def _finish(self) -> None:
        """Let the requests under way end: each has its timeout."""
        busy = [task for tasks in self._under_way.values() for task in tasks]
        if busy:
            done, _ = await asyncio.wait(busy)
            faults = [task.exception() for task in done]
            if fault := next(filter(None, faults), None):
                raise fault


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold the lock of the relay's folder; raise RelayFault when another process does."""
    with ExitStack() as held:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            held.enter_context(lock.exclusive(directory / "relay.lock"))
        except OSError as error:
            raise RelayFault(f"{directory}: {error.strerror}: choose another home with --home") from None
        except lock.Taken as holder:
            raise RelayFault(
                f"another relay is running in {directory.parent} (process {holder}): stop it, or let it do the work"
            ) from None
        yield
