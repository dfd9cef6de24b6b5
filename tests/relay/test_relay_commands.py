"""The relay's commands, and the relay beside the collector, as people use them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import command
from support.collectors import WAIT_S, exchange, request
from support.relaying import callback, home, meta, relay_all, write
from support.standin import OK, RESET_AFTER, Reply, StandIn, standing_in

from rmanalytics import gateways, relay
from rmanalytics.config import load
from rmanalytics.errors import ConfigError, RelayFault
from rmanalytics.ingest.run import ingest
from rmanalytics.relay.run import exclusive, run
from rmanalytics.relay.supervisor import supervised

META = "919800000001.1700000001.1735689600.20250101.0.wzrk_default.-1000001."
TOKEN = "t0ken-never-shown"
UNPRIVILEGED = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    if hasattr(os, "geteuid") and os.geteuid() == 0
    else ()
)
"""Before a command: root may write anywhere otherwise."""


def rmanalytics(home: Path, *words: str, url: str = "", **other: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a home."""
    given = {"RMANALYTICS_RELAY_URL": url} if url else {}
    return command.run(*words, "--home", str(home), cwd=home.parent, **given, **other)


def test_a_person_decides(tmp_path: Path) -> None:
    """What is parked or unclear is listed with its number masked, and goes again only when told so."""
    with standing_in(
        lambda events, n: Reply(status=400) if n == 0 else RESET_AFTER if n == 1 else OK
    ) as there:
        settings = home(tmp_path, there.url)
        for number in (1, 2):
            write(settings, [callback(number)])
            relay_all(settings)
        listed = rmanalytics(settings.home, "relay", "parked")
        refused = rmanalytics(settings.home, "relay", "retry", "--all", "--unclear")
        unknown = rmanalytics(settings.home, "relay", "retry", "--id", "77")
        retried = rmanalytics(settings.home, "relay", "retry", "--all", "--unclear", "--yes")
        relay_all(settings)
    assert [line.split("  ")[:5] for line in listed.stdout.splitlines()] == [
        ["1", "parked", "clevertap", "delivered", META.replace("91980000", "9198****")],
        ["2", "unclear", "clevertap", "delivered", META.replace("919800000001", "9198****0002")],
    ]
    assert (refused.returncode, unknown.returncode) == (2, 2)
    assert "1 are unclear: CleverTap may have them already" in refused.stderr
    assert "not parked or unclear: 77" in unknown.stderr
    assert (retried.stdout, relay.stuck(settings)) == ("2 will be retried with the next run\n", [])
    assert there.answered == {(meta(1), "delivered"): 1, (meta(2), "delivered"): 1}


def test_status(tmp_path: Path) -> None:
    """`relay status` and `status` tell counts, lag and the last error; the account in the URL stays hidden."""
    with standing_in(lambda _e, _n: Reply(status=503, headers={"Retry-After": "3600"})) as there:
        settings = home(tmp_path, there.url)
        write(settings, [callback(1)])
        once = rmanalytics(settings.home, "relay", "run", "--once", url=there.url)
        ingest(settings)
        said = [
            rmanalytics(settings.home, *words, url=there.url)
            for words in (("relay", "status"), ("status",), ("status", "--json"))
        ]
    (one,) = json.loads(said[2].stdout)["relay"]
    assert once.returncode == 4
    assert (one["n_waiting"], one["n_relayed"], one["last_error"]) == (1, 0, "HTTP 503")
    assert one["retry_at"] is not None
    assert one["lag_s"] > 3600
    for done in said[:2]:
        assert "0 relayed, 1 waiting, 0 parked, 0 unclear" in done.stdout
    assert "SECRET" not in "".join(done.stdout + done.stderr for done in (*said, once))


def test_nothing_is_set(tmp_path: Path) -> None:
    """Without a URL the relay says which setting it needs."""
    done = rmanalytics(tmp_path / "data", "relay", "run")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "not set: RMANALYTICS_RELAY_URL" in done.stderr


@pytest.mark.parametrize(
    "url", ["http://in1.cb.wzrkt.com/sms/generic?account=SECRET", "in1.cb.wzrkt.com", "https://"]
)
def test_an_url_must_be_https(url: str) -> None:
    """Elsewhere than on this machine only https will do; the fault does not show the URL."""
    with pytest.raises(
        ConfigError, match=r"RELAY_URL: (must be a complete https URL|must be a complete http|has no host)"
    ) as raised:
        load(relay_url=url)
    assert "SECRET" not in str(raised.value)


def listening(process: subprocess.Popen[str]) -> tuple[str, int]:
    """Return the address that `collect` says."""
    assert process.stderr is not None
    for line in process.stderr:
        if "listening on http://" in line:
            assert [name for name in gateways.READERS if f"/dlr/{name}/****" not in line] == []
            host, _, port = line.split("//")[1].partition("/")[0].partition(":")
            return host, int(port)
    raise AssertionError("collect ended")


def until(there: StandIn, n: int) -> None:
    """Wait until so many events were answered."""
    deadline = time.monotonic() + WAIT_S
    while len(there.answered) < n and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_beside_the_collector(tmp_path: Path, number: int) -> None:
    """`collect` relays what comes in, and its relay ends with it, however that ends."""
    with standing_in() as there:
        given = {"RELAY_URL": there.url, "RELAY_INTERVAL_S": "0.05", "COLLECT_TOKEN": TOKEN}
        process = subprocess.Popen(
            [sys.executable, "-m", "rmanalytics", "collect", "--port", "0", "--home", str(tmp_path / "data")],
            env=os.environ | {f"RMANALYTICS_{name}": value for name, value in given.items()},
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            address = listening(process)
            query = f"sStatus=DELIVRD&sMobileNo=919800000001&msgid={META}"
            status, _, _ = exchange(address, request("GET", f"/dlr/route_mobile/{TOKEN}?{query}"))
            until(there, 1)
            _, _, metrics = exchange(address, request("GET", "/metrics"))
            process.send_signal(number)
            process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
            process.communicate(timeout=WAIT_S)
        assert b'rmanalytics_relay_waiting{channel="clevertap"} 0.0' in metrics
        assert (status, there.answered) == (200, {(META, "delivered"): 1})
        _until_let_go(tmp_path / "data", there.url)


def test_another_relay_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """While another relay holds the home the collector's own says so once, and takes over when that ends."""
    with standing_in() as there:
        monkeypatch.setenv("RMANALYTICS_RELAY_URL", there.url)
        settings = home(tmp_path, there.url)
        write(settings, [callback(1)])
        with supervised(settings, again_s=0.01):
            with exclusive(settings.home / "relay"):
                said, deadline = "", time.monotonic() + WAIT_S
                while "another relay is running" not in said and time.monotonic() < deadline:
                    time.sleep(0.05)
                    said += capfd.readouterr().err
                time.sleep(2)
            until(there, 1)
        said += capfd.readouterr().err
    assert (said.count("another relay is running"), there.answered) == (1, {(meta(1), "delivered"): 1})


def _until_let_go(home_: Path, url: str) -> None:
    """Return once a relay can run on the home: the child is gone."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            run(load(home=home_, relay_url=url), once=True)
        except RelayFault:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.skipif(bool(UNPRIVILEGED) and not shutil.which("setpriv"), reason="root, and no setpriv")
def test_a_ledger_that_may_only_be_read(tmp_path: Path) -> None:
    """A read-only home's ledger is read as it is, also beside a log that was left there; to write it is refused."""
    settings = home(tmp_path, "http://127.0.0.1:9/x")
    write(settings, [callback(1)])
    run(settings, once=True)
    before = relay.read_status(settings)
    script = f"""
from pathlib import Path
from rmanalytics import config, relay
settings = config.load(home=Path({str(settings.home)!r}), relay_url="http://127.0.0.1:9/x")
print(relay.read_status(settings).n_waiting, relay.progress(settings, ["x"]).n_waiting, relay.stuck(settings))
relay.hurry(settings)
"""
    folder = settings.home / "relay"
    folder.chmod(0o555)
    for file in folder.iterdir():
        file.chmod(0o444)
    try:
        done = subprocess.run([*UNPRIVILEGED, sys.executable, "-c", script], capture_output=True, text=True)
    finally:
        folder.chmod(0o755)
    assert (before.n_waiting, done.stdout) == (1, "1 1 []\n")
    assert "ledger.sqlite: no write permission: run this as the user who owns it" in done.stderr
