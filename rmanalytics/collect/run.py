"""Collecting until a signal, in this process or in several workers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Protocol

import uvloop
from prometheus_client.registry import Collector as Figures

from rmanalytics.collect import started
from rmanalytics.collect.bind import held
from rmanalytics.collect.server import Collector, app, url_of
from rmanalytics.collect.tls import tls_files
from rmanalytics.collect.workers import Workers
from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError


class Listening(Protocol):
    """What listens."""

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        ...


class Pool:
    """Several workers that listen on one address."""

    def __init__(self, url: str) -> None:
        """`url` is scheme, host and port."""
        self.url = url


@asynccontextmanager
async def collecting(settings: Settings, figures: Sequence[Figures] = ()) -> AsyncIterator[Collector]:
    """Yield a collector of this process that listens; leaving stops it gracefully.

    `figures` are those of other parts, shown on /metrics too.

    Raises ConfigError without a token or a home that can be written, PortTaken for a port in use.
    """
    tls, application = tls_files(settings), app(settings, figures=figures)
    with held(settings.collect_host, settings.collect_port) as (host, port):
        collector = Collector(application, host, port, tls)
        await collector.start()
        started.note(settings)
    try:
        yield collector
    finally:
        await collector.stop()


def collect(
    settings: Settings,
    *,
    ready: Callable[[Listening], None] = lambda _listening: None,
    figures: Sequence[Figures] = (),
) -> None:
    """Collect until SIGTERM or SIGINT, then stop gracefully; `ready` is told once the port is open.

    `figures` are those of other parts, shown on /metrics too; with several workers they are pickled.
    """
    run = _alone if settings.collect_workers == 1 else _together
    _run(run(settings, ready, figures))


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop: granian wakes the loop for each request, which costs asyncio's a system call each."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def _signalled() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _alone(settings: Settings, ready: Callable[[Listening], None], figures: Sequence[Figures]) -> None:
    stop = _signalled()
    async with collecting(settings, figures) as collector:
        ready(collector)
        await stop.wait()


async def _together(
    settings: Settings, ready: Callable[[Listening], None], figures: Sequence[Figures]
) -> None:
    """Hold the port, so that it stays ours while a worker is started again."""
    stop, tls = _signalled(), tls_files(settings)
    await app(settings).journal.close()
    with held(settings.collect_host, settings.collect_port) as (host, port):
        pool = Pool(url_of(host, port, "https" if tls else "http"))
        own = settings.model_copy(update={"collect_host": host, "collect_port": port})
        workers = Workers(settings=own, serve=partial(_work, figures), n=settings.collect_workers)
        started.note(settings)
        if not await workers.run(stop, lambda: ready(pool)):
            raise ConfigError(f"a worker could not listen on {pool.url}: see its error above")


def _work(
    figures: Sequence[Figures], settings: Settings, number: int, slots: list[Any], parent: Connection
) -> None:
    _run(_worker(figures, settings, number, slots, parent))


async def _worker(
    figures: Sequence[Figures], settings: Settings, number: int, slots: list[Any], parent: Connection
) -> None:
    """Collect until a signal or the end of the parent, whichever comes first."""
    stop = _signalled()
    application = app(settings, own=slots[number], slots=slots, figures=figures)
    collector = Collector(application, settings.collect_host, settings.collect_port, tls_files(settings))
    await collector.start()
    asyncio.get_running_loop().add_reader(parent.fileno(), stop.set)
    with suppress(OSError):  # a parent that is gone is noticed by the reader
        parent.send(True)
    await stop.wait()
    asyncio.get_running_loop().remove_reader(parent.fileno())
    await collector.stop()
