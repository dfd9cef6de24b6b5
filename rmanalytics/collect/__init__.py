"""The collector: callbacks in over HTTP, each on disk before it is answered.

`collect` runs until a signal; `collecting` is the same as a context for a program of its own.
"""

from rmanalytics.collect.run import Listening, collect, collecting
from rmanalytics.collect.server import Collector

__all__ = ["Collector", "Listening", "collect", "collecting"]
