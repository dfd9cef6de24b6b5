"""What tests of send share: a gateway that records what reaches it, batch files, and reading the journal back."""

from __future__ import annotations

import asyncio
import csv
import json
import resource
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson

from rmanalytics import config, journal

PASSWORD = "s3cret&pass"
HEADER = "TESTSM"
TEMPLATE = "1107000000000000001"

CLOSE = object()
"""A reply: close the connection without an answer."""

HANG = object()
"""A reply: keep the connection open and never answer."""

Reply = object
"""Text (answered with 200), a status with text, `CLOSE` or `HANG`."""

Script = Callable[[dict[str, str], int], Reply]
"""Told the request's fields and how often its message came before; returns the reply."""


def accept(fields: dict[str, str], _n_before: int) -> Reply:
    """Accept every number of the request."""
    numbers = fields["destination"].split(",")
    return ",".join(f"1701|{number}|gw-{number}-{place}" for place, number in enumerate(numbers))


@dataclass(slots=True)
class Recorder:
    """A gateway that writes down every request before it answers as its script says."""

    script: Script = accept
    requests: list[dict[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    n_connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """Its endpoint for one recipient per request."""
        return f"http://127.0.0.1:{self.port}/bulksms/personalizedbulksms"

    @property
    def arrivals(self) -> Counter[str]:
        """How often each message arrived."""
        return Counter(map(_who, self.requests))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.n_connections += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._answer(reader, writer):
                    pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *headers = head.split("\r\n")
        sizes = [int(line.split(":")[1]) for line in headers if line.lower().startswith("content-length:")]
        body = await reader.readexactly(sizes[0]) if sizes else b""
        fields = _fields(first, body)
        n_before = self.arrivals[_who(fields)]
        self.requests.append(fields)
        self.lines.append(first)
        reply = self.script(fields, n_before)
        if reply is CLOSE:
            return False
        if reply is HANG:
            await reader.read()
            return False
        status, text = reply if isinstance(reply, tuple) else (200, reply)
        content = str(text).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        return True


def _who(fields: dict[str, str]) -> str:
    """The message that a request is about, in any gateway's words."""
    return next(fields[name] for name in ("msgid", "msg_id", "destination", "send_to") if name in fields)


def _fields(first: str, body: bytes) -> dict[str, str]:
    """The fields of a GET or of a POST, form or JSON."""
    if body.startswith(b"{"):
        parsed: dict[str, str] = orjson.loads(body)
        return parsed
    query = body.decode() or first.split(" ")[1].partition("?")[2]
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def recording(script: Script = accept) -> Iterator[Recorder]:
    """Run a recorder in a thread for as long as the block lasts."""
    recorder = Recorder(script=script)
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(recorder, started)), daemon=True)
    thread.start()
    loop, stopped = started.result(timeout=10)
    try:
        yield recorder
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(timeout=10)


async def _serve(
    recorder: Recorder, started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(recorder.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    stopped = asyncio.Event()
    started.set_result((asyncio.get_running_loop(), stopped))
    await stopped.wait()
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def settings(home: Path, url: str, **flags: Any) -> config.Settings:
    """Settings of a home that sends to a URL."""
    chosen = {"route_mobile_username": "acct", "route_mobile_password": PASSWORD, "route_mobile_url": url}
    return config.load(home=home, **(chosen | {"send_retry_s": 0.01} | flags))


def environment(url: str, **flags: Any) -> dict[str, str]:
    """The same settings as a process gets them."""
    chosen = {"route_mobile_username": "acct", "route_mobile_password": PASSWORD, "route_mobile_url": url}
    return {f"{config.PREFIX}{name.upper()}": str(value) for name, value in (chosen | flags).items()}


def row(number: int, **fields: str) -> dict[str, str]:
    """A row that can be sent."""
    return {
        "message_id": f"m{number}",
        "msisdn": f"91980000{number:04d}",
        "body": f"Your code is {number}",
        "campaign_id": "otp",
        "template_id": TEMPLATE,
        "header": HEADER,
    } | fields


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write a batch file and return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def records(directory: Path, stream: str) -> list[dict[str, Any]]:
    """The whole lines of a stream of the journal."""
    text = b"".join(path.read_bytes() for path in journal.segments(directory, stream))
    return [orjson.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]


def results(directory: Path) -> dict[str, list[str]]:
    """What came of the attempts of each message, by the journal, in order; `no answer` where there is none."""
    lines = records(directory, journal.SUBMISSIONS)
    answers = {line["attempt_id"]: line["responses"] for line in lines if "responses" in line}
    found: dict[str, list[str]] = {}
    for attempt in (line for line in lines if "message_ids" in line):
        said = {
            response["message_id"]: response["result"] for response in answers.get(attempt["attempt_id"], [])
        }
        for message_id in attempt["message_ids"]:
            found.setdefault(message_id, []).append(said.get(message_id, "no answer"))
    return found


def send_to_file(batch: Path, url: str, result: Path, flags: dict[str, Any], options: dict[str, Any]) -> None:
    """Send and write plan and summary to a file: what a child process of a test does."""
    from rmanalytics.send import send

    sent = send(batch, settings(batch.parent / "data", url, **flags), approve=lambda plan: True, **options)
    found = {"plan": sent.plan.as_dict(), "summary": sent.summary and sent.summary.as_dict()}
    result.write_text(json.dumps(found))


def send_until_disk_is_full(batch: Path, url: str, n_messages: int) -> None:
    """Send with a file size limit from a count of messages on, and exit as the command would."""
    from rmanalytics.errors import RmaError
    from rmanalytics.send import Tally, send

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def watch(tally: Tally) -> None:
        if tally.n_done >= n_messages:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))

    try:
        send(batch, settings(batch.parent / "data", url), approve=lambda plan: True, watch=watch)
    except RmaError as error:
        sys.exit(error.exit_code)
