"""Collector, callback URL and gateway: real processes and sockets, every outcome in the words a user reads."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.certificates import self_signed
from support.collectors import collector, records
from support.doctoring import TOKEN, find, scene, told

from rmanalytics.checks import Mark
from rmanalytics.collect.started import changed
from rmanalytics.doctor.checks.collector import checked, judge_answer
from rmanalytics.doctor.model import WORDS

ELSEWHERE = {"gateway": "route_mobile", "route_mobile_url": "https://gateway.invalid/bulksms/bulksms"}
"""A host that no name server knows."""


@contextmanager
def answering(status: int, body: bytes = b"", **headers: str) -> Iterator[tuple[int, list[str]]]:
    """An HTTP server that gives one answer; yield its port and the requests it got."""
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            got.append(self.requestline)
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port, got
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that nobody signed, and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_our_collector(tmp_path: Path) -> None:
    """Our collector is recognised, its callback URL refuses a wrong token, and the journal stays empty."""
    with collector(tmp_path / "data", collect_token=TOKEN) as running:
        port = running.address[1]
        on = scene(tmp_path, collect_port=port)
        assert told(find("collector_port", on)) == ("ok", f"the collector answers at 127.0.0.1:{port}", "")
        says = (
            f"http://127.0.0.1:{port}/dlr/route_mobile/… answered 404 to a wrong token, as a collector does"
        )
        assert told(find("callback_url", on)) == ("ok", says, "")
        given = scene(tmp_path, callback_url=f"http://127.0.0.1:{port}/dlr/route_mobile/{TOKEN}")
        assert told(find("callback_url", given)) == ("ok", says, "")
    assert records(tmp_path / "data") == []


def test_our_collector_with_tls_and_an_allow_list(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Its own certificate is believed here, whatever name it has; who is kept out is told why."""
    files = {"collect_tls_cert": certificate[0], "collect_tls_key": certificate[1]}
    given = {name: str(path) for name, path in files.items()} | {"collect_allow": "203.0.113.0/24"}
    with collector(tmp_path / "data", collect_token=TOKEN, **given) as running:
        on = scene(tmp_path, collect_port=running.address[1], collect_allow=given["collect_allow"], **files)
        assert find("collector_port", on).mark is Mark.PASS
        assert told(find("callback_url", on)) == (
            "warning",
            f"https://127.0.0.1:{running.address[1]}/dlr/route_mobile/… answered 403 to a wrong token",
            "RMANALYTICS_COLLECT_ALLOW blocks this machine: check that it lists Route Mobile's networks",
        )


CHANGED = {
    "nothing": ({}, ""),
    "where it listens, which is asked": ({"collect_workers": 2, "collect_log_requests": True}, ""),
    "the token": ({"collect_token": "another-token-of-its-own"}, "RMANALYTICS_COLLECT_TOKEN was"),
    "a relay that was not there": (
        {"relay_url": "https://in1.example.org/cb", "relay_batch": 7},
        "RMANALYTICS_RELAY_URL, RMANALYTICS_RELAY_BATCH were",
    ),
}


@pytest.mark.parametrize("now, named", CHANGED.values(), ids=CHANGED)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_settings_that_changed_since_our_collector_started(
    tmp_path: Path, workers: str, now: dict[str, Any], named: str
) -> None:
    """The collector keeps the settings that it started with; which of them are older is said, without a value."""
    with collector(tmp_path / "data", collect_token=TOKEN, collect_workers=workers) as running:
        port = running.address[1]
        noted = (tmp_path / "data" / "collector.json").read_text()
        mark, says, fix = told(find("collector_port", scene(tmp_path, collect_port=port, **now)))
    if not named:
        assert (mark, says, fix) == ("ok", f"the collector answers at 127.0.0.1:{port}", "")
    else:
        assert (mark, says) == ("fault", f"the collector at 127.0.0.1:{port} started before {named} changed")
        token = "restart both `rmanalytics collect` and `rmanalytics simulate`, which keep the old token until then"
        other = "restart `rmanalytics collect`: it keeps the settings that it started with"
        assert fix == (token if "COLLECT_TOKEN" in named else other)
    assert TOKEN not in noted
    assert (tmp_path / "data" / "collector.json").stat().st_mode & 0o077 == 0


NOTED = {
    "none": None,
    "no JSON": "{",
    "something else": "[1]",
    "without a salt": '{"pid": 1}',
    "of a process that is gone": '{"pid": 4194399, "salt": "s", "settings": {"collect_token": "x"}}',
    "of no process": '{"pid": -1, "salt": "s", "settings": {"collect_token": "x"}}',
    "of a number too large": '{"pid": 1e300, "salt": "s", "settings": {"collect_token": "x"}}',
    "of an endless number": '{"pid": Infinity, "salt": "s", "settings": {"collect_token": "x"}}',
    "of a newer version": '{"pid": 1, "salt": "s", "settings": {"collect_new": "x"}}',
}


@pytest.mark.parametrize("text", NOTED.values(), ids=NOTED)
def test_nothing_is_known_of_the_collectors_settings(tmp_path: Path, text: str | None) -> None:
    """Without a note that can be read, of a process that runs, no setting counts as changed."""
    on = scene(tmp_path)
    on.settings.home.mkdir()
    if text is not None:
        (on.settings.home / "collector.json").write_text(text)
    assert changed(on.settings) == ()


def test_a_free_port(tmp_path: Path) -> None:
    """A free port is fine, and then nobody can be asked."""
    port = free_port()
    on = scene(tmp_path, collect_port=port)
    assert told(find("collector_port", on)) == (
        "ok",
        f"127.0.0.1:{port} is free: no collector is running",
        "",
    )
    fix = "start `rmanalytics collect`, or give --callback URL"
    assert told(find("callback_url", on)) == ("not_checked", "no collector answers", fix)


def test_any_port(tmp_path: Path) -> None:
    """Port 0 is no port to look at."""
    says = "RMANALYTICS_COLLECT_PORT is 0: a free port is used"
    assert told(find("collector_port", scene(tmp_path))) == ("not_checked", says, "")


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    """An address that is not ours is a fault."""
    mark, says, fix = told(
        find("collector_port", scene(tmp_path, collect_host="203.0.113.1", collect_port=8320))
    )
    assert (mark, says) == ("fault", "cannot listen on 203.0.113.1:8320: Cannot assign requested address")
    assert fix.startswith("give an address of this machine with --host or RMANALYTICS_COLLECT_HOST")


def test_another_program_on_the_port(tmp_path: Path) -> None:
    """Somebody else on the port is named with the process."""
    words = "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), h.BaseHTTPRequestHandler); "
    words += "print(s.server_port, flush=True); s.serve_forever()"
    command = [sys.executable, "-c", words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as other:
        try:
            assert other.stdout is not None
            port = int(other.stdout.readline())
            mark, says, fix = told(find("collector_port", scene(tmp_path, collect_port=port)))
        finally:
            other.kill()
    assert mark == "fault"
    assert re.fullmatch(
        rf"127[.]0[.]0[.]1:{port} is in use by process {other.pid} \(python[\d.]*\) that is not a collector "
        r"\(/healthz answered 501\)",
        says,
    )
    assert fix == "stop it, or choose another port with RMANALYTICS_COLLECT_PORT"


def test_a_collector_that_cannot_write(tmp_path: Path) -> None:
    """A collector whose journal is sick says so itself."""
    body = b"the journal cannot be written: No space left on device\n"
    with answering(503, body) as (port, _):
        assert told(find("collector_port", scene(tmp_path, collect_port=port))) == (
            "fault",
            f"the collector at 127.0.0.1:{port}: the journal cannot be written: No space left on device",
            "free disk space, or fix the permissions of the home",
        )


def test_no_http_on_the_port(tmp_path: Path) -> None:
    """Somebody who does not speak HTTP is no collector."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        found = find("collector_port", scene(tmp_path, collect_port=port))
    assert found.mark is Mark.FAIL
    assert found.says.endswith("that is not a collector (no answer in time)")


ANSWERS = {
    "ours": (404, True, Mark.PASS, "", ""),
    "without TLS": (404, False, Mark.WARNING, ", without TLS", "give Route Mobile an https URL"),
    "kept out": (403, True, Mark.WARNING, "", "RMANALYTICS_COLLECT_ALLOW blocks this machine"),
    "takes anything": (200, True, Mark.FAIL, ", a collector answers 404", "route this path to the collector"),
    "elsewhere": (301, True, Mark.FAIL, ", a collector answers 404", "route this path to the collector"),
    "broken proxy": (502, True, Mark.FAIL, ", a collector answers 404", "route this path to the collector"),
}


@pytest.mark.parametrize("status, is_encrypted, mark, says, fix", ANSWERS.values(), ids=ANSWERS)
def test_answers_to_a_wrong_token(status: int, is_encrypted: bool, mark: Mark, says: str, fix: str) -> None:
    """Only a 404 is what a collector says."""
    found = judge_answer("https://x/…", status, is_encrypted=is_encrypted, gateway="Route Mobile")
    assert found.mark is mark
    assert found.says.startswith(f"https://x/… answered {status} to a wrong token{says}")
    assert found.fix.startswith(fix)


def test_the_real_token_is_not_sent(tmp_path: Path) -> None:
    """Of a callback URL with token, account and query only the path goes out, with a wrong token."""
    with answering(200, b"ok\n") as (port, got):
        url = f"http://user:pw@127.0.0.1:{port}/sms/dlr/route_mobile/{TOKEN}?a={TOKEN}"
        found = find("callback_url", scene(tmp_path, callback_url=url))
    assert got == ["GET /sms/dlr/route_mobile/doctor-no-token HTTP/1.1"]
    assert found.mark is Mark.FAIL
    assert found.says.startswith(f"http://127.0.0.1:{port}/sms/dlr/route_mobile/… answered 200")


def test_nobody_at_the_callback_url(tmp_path: Path) -> None:
    """A callback URL without anybody is a fault."""
    port = free_port()
    url = checked(f"http://127.0.0.1:{port}/dlr/route_mobile/x")
    mark, says, fix = told(find("callback_url", scene(tmp_path, callback_url=url)))
    assert (mark, fix) == ("fault", "start the collector there; check proxy, DNS and firewall")
    assert says.startswith(f"http://127.0.0.1:{port}/dlr/route_mobile/…: no connection: ")


def test_a_simulator_in_reach(tmp_path: Path) -> None:
    """A gateway on this machine is looked at without being asked to, by a connection alone."""
    with answering(200) as (port, got):
        found = find("gateway", scene(tmp_path, simulate_port=port))
    assert (told(found), got) == (("ok", f"127.0.0.1:{port}: reachable", ""), [])


OUT_OF_REACH = {
    "simulator": (
        {},
        False,
        "warning",
        "connection refused",
        "start `rmanalytics simulate` before you send",
        False,
    ),
    "simulator, asked": (
        {},
        True,
        "fault",
        "connection refused",
        "start `rmanalytics simulate`, or correct",
        True,
    ),
    "a real account's, on this machine": (
        {
            "gateway": "route_mobile",
            "route_mobile_username": "u",
            "route_mobile_password": "p",
            "route_mobile_url": "http://127.0.0.1:9/bulksms/bulksms",
            "route_mobile_international_url": "http://127.0.0.1:9/bulksms/bulksms",
        },
        False,
        "fault",
        "connection refused",
        "start what listens there, or correct RMANALYTICS_ROUTE_MOBILE_URL",
        True,
    ),
    "elsewhere, not asked": (
        ELSEWHERE,
        False,
        "not_checked",
        "gateway.invalid:443: not on this machine",
        "add --online",
        False,
    ),
    "unknown host": (
        ELSEWHERE,
        True,
        "fault",
        "gateway.invalid:443: unknown host",
        "check firewall, DNS",
        True,
    ),
}


@pytest.mark.parametrize("flags, is_online, mark, says, fix, away", OUT_OF_REACH.values(), ids=OUT_OF_REACH)
def test_a_gateway_out_of_reach(
    flags: dict[str, str], is_online: bool, mark: str, says: str, fix: str, away: bool, tmp_path: Path
) -> None:
    """Hosts elsewhere are contacted only when asked to; then who is out of reach is a fault of its own."""
    found = find("gateway", scene(tmp_path, is_online=is_online, simulate_port=free_port(), **flags))
    assert (WORDS[found.mark], found.is_unreachable) == (mark, away)
    assert says in found.says
    assert found.fix.startswith(fix)


def test_tls_of_the_gateway(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """A certificate nobody signed, and a port without TLS, are told apart."""
    given = {"collect_tls_cert": str(certificate[0]), "collect_tls_key": str(certificate[1])}
    with collector(tmp_path / "data", **given) as running, answering(200) as (plain, _):
        ports = {
            running.address[1]: "its certificate is not valid: self-signed certificate",
            plain: "it answers, but not in TLS",
        }
        for port, why in ports.items():
            on = scene(tmp_path, is_online=True, route_mobile_url=f"https://127.0.0.1:{port}/bulksms/bulksms")
            assert find("gateway", on).says == f"127.0.0.1:{port}: {why}"
            assert ("write http://" in find("gateway", on).fix) is (port == plain)


CLOCKS = {"right": (0, "ok"), "behind": (120, "warning"), "wrong": (-3600, "fault")}


@pytest.mark.parametrize("ahead_s, mark", CLOCKS.values(), ids=CLOCKS)
def test_the_clock_of_the_gateway(ahead_s: float, mark: str, tmp_path: Path) -> None:
    """When asked to, the clock is compared with the Date of an answer to HEAD /."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead_s), usegmt=True)
    with answering(404, Date=date) as (port, got):
        found = find("clock", scene(tmp_path, is_online=True, simulate_port=port))
    assert (WORDS[found.mark], got) == (mark, ["HEAD / HTTP/1.1"])
    assert "the gateway's clock; nothing recorded yet" in found.says
