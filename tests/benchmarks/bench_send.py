"""How fast `send` plans and hands over, and how much memory a large batch takes.

Run by hand: `python tests/benchmarks/bench_send.py`, with `--help` for its options. Every figure comes from a
process of its own; gateways are processes too, on the same cores. A run is void when the gateway counts other
messages than the summary.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import platform
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__)
PASSWORD = "bench"
TEMPLATE = "1107000000000000001"
COLUMNS = ("message_id", "msisdn", "body", "campaign_id", "template_id", "header")


def write_batch(path: Path, n_rows: int) -> Path:
    """A batch as companies send them: personal texts, one in ten Hindi, one in twenty abroad."""
    chance = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for i in range(n_rows):
            number = f"+91{chance.randrange(6 * 10**9, 10**10)}"
            if i % 20 == 0:
                number = f"+4479{chance.randrange(10**8):08d}"
            body = f"Dear customer {i}, your order {i * 7} has shipped. Track it at example.com/t/{i}, or call us."
            if i % 10 == 0:
                body = f"प्रिय ग्राहक, आपका ऑर्डर {i} भेज दिया गया है"
            writer.writerow([f"m-{i:09d}", number, body, f"camp{i % 5}", TEMPLATE, "TESTSM"])
    return path


def write_history(home: Path, n_messages: int) -> None:
    """A journal in which each message of the batch was attempted and accepted."""
    from rmanalytics import journal

    with journal.Writer(home / "journal", journal.SUBMISSIONS) as writer:
        for start in range(0, n_messages, 10_000):
            writer.append(line for i in range(start, min(start + 10_000, n_messages)) for line in _attempt(i))


def _attempt(i: int) -> tuple[bytes, bytes]:
    from rmanalytics import journal

    message_id, attempt_id, at = f"m-{i:09d}", f"{i:032x}", "2026-01-15T10:20:30.123456Z"
    said = {"message_id": message_id, "result": "accepted", "code": "1701", "gateway_message_id": f"{i:036x}"}
    before = {"attempt_id": attempt_id, "attempted_at": at, "batch_id": "b", "gateway": "simulator"}
    answer = {
        "attempt_id": attempt_id,
        "answered_at": at,
        "http_status": 200,
        "answer": f"1701|919800000001|{i:036x}",
    }
    return (
        journal.line(before | {"message_ids": [message_id]}),
        journal.line(answer | {"responses": [said | {"detail": None}]}),
    )


def write_past(home: Path, n_messages: int, n_segments: int | None) -> None:
    """A journal of messages that no batch of today is about: planned, attempted and accepted one by one.

    Segments are as long as `send` makes them, or so many for each stream.
    """
    from rmanalytics import journal

    each = -(-n_messages // n_segments) if n_segments else n_messages or 1
    for first in range(0, n_messages, each):
        last = min(first + each, n_messages)
        for stream, lines in ((journal.MESSAGES, _planned), (journal.SUBMISSIONS, _attempt)):
            with journal.Writer(home / "journal", stream) as writer:
                for start in range(first, last, 10_000):
                    end = min(start + 10_000, last)
                    writer.append(line for i in range(start, end) for line in lines(i + 10**8))


def _planned(i: int) -> tuple[bytes]:
    from rmanalytics import journal

    row = {
        "message_id": f"m-{i:09d}",
        "campaign_id": f"camp{i % 5}",
        "route": "domestic",
        "msisdn": f"91{6 * 10**9 + i}",
        "header": "TESTSM",
        "entity_id": "1101000000000000001",
        "template_id": TEMPLATE,
        "template_variables": [],
        "body": f"Dear customer {i}, your order {i * 7} has shipped. Track it at example.com/t/{i}.",
        "encoding": "gsm7",
        "n_segments": 1,
        "line": i % 25_000,
        "batch_id": f"b{i // 25_000}",
        "gateway": "simulator",
        "planned_at": "2026-01-15T10:20:30.123456Z",
    }
    return (journal.line(row),)


class Bare(asyncio.Protocol):
    """A gateway that does as little as possible: reads a form and accepts it."""

    arrivals: list[float] = []  # noqa: RUF012 -- one process, one server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: Any = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            size = int(re.search(rb"content-length: (\d+)", head)[1]) if b"content-length" in head else 0
            if len(self._data) < end + 4 + size:
                return
            body, self._data = self._data[end + 4 : end + 4 + size], self._data[end + 4 + size :]
            self._answer(head.startswith(b"post"), body)

    def _answer(self, is_submission: bool, body: bytes) -> None:
        if is_submission:
            self.arrivals.append(time.monotonic())
            number = body.partition(b"destination=")[2].partition(b"&")[0]
            content = b"1701|" + number + b"|5f0c2b52-7a55-4c39-9d0e-3d2f6c1a9b01"
        else:
            content = json.dumps({"arrivals": self.arrivals}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(content)
        self._transport.write(head + content)


async def serve_bare(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port)
    await server.serve_forever()


@contextmanager
def gateway(name: str) -> Iterator[str]:
    """Run a gateway as a process; give its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(HERE), "--child", "bare", str(port)]
    if name == "simulator":
        options = ("--port", str(port), "--callback", "off", "--profile", "clean", "--magic", "off")
        command = [sys.executable, "-m", "rmanalytics", "simulate", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("the gateway does not come up")


def send_in_child(batch: Path, home: Path, url: str, **options: Any) -> dict[str, Any]:
    """Send in a process of its own; return its figures."""
    command = [sys.executable, str(HERE), "--child", "send", str(batch), str(home), url, json.dumps(options)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=3600)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def child_send(batch: str, home: str, url: str, options: str) -> None:
    """Send and print the figures; `stop_after` interrupts after so many messages."""
    from rmanalytics import config
    from rmanalytics.send import Plan, Tally, send

    chosen = json.loads(options)
    stop_after = chosen.pop("stop_after", None)
    settings = config.load(
        home=Path(home),
        route_mobile_url=f"{url}/bulksms/personalizedbulksms",
        route_mobile_username="bench",
        route_mobile_password=PASSWORD,
    )
    planned_s: list[float] = []
    start = time.perf_counter()

    def show(_plan: Plan) -> None:
        planned_s.append(time.perf_counter() - start)

    def watch(tally: Tally) -> None:
        if stop_after and tally.n_done >= stop_after and not tally.is_stopping:
            signal.raise_signal(signal.SIGINT)

    sent = send(Path(batch), settings, approve=lambda plan: True, show=show, watch=watch, **chosen)
    print(
        json.dumps(
            {
                "n_rows": sent.plan.n_rows,
                "n_to_send": sent.plan.n_to_send,
                "plan_s": planned_s[0],
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
                "cpu_s": time.process_time(),
                "summary": sent.summary and sent.summary.as_dict(),
            }
        )
    )


def arrivals(url: str) -> list[float]:
    """When messages reached the bare gateway."""
    import httpx

    found: list[float] = httpx.get(url, timeout=30).json()["arrivals"]
    return found


def bench_throughput(name: str, batch: Path, folder: Path, rounds: int) -> None:
    """Requests per second, one recipient each."""
    rates = []
    for number in range(rounds):
        with gateway(name) as url:
            figures = send_in_child(batch, folder / f"{name}{number}", url)
            if name == "bare" and len(arrivals(url)) != figures["summary"]["n_accepted"]:
                sys.exit("void: the gateway counted other messages")
        rates.append(figures["summary"]["rate"])
    spread = f"({min(rates):,.0f} to {max(rates):,.0f})"
    print(f"{name + ' gateway':20} {statistics.median(rates):9,.0f} requests/s {spread}", flush=True)


def bench_rate(batch: Path, folder: Path, rate: int) -> None:
    """How well a rate is kept, by the clock of the gateway."""
    with gateway("bare") as url:
        send_in_child(batch, folder / f"rate{rate}", url, rate=rate)
        times = arrivals(url)
    kept = (len(times) - 1) / (times[-1] - times[0])
    seconds = [
        sum(1 for at in times if second <= at - times[0] < second + 1)
        for second in range(int(times[-1] - times[0]))
    ]
    print(
        f"{f'--rate {rate}':20} {kept:9,.1f} messages/s, {kept / rate - 1:+.2%}; "
        f"single seconds {min(seconds)} to {max(seconds)}",
        flush=True,
    )


def bench_plan(batch: Path, folder: Path, what: str) -> None:
    """The planning pass of a large batch and its peak memory."""
    figures = send_in_child(batch, folder, "http://127.0.0.1:9", dry_run=True)
    print(
        f"{what:20} {figures['n_rows'] / figures['plan_s']:9,.0f} rows/s, {figures['plan_s']:.1f} s, "
        f"peak {figures['peak_mib']} MiB",
        flush=True,
    )


def bench_large(batch: Path, folder: Path) -> None:
    """Plan, journal of all messages, and the first requests of a large batch: peak memory."""
    with gateway("bare") as url:
        start = time.perf_counter()
        figures = send_in_child(batch, folder, url, stop_after=5_000)
    print(
        f"{'large batch begun':20} {time.perf_counter() - start:9,.1f} s with 5,000 messages sent, "
        f"peak {figures['peak_mib']} MiB",
        flush=True,
    )


def bench_look_back(folder: Path, sizes: list[int], n_segments: int | None, rounds: int) -> None:
    """A send of 100 messages beside a journal of others: whole processes, processor and wall seconds.

    The first one indexes the journal; the others are what each further one costs.
    """
    batches = [write_batch(folder / f"batch{number}.csv", 100) for number in range(rounds + 1)]
    for n_messages in sizes:
        home = folder / f"past{n_messages}-{n_segments or 0}"
        if not home.exists():
            write_past(home, n_messages, n_segments)
        print(f"history of {n_messages:,} messages, {len(list(home.glob('journal/*.jsonl'))):,} segments")
        figures = []
        for number, batch in enumerate(batches):
            batch.write_text(
                re.sub(r"^m-[^,]*", lambda id: f"{id[0]}-{time.time_ns()}", batch.read_text(), flags=re.M)
            )
            with gateway("simulator") as url:
                start = time.perf_counter()
                said = send_in_child(batch, home, url)
            if said["summary"]["n_accepted"] != 100:
                sys.exit("void: not all were sent")
            figures.append((said["cpu_s"], time.perf_counter() - start, said["peak_mib"]))
            if not number:
                print(
                    "    first: {:.2f} s of processor, {:.2f} s, peak {} MiB".format(*figures[0]), flush=True
                )
        middle = [statistics.median(column) for column in zip(*figures[1:], strict=True)]
        print("    further: {:.2f} s of processor, {:.2f} s, peak {:.0f} MiB".format(*middle), flush=True)


def machine() -> str:
    """Where this ran."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    parts = [f"{os.cpu_count()} x {names[0] if names else platform.machine()}", platform.platform()]
    libraries = [f"{name} {version(name)}" for name in ("aiohttp", "pyarrow", "duckdb", "orjson")]
    return ", ".join([*parts, platform.python_version(), *libraries])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=20_000, help="messages per throughput run")
    parser.add_argument("--large", type=int, default=1_000_000, help="rows of the large batch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="folder on the disk to measure; default the temporary one")
    parser.add_argument("--past", type=int, nargs="+", help="only 100 messages beside so many of before")
    parser.add_argument("--segments", type=int, help="segments of each stream that hold them")
    given = parser.parse_args()
    print(machine())
    print(f"load {os.getloadavg()[0]:.1f} at the start, {given.rounds} rounds")
    with tempfile.TemporaryDirectory(dir=given.out) as name:
        folder = given.out or Path(name)
        if given.past:
            bench_look_back(folder, given.past, given.segments, given.rounds)
            return
        folder = Path(name)
        batch = write_batch(folder / "batch.csv", given.messages)
        for kind in ("bare", "simulator"):
            bench_throughput(kind, batch, folder, given.rounds)
        bench_rate(write_batch(folder / "second.csv", 10_000), folder, 1000)
        bench_rate(write_batch(folder / "third.csv", 500), folder, 50)
        large = write_batch(folder / "large.csv", given.large)
        bench_plan(large, folder / "empty", "plan, no history")
        write_history(folder / "history", given.large)
        bench_plan(large, folder / "history", "plan, all sent")
        bench_large(large, folder / "large")
        bench_plan(large, folder / "large", "plan, resumed")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        asyncio.run(serve_bare(int(sys.argv[3]))) if sys.argv[2] == "bare" else child_send(*sys.argv[3:])
    else:
        main()
