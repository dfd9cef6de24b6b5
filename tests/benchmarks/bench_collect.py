"""Durable callbacks per second of `collect`, side by side with nginx and with FastAPI, by wrk.

Run by hand: `python tests/benchmarks/bench_collect.py`, with `--help` for its options. All servers run
through the whole measurement on the same cores and take turns, round after round; the median counts. nginx
answers a static 200 and keeps nothing: the ratio to it is what durability and Python cost. Afterwards each
journal must hold at least as many lines as wrk saw answers, or the run is void.

The latency at 80 % of the load is measured by wrk with a delay before each request (uniform from 0 to twice
the mean, so that requests do not come in step), 256 connections, the mean corrected until the rate is met.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from collect_rivals import NGINX, Address, fastapi, nginx, rivals_python
from support.collectors import TOKEN, Collector, collector

FIELDS = (
    "sSender=TESTSM&sMobileNo=919800000001&sStatus=DELIVRD&dtSubmit=2025-01-15%2010:20:30"
    "&dtDone=2025-01-15%2010:20:36&iCostPerSms=0.0120&iCharge=0.0120&iMCCMNC=40445&iErrCode=0"
    "&sTagName=camp42&sUdf1=&sUdf2=&sMessageId=5f0c2b52-7a55-4c39-9d0e-3d2f6c1a9b01-"
)
SCRIPTS = {
    "GET": f"""
local n = 0
request = function() n = n + 1
  return wrk.format("GET", "/dlr/simulator/{TOKEN}?{FIELDS}" .. n) end
""",
    "POST form": f"""
local n = 0
local form = {{["Content-Type"] = "application/x-www-form-urlencoded"}}
request = function() n = n + 1
  return wrk.format("POST", "/dlr/simulator/{TOKEN}", form, "{FIELDS}" .. n) end
""",
}
PACED = "delay = function() return math.random(0, {twice}) end\n"
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
PACED_CONNECTIONS = 256
SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What wrk saw: answers, answers per second, latencies in milliseconds, answers that were no 200.

    `cpu_us` is the server's processor time per answer, which other work on the machine hardly changes.
    """

    n: int
    rate: float
    p50_ms: float
    p99_ms: float
    n_wrong: int
    cpu_us: float = 0.0


@dataclass(slots=True, kw_only=True)
class Case:
    """A server under one kind of load, and its rounds."""

    server: str
    address: Address
    pid: int
    script: str
    connections: int
    runs: list[Run] = field(default_factory=list)

    def median(self, name: str) -> float:
        """The median over the rounds."""
        return statistics.median(getattr(run, name) for run in self.runs)

    def run(self, seconds: int) -> None:
        """One more round."""
        before = cpu_s(self.pid)
        run = wrk(self.address, SCRIPTS[self.script], seconds, self.connections)
        self.runs.append(replace(run, cpu_us=1e6 * (cpu_s(self.pid) - before) / max(run.n, 1)))

    def describe(self, beside: Case | None) -> str:
        """One line, with the ratio to nginx."""
        ratio = f"{self.median('rate') / beside.median('rate'):5.2f} of nginx" if beside else " " * 14
        rates = [run.rate for run in self.runs]
        return (
            f"{self.server:17} {self.script:9} {self.connections:4} connections {self.median('rate'):9,.0f}/s "
            f"{ratio}   p50 {self.median('p50_ms'):6.2f} ms   p99 {self.median('p99_ms'):6.2f} ms   "
            f"{self.median('cpu_us'):5.1f} us of processor   "
            f"({min(rates):,.0f} to {max(rates):,.0f}, {sum(run.n_wrong for run in self.runs)} not answered 200)"
        )


def wrk(address: Address, script: str, seconds: int, connections: int) -> Run:
    """Drive a server."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        url = "http://{}:{}/".format(*address)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name, url]
        text = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=seconds + 60
        ).stdout
    return Run(
        n=int(found(r"(\d+) requests in", text) or 0),
        rate=float(found(r"Requests/sec:\s+([\d.]+)", text) or 0),
        p50_ms=milliseconds("50", text),
        p99_ms=milliseconds("99", text),
        n_wrong=int(found(r"Non-2xx or 3xx responses: (\d+)", text) or 0)
        + sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", text))),
    )


def paced(address: Address, script: str, seconds: int, rate: float) -> list[Run]:
    """Drive a server at a rate: short runs correct the pause, then the last counts."""
    twice = round(2000 * PACED_CONNECTIONS / rate)
    runs = []
    for length in (2, 2, 2, seconds):
        run = wrk(address, script + PACED.format(twice=twice), length, PACED_CONNECTIONS)
        runs.append(run)
        twice = max(0, round(twice + 2000 * PACED_CONNECTIONS * (1 / rate - 1 / max(run.rate, 1))))
    return runs


def found(pattern: str, text: str) -> str | None:
    """The first group of the first match."""
    match = re.search(pattern, text)
    return match.group(1) if match else None


def milliseconds(quantile: str, text: str) -> float:
    """A line of wrk's latency distribution."""
    match = re.search(rf"{quantile}%\s+([\d.]+)(us|ms|s)\b", text)
    return float(match.group(1)) * UNITS_MS[match.group(2)] if match else float("nan")


def n_lines(home: Path) -> int:
    """Lines of the journal."""
    return sum(path.read_bytes().count(b"\n") for path in (home / "journal").glob("*.jsonl"))


def cpu_s(pid: int) -> float:
    """Processor time that a process and its children have had."""
    children = {int(n) for p in Path(f"/proc/{pid}/task").glob("*/children") for n in p.read_text().split()}
    stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in (pid, *children)]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def peak_mib(of: Collector) -> int:
    """The most memory the collector ever held."""
    status = Path(f"/proc/{of.process.pid}/status").read_text()
    return int(found(r"VmHWM:\s+(\d+)", status) or 0) >> 10


def machine() -> str:
    """Where this runs."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    parts = [
        f"{os.cpu_count()} x {names[0] if names else platform.machine()}",
        platform.platform(),
        platform.python_version(),
    ]
    return ", ".join([*parts, *(f"{name} {version(name)}" for name in ("granian", "orjson"))])


def compare(stack: ExitStack, folder: Path, given: argparse.Namespace) -> None:
    """Start all servers, let them take turns, print; then the latency at 80 % of our load."""
    ours = {
        f"collect, {n} worker{'s' * (n > 1)}": stack.enter_context(
            collector(folder / f"data{n}", collect_workers=str(n))
        )
        for n in (1, 2)
    }
    at = {name: (one.address, one.process.pid) for name, one in ours.items()} | others(
        stack, folder, given.rivals
    )
    cases = [
        Case(server=server, address=at[server][0], pid=at[server][1], script=script, connections=connections)
        for connections in (64, 512)
        for script in SCRIPTS
        for server in at
        if not server.startswith("FastAPI") or connections == 64
    ]
    for _ in range(given.rounds):
        for case in cases:
            case.run(given.seconds)
    beside = {(case.script, case.connections): case for case in cases if case.server == "nginx"}
    for case in cases:
        print(case.describe(beside.get((case.script, case.connections))))
    extra = dict.fromkeys(ours, 0)
    for case in cases:
        if case.connections == 64 and case.server in ours:
            *tries, run = paced(
                case.address, SCRIPTS[case.script], 2 * given.seconds, SHARE * case.median("rate")
            )
            share = run.rate / case.median("rate")
            print(f"{case.server:17} {case.script:9} at {run.rate:,.0f}/s, {share:.0%} of its load: ", end="")
            print(f"p50 {run.p50_ms:.2f} ms, p99 {run.p99_ms:.2f} ms, {run.n_wrong} not answered 200")
            extra[case.server] += sum(one.n for one in [*tries, run])
    for name, one in ours.items():
        answered = extra[name] + sum(run.n for case in cases if case.server == name for run in case.runs)
        settle(name, one, answered)


def others(stack: ExitStack, folder: Path, rivals: Path | None) -> dict[str, tuple[Address, int]]:
    """Start those of the other servers that there are, and say which are not."""
    found: dict[str, tuple[Address, int]] = {}
    if Path(NGINX).exists():
        found["nginx"] = stack.enter_context(nginx(folder / "nginx"))
    else:
        print("without nginx: it is not installed, so there is no ratio")
    if python := rivals_python(rivals or folder / "rivals"):
        for kind in ("SQLite", "DuckDB"):
            found[f"FastAPI + {kind}"] = stack.enter_context(fastapi(kind, python, folder / kind))
    else:
        print("without FastAPI: its packages could not be installed")
    return found


def settle(name: str, one: Collector, answered: int) -> None:
    """Stop a collector and compare its journal with what was answered."""
    code, _ = one.end(signal.SIGTERM)
    journaled = n_lines(one.home)
    print(f"{name}: {answered:,} answered, {journaled:,} lines in the journal, exit code {code}")
    if journaled < answered or code:
        sys.exit("void: fewer lines than answers, or no clean end")


def memory(folder: Path, n_callbacks: int, limit_s: float) -> None:
    """Let many callbacks pass through one worker and print the most memory it held."""
    with collector(folder / "many") as one:
        start, n = time.monotonic(), 0
        while n < n_callbacks and time.monotonic() - start < limit_s:
            for script in SCRIPTS.values():
                n += wrk(one.address, script, 5, 512).n
        took, peak = time.monotonic() - start, peak_mib(one)
        settle("memory", one, n)
    print(f"{n:,} callbacks in {took:.0f} s over 512 connections, one worker: peak RSS {peak} MiB")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=4, help="length of a round of one server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--callbacks", type=int, default=2_000_000, help="for the memory; 0 leaves it out")
    parser.add_argument("--limit-s", type=float, default=120, help="longest time for these callbacks")
    parser.add_argument("--rivals", type=Path, help="venv with FastAPI; made when absent")
    parser.add_argument("--out", type=Path, help="folder on the disk to measure; default the temporary one")
    given = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    print(machine())
    print(f"load {os.getloadavg()[0]:.1f} at the start, {given.rounds} rounds of {given.seconds} s")
    with tempfile.TemporaryDirectory(dir=given.out) as name:
        folder = Path(name)
        with ExitStack() as stack:
            compare(stack, folder, given)
        if given.callbacks:
            memory(folder, given.callbacks, given.limit_s)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
