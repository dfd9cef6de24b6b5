"""The relay: DLRs on to CleverTap's own callback URL (or callbacks as they came to any URL), each once.

`run` does it, `beside` the collector in a process of its own; `standing` says how it stands, `stuck` what waits
for a person, `retry` lets that go again.
`translate` and `codes` make events, `clevertap` and `raw` requests and verdicts, `ledger` keeps all of it.
"""

from rmanalytics.relay.beside import beside
from rmanalytics.relay.figures import Figures
from rmanalytics.relay.items import Channel, State
from rmanalytics.relay.ledger import Stuck
from rmanalytics.relay.run import routes, run
from rmanalytics.relay.standing import Standing, retry, standing, stuck

__all__ = [
    "Channel",
    "Figures",
    "Standing",
    "State",
    "Stuck",
    "beside",
    "retry",
    "routes",
    "run",
    "standing",
    "stuck",
]
