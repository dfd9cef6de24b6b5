"""The simulator: the Route Mobile sandbox as a real HTTP server. Nothing that it takes reaches a phone.

>>> from rmanalytics import config, simulator
>>> plan = simulator.make(config.load(simulate_port=0), callback="off")
>>> with simulator.running(plan) as sim:
...     sim.state()["simulated"]
True
"""

from __future__ import annotations

from rmanalytics.simulator.explain import as_text, explain
from rmanalytics.simulator.magic import PREFIX as MAGIC_PREFIX
from rmanalytics.simulator.options import Method, SimulatorOptions, make
from rmanalytics.simulator.protocol import Received
from rmanalytics.simulator.run import Running, farewell, running, simulate
from rmanalytics.simulator.sandbox import Scrub
from rmanalytics.simulator.scrubber import scrubber

__all__ = [
    "MAGIC_PREFIX",
    "Method",
    "Received",
    "Running",
    "Scrub",
    "SimulatorOptions",
    "as_text",
    "explain",
    "farewell",
    "make",
    "running",
    "scrubber",
    "simulate",
]
