"""How fast the relay is, against a local stand-in: `python tests/benchmarks/bench_relay.py [N_EVENTS]`.

`N_EVENTS` (500,000) callbacks wait in the journal; the stand-in first fails (an outage), then takes all. Prints
events per second from a cold ledger, which includes reading and translating the journal, and checks that each
event reached the stand-in once.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.relaying import callback, counts, home, meta, write
from support.standin import OK, Reply, standing_in

from rmanalytics.relay.run import run

BATCH = 100


def main(n: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, standing_in(outage) as there:
        settings = home(Path(folder), there.url, relay_batch=BATCH, relay_retry_s=0.5)
        for start in range(0, n, 100_000):
            write(settings, (callback(number) for number in range(start, min(n, start + 100_000))))
        began = time.perf_counter()
        while counts(settings).get("relayed", 0) < n:
            run(settings, once=True)
        took = time.perf_counter() - began
        ledger = (settings.home / "relay" / "ledger.sqlite").stat().st_size
        is_once = there.answered == dict.fromkeys([(meta(k), "delivered") for k in range(n)], 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:,} events in batches of {BATCH}: {took:.1f} s, {n / took:,.0f} events/s, each once: {is_once}")
    print(
        f"ledger {ledger / n:.0f} bytes an event; {there.n_requests:,} requests; {memory:.0f} MiB with the stand-in"
    )


def outage(_events: object, n: int) -> Reply:
    """The first three requests fail."""
    return Reply(status=503) if n < 3 else OK


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
