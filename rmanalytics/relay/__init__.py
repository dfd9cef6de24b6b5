"""The relay: DLRs on to CleverTap's own callback URL (or callbacks as they came to any URL), each once.

`run` does it, `supervised` in a process of its own beside the collector; `read_status` counts what was relayed and
what waits, `progress` does so for some DLRs only, `stuck` lists what waits for a person, `retry` lets that go again,
`hurry` what was put off.
`translate` and `codes` make events, `clevertap` and `raw` requests and verdicts, `ledger` keeps all of it.
"""

from rmanalytics.relay.ledger import Stuck
from rmanalytics.relay.model import Channel, ItemState
from rmanalytics.relay.status import RelayProgress, RelayStatus, hurry, progress, read_status, retry, stuck

__all__ = [
    "Channel",
    "ItemState",
    "RelayProgress",
    "RelayStatus",
    "Stuck",
    "hurry",
    "progress",
    "read_status",
    "retry",
    "stuck",
]
