"""Collectors as real processes, requests as real bytes, and what the journal holds of them."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import uvloop

from rmanalytics import journal
from rmanalytics.collect import collecting
from rmanalytics.config import Settings

TOKEN = "t0ken-never-shown"
WAIT_S = 30.0
_COLLECT = """
import sys
from rmanalytics import config
from rmanalytics.collect import collect
from rmanalytics.relay.metrics import Figures
if __name__ == "__main__":
    ready = lambda it: print("listening on", it.url, file=sys.stderr, flush=True)
    collect(config.load(), ready=ready, figures=[Figures(config.load())])
"""


@dataclass(kw_only=True)
class Collector:
    """A collector process that listens."""

    process: subprocess.Popen[str]
    home: Path
    address: tuple[str, int]
    said: list[str] = field(default_factory=list)

    def path(self, query: str = "", gateway: str = "simulator", token: str = TOKEN) -> str:
        """The callback path, with a query."""
        return f"/dlr/{gateway}/{token}" + (f"?{query}" if query else "")

    def end(self, signal: int) -> tuple[int, str]:
        """Send the signal; return the exit code and all that was said on stdout and stderr."""
        self.process.send_signal(signal)
        self.process.wait(timeout=WAIT_S)
        assert self.process.stdout is not None
        rest = (
            self.process.stdout.read()
        )  # `communicate` would lose what came with the last line that was read
        return self.process.returncode, "".join(self.said) + rest


@contextmanager
def collector(home: Path, **environment: str) -> Iterator[Collector]:
    """Start `collect` on a free port; kill it at the end if it still runs."""
    given = {"home": str(home), "collect_port": "0", "collect_token": TOKEN} | environment
    process = subprocess.Popen(
        [sys.executable, "-c", _COLLECT],
        env=os.environ | {f"RMANALYTICS_{name.upper()}": value for name, value in given.items()},
        cwd=home.parent,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        said, url = _until_listening(process)
        parts = urlsplit(url)
        yield Collector(
            process=process, home=home, address=(str(parts.hostname), int(parts.port or 0)), said=said
        )
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)


def _until_listening(process: subprocess.Popen[str]) -> tuple[list[str], str]:
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if line.startswith("listening on "):
            return said, line.split()[2]
    raise AssertionError(f"collect ended: {''.join(said)}")


def exchange(address: tuple[str, int], *parts: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send the bytes over a connection of their own; return status, headers and body of the answer."""
    method = parts[0].partition(b" ")[0].decode("latin-1")
    with socket.create_connection(address, timeout=WAIT_S) as client:
        for part in parts:
            client.sendall(part)
        with HTTPResponse(client, method=method) as response:
            response.begin()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def request(
    method: str, target: str | bytes, body: bytes | None = None, *headers: str, version: str = "1.1"
) -> bytes:
    """A request as bytes; `target` and `body` go out as they are."""
    raw = target.encode() if isinstance(target, str) else target
    lines = ["Host: collector", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = b"%b %b HTTP/%b\r\n" % (method.encode(), raw, version.encode())
    return head + "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + (body or b"")


def records(home: Path) -> list[dict[str, Any]]:
    """All whole lines of the callback journal; a torn last line of a segment is left out."""
    found: list[dict[str, Any]] = []
    for path in journal.segments(home / "journal", journal.CALLBACKS):
        found += map(json.loads, journal.read_chunk(path, 0, 1 << 30).lines.to_pylist())
    return found


@contextmanager
def collecting_here(settings: Settings) -> Iterator[int]:
    """A collector in a thread of this process; its port."""
    ports: Future[int] = Future()
    ended = Event()

    async def listen() -> None:
        async with collecting(settings) as running:
            ports.set_result(int(urlsplit(running.url).port or 0))
            await asyncio.to_thread(ended.wait)

    def serve() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(listen())

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield ports.result(WAIT_S)
    finally:
        ended.set()
        thread.join(WAIT_S)
