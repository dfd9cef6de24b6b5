"""Listening, and stopping without losing or resetting a request."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server
from prometheus_client.registry import Collector as Figures

from rmanalytics import config, gateways, journal
from rmanalytics.collect.access_log import say
from rmanalytics.collect.allowlist import Access
from rmanalytics.collect.app import App
from rmanalytics.collect.bodies import Bodies
from rmanalytics.collect.deadline import Patience
from rmanalytics.collect.disk_probe import Probe
from rmanalytics.collect.metrics import Behind, Metrics, Slot
from rmanalytics.collect.routes import Routes
from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError

BACKLOG = 1024
HEAD_BYTES = 64 << 10
"""What is kept of a request line and headers; 431 at the latest at twice that."""

PARK_S = 0.25
"""How long requests may arrive after the stop: longer than their way through the network."""

CLOSE_S = 2.0
"""How long it may take until nobody listens on the port; others may go on listening."""

PATIENCE_S = 5.0
"""How long requests under way may take after the stop."""

_LOGS = {
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
        for name in ("console", "access")
    }
}
"""stdout is for data; the access log stays off because paths hold the token."""


class Collector:
    """A collector of one process, which may share its home with others."""

    def __init__(self, app: App, host: str, port: int, tls: tuple[Path, Path] | None = None) -> None:
        """`host` is an IP address; `tls` the certificate and its key."""
        self._app = app
        self._host = host
        self._port = port
        self._scheme = "https" if tls else "http"
        self._serving: asyncio.Task[None] | None = None
        self._threads: set[int] = set()
        self._server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=app.max_waiting + BACKLOG,
            http1_settings=HTTP1Settings(
                header_read_timeout=round(app.bodies.patience.seconds * 1000), max_buffer_size=HEAD_BYTES
            ),
            ssl_cert=tls[0] if tls else None,
            ssl_key=tls[1] if tls else None,
            ssl_protocol_min=SSLProtocols.tls12,
            log_level=LogLevels.error,
            log_dictconfig=_LOGS,
        )

    @property
    def url(self) -> str:
        """Scheme, host and port that are listened on."""
        return url_of(self._host, self._port, self._scheme)

    async def start(self) -> None:
        """Return once connections are taken."""
        self._threads = _foreign_threads()
        self._serving = asyncio.create_task(self._server.serve())
        while not await self._is_open():
            if self._serving.done():
                raise ConfigError(f"cannot listen on {self.url}: the server stopped immediately")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Return once every request under way is answered, its line durable and the port free.

        Until the port is closed no answer goes out: clients that wait for one send nothing new, so closing
        cuts nobody off. Then each gets its answer, the last of its connection. Where several listen on the
        port and stop together, each waits for all of them: a client that was answered finds nobody who is
        about to go.
        """
        self._app.parked = asyncio.Event()
        await asyncio.sleep(PARK_S)
        self._server.stop()  # type: ignore[no-untyped-call]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closed(), CLOSE_S)
        self._app.parked.set()
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=PATIENCE_S)
        await self._app.journal.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._alone(), PARK_S)

    async def _alone(self) -> None:
        """Return once granian's threads are gone: one that still wants the GIL when Python ends aborts it."""
        while not _foreign_threads() <= self._threads:
            await asyncio.sleep(0.01)

    async def _closed(self) -> None:
        while await self._is_open():
            await asyncio.sleep(0.01)

    async def _is_open(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True


def _foreign_threads() -> set[int]:
    """Return the threads of this process that are not Python's; none where /proc does not tell."""
    tasks = Path("/proc/self/task")
    known = {thread.native_id for thread in threading.enumerate()}
    return {int(task.name) for task in tasks.iterdir()} - known if tasks.exists() else set()


def url_of(host: str, port: int, scheme: str = "http") -> str:
    """Return the URL of an address.

    >>> url_of("127.0.0.1", 8320), url_of("::1", 8320)
    ('http://127.0.0.1:8320', 'http://[::1]:8320')
    """
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def app(
    settings: Settings,
    names: Collection[str] = tuple(gateways.READERS),
    own: Slot | None = None,
    slots: Sequence[Slot] | None = None,
    figures: Sequence[Figures] = (),
) -> App:
    """Return the application, with a journal segment of its own; raise ConfigError without token or home.

    `own` and `slots` are where the worker and all workers count, `figures` those of other parts.
    """
    tokens = _tokens(settings)
    access = Access(settings.collect_allow, settings.collect_trusted_proxies)
    writer = journal.Writer(
        _writable(settings.journal_dir),
        journal.CALLBACKS,
        segment_bytes=settings.journal_segment_bytes,
        segment_s=settings.journal_segment_s,
    )
    counts = Metrics(names, own, slots)
    for each in (Behind(settings), *figures):
        counts.show(each)
    commit = journal.GroupCommit(writer, observe=counts.group)
    return App(
        routes=Routes(names, *tokens),
        journal=commit,
        metrics=counts,
        bodies=Bodies(
            limit=settings.collect_max_body_bytes,
            patience=Patience(seconds=settings.collect_client_timeout_s),
        ),
        max_waiting=settings.collect_max_waiting,
        probe=Probe(directory=settings.journal_dir, say=say),
        access=access,
        log=say if settings.collect_log_requests else None,
    )


def _tokens(settings: Settings) -> list[str]:
    try:
        config.require(settings, "collect_token")
    except ConfigError as error:
        raise ConfigError(f"{error}; `rmanalytics init` writes one") from None
    given = (settings.collect_token, settings.collect_token_previous)
    return [token.get_secret_value() for token in given if token and token.get_secret_value()]


def _writable(directory: Path) -> Path:
    """Return the folder, made when absent; raise ConfigError where nothing can be written."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{directory}: {error.strerror}: choose another home with --home") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise ConfigError(f"{directory}: not writable: change its owner, or choose another home with --home")
    return directory
