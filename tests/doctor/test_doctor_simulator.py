"""What doctor knows of the simulator and the registry before a message is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from support.doctoring import TOKEN, find, scene, told
from support.proving import free_port

from rmanalytics import config, simulator
from rmanalytics.imports import bring_in
from rmanalytics.support import resources

NAME, KEY = "RMANALYTICS_ROUTE_MOBILE_HEADER", "restart `rmanalytics simulate` without"
ACCOUNT = {"route_mobile_header": "ACMEBK", "route_mobile_entity_id": "1101000000000000001"}
STATES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "all is right": ({}, {}, "it plays no fault, and its DLRs go to this home's collector", ""),
    "faults": (
        {"fault": ["unregistered", "utc_times=0.5", "no_echo=0"]},
        {},
        "it plays faults: unregistered, utc_times",
        f"{KEY} --fault, unless you want to see them; `--explain` says what they do",
    ),
    "other headers": (
        {"headers": ["OTHERS"]},
        {},
        "its account has the headers OTHERS, but not ACMEBK",
        f"{KEY} --header, or set {NAME}",
    ),
    "no credit": ({"credits_left": 0}, {}, "its account has no credit left", f"{KEY} --credits"),
    "a wrong path": (
        {},
        {"path": "/bulksms/none"},
        "/bulksms/none is not one of its endpoints",
        "correct RMANALYTICS_ROUTE_MOBILE_URL: its endpoints are /bulksms/bulksms, /bulksms/jsonbulksms, ",
    ),
    "no callback": ({"callback": "off"}, {}, "it pushes no DLRs", f"{KEY} --callback"),
    "another collector": (
        {"callback": "http://127.0.0.1:9/dlr/simulator/x"},
        {},
        "its DLRs go to http://127.0.0.1:9/dlr/simulator/***, this home's collector is http://127.0.0.1:",
        f"{KEY} --callback",
    ),
}


@pytest.mark.parametrize("options, ours, says, fix", STATES.values(), ids=STATES)
def test_the_running_simulator(
    options: dict[str, Any], ours: dict[str, Any], says: str, fix: str, tmp_path: Path
) -> None:
    """What would let each test fail is said with its fix, and nothing is sent for it."""
    port = free_port()
    given = {"home": tmp_path / "data", "collect_token": TOKEN, "collect_port": port, **ACCOUNT}
    plan = simulator.make(config.load(**given, simulate_port=0), **({"profile_name": "clean"} | options))
    with simulator.running(plan) as there:
        url = there.url + ours.get("path", "/bulksms/bulksms")
        found = find("simulator", scene(tmp_path, collect_port=port, route_mobile_url=url, **ACCOUNT))
        assert there.state()["n_requests"] == 0
    assert told(found)[0] == ("warning" if fix else "ok")
    assert found.says.startswith(says) and found.fix.startswith(fix)
    assert TOKEN not in str(found)


def test_callbacks_that_failed(tmp_path: Path) -> None:
    """A callback that nobody took is named, with why."""
    port = free_port()
    given = {"home": tmp_path / "data", "collect_token": TOKEN, "collect_port": port}
    plan = simulator.make(
        config.load(**given, simulate_port=0), profile_name="clean", retries_s=(), speed=1e4
    )
    with simulator.running(plan) as there:
        url = there.endpoint()
        sent = {"type": "0", "dlr": "1", "destination": "919800000001", "source": "A", "message": "x"}
        httpx.get(url, params={"username": "u", "password": "p", **sent}).raise_for_status()
        while not there.state()["dlrs"]["n_lost"]:
            pass
        found = find("simulator", scene(tmp_path, collect_port=port, route_mobile_url=url))
    assert told(found) == (
        "warning",
        "its last failed callback: connection refused",
        "start `rmanalytics collect`, or restart both after the token was changed",
    )


def test_no_simulator(tmp_path: Path) -> None:
    """One that does not run, and a home of a real account, are not judged."""
    assert told(find("simulator", scene(tmp_path, simulate_port=free_port())))[0] == "not_checked"
    real = scene(tmp_path, gateway="route_mobile", route_mobile_username="u", route_mobile_password="p")
    assert told(find("simulator", real)) == ("not_checked", "the gateway is route_mobile", "")


REGISTERED = {
    "both": (ACCOUNT, "ok", "fits "),
    "none set": ({}, "ok", "fits "),
    "a header of others": (
        {"route_mobile_header": "OTHERS"},
        "warning",
        f"{NAME} OTHERS is that of none of ",
    ),
    "an entity of others": (
        {"route_mobile_entity_id": "1101000000000000009"},
        "warning",
        "RMANALYTICS_ROUTE_MOBILE_ENTITY_ID 1101000000000000009 is that of none of ",
    ),
}


@pytest.mark.parametrize("ours, mark, says", REGISTERED.values(), ids=REGISTERED)
def test_header_and_entity(ours: dict[str, str], mark: str, says: str, tmp_path: Path) -> None:
    """Header and entity that no imported template knows would be rejected by DLT."""
    on = scene(tmp_path, **ours)
    assert told(find("registration", on))[0] == "not_checked"
    bring_in(on.settings, "templates", resources.samples() / "templates.csv")
    assert told(find("registration", on))[0] == mark
    assert find("registration", on).says.startswith(says)
