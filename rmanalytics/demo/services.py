"""The two servers of the demo, each a process of its own on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from rmanalytics.config import PREFIX, Settings
from rmanalytics.errors import GatewayUnavailable
from rmanalytics.support import http

PATIENCE_S = 20.0
_HOST = "127.0.0.1"


@contextmanager
def running(command: str, *options: str, port: int, environment: Mapping[str, str]) -> Iterator[str]:
    """Run `rmanalytics COMMAND` while the block lasts; give its URL once it answers.

    Raises GatewayUnavailable, with the process's own last words, when it ends or does not answer in time.
    """
    url = f"http://{_HOST}:{port}"
    line = [sys.executable, "-m", "rmanalytics", command, "--host", _HOST, "--port", str(port), *options]
    with subprocess.Popen(  # noqa: S603 -- our own command
        line,
        env=os.environ | environment | {"PYTHONSAFEPATH": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            _wait_until_healthy(process, command, url)
            yield url
        finally:
            process.terminate()
            try:
                process.communicate(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def environment(settings: Settings, *names: str) -> dict[str, str]:
    """Return those settings as environment variables, secrets in the clear: for our own child only."""
    values = ((name, getattr(settings, name)) for name in names)
    return {
        PREFIX + name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values
    }


def state(url: str) -> dict[str, Any]:
    """Return the state that the simulator reports."""
    answered: dict[str, Any] = http.ask(f"{url}/healthz", 10).json()
    return answered


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(process: subprocess.Popen[str], command: str, url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            words = process.communicate()[1].strip().splitlines()
            raise GatewayUnavailable(f"{command} stopped immediately: {words[-1] if words else 'no output'}")
        try:
            is_healthy = http.ask(f"{url}/healthz", 1).is_success
        except httpx.HTTPError:
            is_healthy = False
        if is_healthy:
            return
        time.sleep(0.05)
    raise GatewayUnavailable(f"{command} did not answer at {url} within {PATIENCE_S:g} s")
