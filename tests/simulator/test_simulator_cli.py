"""`rmanalytics simulate` as a process of its own: ready, answering, ending, mistakes in one line."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from support.receiver import Receiver
from support.simulating import FIELDS

from rmanalytics import config, simulator
from rmanalytics.errors import RmaError

COMMAND = (sys.executable, "-m", "rmanalytics", "simulate")


@contextmanager
def _process(*options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a simulator that listens, and its URL; end it by its own id."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"} | environment,
    )
    assert process.stderr
    try:
        first = process.stderr.readline()
        url = re.fullmatch(r"simulated Route Mobile listens on (http://127\.0\.0\.1:\d+)\n", first)
        assert url, first + process.stderr.read()
        yield process, url[1]
    finally:
        process.kill()
        process.communicate(timeout=20)


def _ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it printed, when it has ended; `communicate` would lose what came with the first line."""
    process.wait(timeout=20)
    assert process.stdout and process.stderr
    return process.stdout.read(), process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_runs_until_a_signal(receiver: Receiver, number: signal.Signals) -> None:
    """It prints its URL once it listens, pushes DLRs, and ends with 0 and a count of what it did."""
    with _process("--callback", receiver.url, "--profile", "clean", "--speed", "1000", "--json") as (
        process,
        url,
    ):
        assert httpx.get(f"{url}/healthz").json()["simulated"] is True
        httpx.post(f"{url}/bulksms/bulksms", data=FIELDS)
        httpx.post(f"{url}/bulksms/bulksms", data=FIELDS | {"dlr": "0"})
        receiver.wait(1)
        process.send_signal(number)
        out, err = _ended(process)
    assert process.returncode == 0
    assert "no username and password set" in err and "t0ken" not in err
    assert err.splitlines()[-1] == (
        "simulated: 2 requests, 2 messages accepted, 0 refusals; DLRs: 1 pushed, 0 lost, 0 not pushed"
    )
    state = json.loads(out)
    assert (state["n_by_code"], state["dlrs"]["n_pushed"]) == ({"1701": 2}, 1)


def test_a_signal_does_not_wait_for_what_hangs() -> None:
    """Ending is quick while an answer hangs and a DLR is due in an hour; both are told."""
    with _process("--callback", "http://127.0.0.1:9/x/t0ken") as (process, url):
        hanging = FIELDS | {"destination": "919999900046,919999900003"}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/bulksms/bulksms", data=hanging, timeout=0.3)
        process.terminate()
        _, err = _ended(process)
    assert process.returncode == 0
    assert re.search(r"0 pushed, 0 lost, 2 not pushed \(--drain SECONDS pushes them on exit\)$", err.rstrip())


def test_credentials_of_the_settings() -> None:
    """Credentials come from the environment and are checked."""
    secrets = {"RMANALYTICS_ROUTE_MOBILE_USERNAME": "acct", "RMANALYTICS_ROUTE_MOBILE_PASSWORD": "other"}
    with _process("--callback", "off", **secrets) as (_, url):
        assert httpx.post(f"{url}/bulksms/bulksms", data=FIELDS).text == "1703"


MISTAKES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no collector": ({}, {}, "not set: RMANALYTICS_COLLECT_TOKEN"),
    "any port of the collector": (
        {"collect_token": "t0ken", "collect_port": 0},
        {},
        "RMANALYTICS_COLLECT_PORT is 0: set the collector's port there or pass --callback URL",
    ),
    "no callback URL": (
        {},
        {"callback": "collector"},
        "--callback: must be a complete http(s) URL",
    ),
    "no speed": (
        {},
        {"callback": "off", "speed": 0.0},
        "--speed 0: must be above 0; 60 makes an hour a minute",
    ),
    "no digits": (
        {},
        {"callback": "off", "magic_numbers": "some"},
        "--magic some: use the first digits of a number, such as 919999900, all or off",
    ),
}


@pytest.mark.parametrize("own, options, text", MISTAKES.values(), ids=MISTAKES)
def test_mistakes(own: dict[str, Any], options: dict[str, Any], text: str) -> None:
    """A mistake in settings or options is named with its fix."""
    with pytest.raises(RmaError) as caught:
        simulator.make(config.load(**own), **options)
    assert (str(caught.value).startswith(text), caught.value.exit_code) == (True, 2)


HOSTS = {
    "loopback": ("127.0.0.1", "http://127.0.0.1:8320/dlr/simulator/t%2F0"),
    "everywhere": ("0.0.0.0", "http://127.0.0.1:8320/dlr/simulator/t%2F0"),
    "IPv6": ("::1", "http://[::1]:8320/dlr/simulator/t%2F0"),
}


@pytest.mark.parametrize("host, url", HOSTS.values(), ids=HOSTS)
def test_default_callback(host: str, url: str) -> None:
    """DLRs go to the collector of the settings, at an address that can be called; reprs keep its token."""
    plan = simulator.make(config.load(collect_host=host, collect_token="t/0"))
    assert (plan.callback, "t%2F0" in repr(plan)) == (url, False)


ENDS_IN_ONE_LINE = {
    "no such fault": (["--fault", "rain"], "--fault rain: unknown fault 'rain'"),
    "no such address": (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1:0"),
}


@pytest.mark.parametrize("options, text", ENDS_IN_ONE_LINE.values(), ids=ENDS_IN_ONE_LINE)
def test_one_line(options: list[str], text: str) -> None:
    """A mistake ends in one line that names it, and in exit code 2."""
    run = _run("--port", "0", "--callback", "off", *options)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert text in run.stderr


def test_port_taken() -> None:
    """A port in use is said in one line, with exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = _run("--port", str(port), "--callback", "off")
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert f"127.0.0.1:{port} is in use" in run.stderr


def test_explain() -> None:
    """--explain prints every magic number, fault and profile and ends; as JSON too."""
    assert "002  UNDELIV 205 after 5 s" in _run("--explain").stdout
    tables = json.loads(_run("--explain", "--json").stdout)
    assert set(tables) == {"magic_prefix", "magic", "faults", "profiles"}


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, timeout=30, env=os.environ | {"NO_COLOR": "1"}
    )
