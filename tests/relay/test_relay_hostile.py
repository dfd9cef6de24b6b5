"""What is meant to be too much for the relay: every good DLR beside it is relayed, in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.hostile import BODIES, hostile
from support.records import raw_callback
from support.relaying import callback, counts, home, meta, relay_all, write
from support.standin import standing_in

from rmanalytics import gateways

MOST_KB = 1_000_000
_ONCE = """
import re, sys
from rmanalytics import config
from rmanalytics.relay.run import run
run(config.load(home=sys.argv[1], relay_url=sys.argv[2]), once=True)
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
"""Not `ru_maxrss`, which a process inherits from the one that started it."""


def of_route_mobile(body: str, n: int) -> dict[str, Any]:
    """A hostile callback of a gateway that is relayed."""
    return hostile(body, n) | {"gateway": "route_mobile"}


def test_good_ones_are_relayed_beside_hostile_ones(tmp_path: Path) -> None:
    """Of good callbacks between hostile ones of every kind each is relayed, and memory stays bounded."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        lines: list[dict[str, Any]] = []
        for n, body in enumerate([*BODIES.values()] * 2):
            lines += [callback(2 * n), of_route_mobile(body, n), callback(2 * n + 1)]
        write(settings, lines)
        command = [sys.executable, "-c", _ONCE, str(settings.home), there.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        relay_all(settings)
    n_good = 4 * len(BODIES)
    assert there.answered == dict.fromkeys([(meta(n), "delivered") for n in range(n_good)], 1)
    assert counts(settings)["relayed"] == n_good
    assert int(done.stdout) < MOST_KB


def test_a_slice_that_fails_is_halved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that makes its whole slice fail costs only itself, in the relay as in ingest."""
    plain = gateways.READERS["route_mobile"]

    class Fragile:
        """A reader that fails on every relation in which `hostile0` is."""

        def dlrs(self) -> str:
            """Return what Route Mobile's reader finds, or fail."""
            broken = "CASE WHEN callback_id = 'hostile0' THEN error('too much') ELSE callback_id END"
            query = plain(settings).dlrs()
            return f"WITH callbacks AS (SELECT * REPLACE ({broken} AS callback_id) FROM callbacks) FROM ({query})"

    with standing_in() as there:
        settings = home(tmp_path, there.url)
        monkeypatch.setitem(gateways.READERS, "route_mobile", lambda _settings: Fragile())
        write(settings, [*map(callback, range(7)), of_route_mobile("a=b", 0), *map(callback, range(7, 20))])
        relay_all(settings)
    assert there.answered == dict.fromkeys([(meta(n), "delivered") for n in range(20)], 1)


OTHERS: dict[str, tuple[str, dict[str, str], tuple[str, dict[str, Any]]]] = {
    "CleverTap's shape, delivered": (
        "clevertap_shaped",
        {"body": f'[{{"event":"delivered","data":[{{"ts":1735689665,"meta":"{meta(1)}"}}]}}]'},
        ("delivered", {"ts": 1735689665, "meta": meta(1), "description": "Delivered"}),
    ),
    "CleverTap's shape, with its own code": (
        "clevertap_shaped",
        {"body": f'[{{"event":"failed","data":[{{"ts":1735689665,"meta":"{meta(1)}","code":"913"}}]}}]'},
        (
            "failed",
            {"ts": 1735689665, "meta": meta(1), "code": "913", "description": "NDNC Rejected"},
        ),
    ),
    "Kannel": (
        "kannel",
        {"query": f"id={meta(1)}&status=34&ts=1735689665"},
        ("failed", {"ts": 1735689665, "meta": meta(1), "code": "916", "description": "Expired"}),
    ),
    "a list under a key": (
        "route_mobile",
        {"body": f'{{"dlrs": [{{"msgid": "{meta(1)}", "sStatus": "DELIVRD", "dtDone": "1735689665"}}]}}'},
        ("delivered", {"ts": 1735689665, "meta": meta(1), "description": "Delivered"}),
    ),
    "a code of Route Mobile's that looks like CleverTap's": (
        "route_mobile",
        {"query": f"msgid={meta(1)}&sStatus=UNDELIV&iErrCode=913&dtDone=1735689665"},
        ("failed", {"ts": 1735689665, "meta": meta(1), "code": "914", "description": "Undelivered"}),
    ),
}


@pytest.mark.parametrize("gateway, given, expected", OTHERS.values(), ids=OTHERS)
def test_what_ingest_reads_is_relayed(
    tmp_path: Path, gateway: str, given: dict[str, str], expected: tuple[str, dict[str, Any]]
) -> None:
    """Callbacks of every reader and form are relayed, in CleverTap's codes."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        write(settings, [raw_callback(method="POST", **given) | {"gateway": gateway}])
        relay_all(settings)
    event, item = expected
    assert there.bodies == [[{"event": event, "data": [item]}]]
