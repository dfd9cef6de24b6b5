"""Durable callbacks per second of `collect`, by wrk on the same machine.

Run by hand: `python tests/benchmarks/bench_collect.py`, with `--help` for its options. GET and POST form take
turns, round after round; the median counts. Afterwards the journal must hold at least as many lines as wrk
saw answers, or the run is void.
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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from collectors import TOKEN, Collector, collector

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
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What wrk saw: answers, answers per second, latencies in milliseconds, answers that were no 200."""

    n: int
    rate: float
    p50_ms: float
    p99_ms: float
    n_wrong: int


def wrk(of: Collector, script: str, seconds: int, connections: int) -> Run:
    """Drive the collector."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        url = "http://{}:{}/".format(*of.address)
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
    return sum(path.read_bytes().count(b"\n") for path in (home / "journal").iterdir())


def machine() -> str:
    """Where this ran."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    parts = [
        f"{os.cpu_count()} x {names[0] if names else platform.machine()}",
        platform.platform(),
        platform.python_version(),
    ]
    return ", ".join([*parts, *(f"{name} {version(name)}" for name in ("granian", "orjson"))])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--out", type=Path, help="folder on the disk to measure; default the temporary one")
    given = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    print(machine())
    print(f"load {os.getloadavg()[0]:.1f} at the start, {given.connections} connections, ", end="")
    print(f"{given.rounds} x {given.seconds} s")
    with tempfile.TemporaryDirectory(dir=given.out) as folder, collector(Path(folder) / "data") as running:
        runs: dict[str, list[Run]] = {name: [] for name in SCRIPTS}
        for _ in range(given.rounds):
            for name, script in SCRIPTS.items():
                runs[name].append(wrk(running, script, given.seconds, given.connections))
        peak = found(r"VmHWM:\s+(\d+)", Path(f"/proc/{running.process.pid}/status").read_text())
        code, _ = running.end(signal.SIGTERM)
        answered, journaled = sum(run.n for each in runs.values() for run in each), n_lines(running.home)
    for name, each in runs.items():
        rate, p50, p99 = (
            statistics.median(getattr(run, field) for run in each) for field in ("rate", "p50_ms", "p99_ms")
        )
        print(
            f"{name:10} {rate:9,.0f} durable callbacks/s   p50 {p50:.2f} ms   p99 {p99:.2f} ms   "
            f"({min(run.rate for run in each):,.0f} to {max(run.rate for run in each):,.0f}, "
            f"{sum(run.n_wrong for run in each)} not answered 200)"
        )
    print(f"{answered:,} answered, {journaled:,} lines in the journal, exit code {code}, ", end="")
    print(f"peak RSS {int(peak or 0) >> 10} MiB")
    if journaled < answered or code:
        sys.exit("void: fewer lines than answers, or no clean end")


if __name__ == "__main__":
    main()
