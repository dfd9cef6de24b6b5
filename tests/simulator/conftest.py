"""A receiver, and sandboxes that push to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.receiver import Receiver, receiving
from support.simulating import Client

from rmanalytics import config, simulator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A callback receiver that listens."""
    with receiving() as listening:
        yield listening


@pytest.fixture
def start(receiver: Receiver, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Start a simulator with these options; settings go under `settings`. It pushes to the receiver."""
    with ExitStack() as stack:

        def begin(settings: dict[str, Any] | None = None, **options: Any) -> Client:
            chosen = {"profile_name": "clean", "speed": 1000.0, "callback": receiver.url} | options
            own = {"home": tmp_path / "data", "simulate_port": 0} | (settings or {})
            sim = stack.enter_context(simulator.running(simulator.make(config.load(**own), **chosen)))
            return Client(sim, stack.enter_context(httpx.Client(timeout=10)))

        yield begin


@pytest.fixture
def client(start: Callable[..., Client]) -> Client:
    """A simulator with an account of its own that delivers everything."""
    return start(
        {"route_mobile_username": "acct", "route_mobile_password": "s3cret", "route_mobile_delimiter": "~"}
    )
