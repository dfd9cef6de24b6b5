"""DLR callbacks as they reach a collector: fields, times, magic numbers, trying again, ending."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from support.receiver import Receiver, receiving
from support.simulating import Client

from rmanalytics import config, simulator
from rmanalytics.simulator import magic, operators

STAMP = "%Y-%m-%d %H:%M:%S"
NAMES = [
    *("sSender", "sMobileNo", "sStatus", "dtSubmit", "dtDone", "sMessageId", "iCostPerSms"),
    *("iCharge", "iMCCMNC", "iErrCode", "sTagName", "sUdf1", "sUdf2"),
]


@pytest.mark.parametrize("method", simulator.Method)
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "UTC"])
def test_fields(
    start: Callable[..., Client], receiver: Receiver, method: simulator.Method, zone: str
) -> None:
    """A DLR has Route Mobile's fields in its order, the submission's id, cost by parts, times in the zone."""
    client = start({"route_mobile_timezone": zone}, callback_method=method)
    before = datetime.now(UTC).replace(microsecond=0)
    answer = client.submit(message="é" * 161, tagname="camp 42", udf1="a&b")
    [got] = receiver.wait(1)
    fields = got.fields
    assert got.method == method or method == "mixed"
    assert got.content_type == ("application/x-www-form-urlencoded" if got.method == "POST" else None)
    assert (got.path, bool(got.query)) == ("/dlr/simulator/t0ken", got.method == "GET")
    assert list(fields) == NAMES
    submitted, done = (
        datetime.strptime(fields.pop(name), STAMP).replace(tzinfo=ZoneInfo(zone))
        for name in ("dtSubmit", "dtDone")
    )
    assert before <= submitted <= datetime.now(UTC)
    assert timedelta(0) < done - submitted < timedelta(minutes=2)
    assert fields == {
        "sSender": "TESTSM",
        "sMobileNo": "919800000001",
        "sStatus": "DELIVRD",
        "sMessageId": answer.split("|")[2],
        "iCostPerSms": "0.1200",
        "iCharge": "0.2400",
        "iMCCMNC": operators.of_number("919800000001", 1)[1],
        "iErrCode": "0",
        "sTagName": "camp 42",
        "sUdf1": "a&b",
        "sUdf2": "",
    }


def test_a_get_is_written_as_in_the_sample(start: Callable[..., Client], receiver: Receiver) -> None:
    """A GET has blanks as %20 and bare colons, a callback URL with a query keeps it."""
    client = start(callback=receiver.url + "?key=1", callback_method=simulator.Method.GET)
    client.submit()
    [got] = receiver.wait(1)
    stamp = r"20\d\d-\d\d-\d\d%20\d\d:\d\d:\d\d"
    assert re.match(
        rf"key=1&sSender=TESTSM&sMobileNo=919800000001&sStatus=DELIVRD&dtSubmit={stamp}&dtDone={stamp}&",
        got.query,
    )


ECHOES = {
    "none": ("", "", "camp42"),
    "sUdf1": ("m-1", "", "camp42"),
    "sUdf2": ("", "m-1", "camp42"),
    "sTagName": ("", "", "m-1"),
    "sMessageId": ("", "", "camp42"),
}


@pytest.mark.parametrize("echo, expected", ECHOES.items(), ids=ECHOES)
def test_echo_of_msgid(
    start: Callable[..., Client],
    receiver: Receiver,
    tmp_path: Path,
    echo: str,
    expected: tuple[str, str, str],
) -> None:
    """The profile says which field gives msgid back; by default none does."""
    path = tmp_path / "echo.toml"
    path.write_text(f'echo_msgid = "{echo}"\noutcomes = [{{ ending = "DELIVRD", share = 1 }}]\n')
    start(profile_name=str(path)).submit(msgid="m-1", tagname="camp42")
    fields = receiver.wait(1)[0].fields
    assert (fields["sUdf1"], fields["sUdf2"], fields["sTagName"]) == expected
    assert (fields["sMessageId"] == "m-1") is (echo == "sMessageId")


REPORTED = {
    "001": [("DELIVRD", "0")],
    "002": [("UNDELIV", "205")],
    "004": [("REJECTD", "633")],
    "005": [("ACCEPTED", "0"), ("ENROUTE", "0")],
    "006": [],
    "007": [("DEFERRED", "0")],
    "008": [("UNKNOWN", "0")],
    "009": [("DELETED", "36")],
    "010": [("ACCEPTED", "0"), ("ENROUTE", "0"), ("DELIVRD", "0")],
    "012": [("UNDELIV", "205"), ("DELIVRD", "0")],
    "013": [("DELIVRD", "0"), ("UNDELIV", "205")],
    "014": [("DELIVRD", "002")],
    "015": [("UNDELIV", "20b")],
    "016": [("DELIVRD", "NULL")],
    "017": [("DELIVRD", "0")],
    "018": [("DELIVRD", "0")],
    "021": [("DELIVRD", "0"), ("ACCEPTED", "0"), ("ENROUTE", "0")],
    "022": [("DELIVRD", "0")],
    "023": [("DELIVRD", "0")],
    "024": [("DELIVRD", "0")],
    "025": [("", ""), ("", "")],
    "026": [("DELIVRD", "0")],
    "615": [("REJECTD", "615")],
    "650": [("REJECTD", "650")],
    "999": [("DELIVRD", "0")],
}


def test_magic_numbers(start: Callable[..., Client], receiver: Receiver) -> None:
    """The last three digits of a magic number choose words, codes and order; others follow the profile.

    What cannot be parsed names no number: that of 026 is counted with that of 025.
    """
    told: dict[str, list[tuple[str, str]]] = {digits: [] for digits in REPORTED}
    start(speed=5.0).submit(destination=",".join(f"919999900{digits}" for digits in REPORTED))
    for got in receiver.wait(sum(map(len, REPORTED.values()))):
        told[got.fields.get("sMobileNo", "919999900025")[-3:]].append(got.says)
    assert told == REPORTED


def test_magic_times(start: Callable[..., Client], receiver: Receiver) -> None:
    """017 is done before it was submitted, 018 on a day that does not exist."""
    start().submit(destination="919999900017,919999900018")
    done = {got.fields["sMobileNo"][-3:]: got.fields for got in receiver.wait(2)}
    assert done["017"]["dtDone"] < done["017"]["dtSubmit"]
    assert done["018"]["dtDone"] == "0000-00-00 00:00:00"


ANSWERED = {
    "030": "1706",
    "031": "1032",
    "032": "1028",
    "033": "1033",
    "034": "1035",
    "035": "1799",
    "040": "1025",
    "042": "1709",
    "043": "1715",
    "044": "1715",
}


@pytest.mark.parametrize("digits, code", ANSWERED.items(), ids=ANSWERED)
def test_magic_answers(start: Callable[..., Client], digits: str, code: str) -> None:
    """Some magic numbers are refused with a code of their own."""
    answer = start(callback="off").submit(destination=f"919999900{digits}")
    assert answer in {code, f"{code}|919999900{digits}"}


PREFIXES = {
    "the narrow prefix": (magic.PREFIX, "1032|919999900031", "1701"),
    "all numbers": ("all", "1032|919999900031", "1032"),
    "none": ("off", "1701", "1701"),
    "another prefix": ("9198", "1701", "1032"),
}


@pytest.mark.parametrize("prefix, magical, plain", PREFIXES.values(), ids=PREFIXES)
def test_which_numbers_are_magic(start: Callable[..., Client], prefix: str, magical: str, plain: str) -> None:
    """By default only a narrow prefix is magic; all, none, or another prefix can be asked for."""
    client = start(callback="off", magic_numbers=prefix)
    assert client.submit(destination="919999900031").startswith(magical)
    assert client.submit(destination="919800000031").startswith(plain)


def test_no_report_wanted(start: Callable[..., Client], receiver: Receiver) -> None:
    """A message with dlr=0 is accepted and causes no callback."""
    client = start()
    client.submit(dlr="0")
    client.submit(destination="919800000002")
    assert [got.fields["sMobileNo"] for got in receiver.wait(1)] == ["919800000002"]
    assert client.sim.state()["dlrs"]["n_planned"] == 1


def test_a_scrubber_stops_messages(start: Callable[..., Client], receiver: Receiver) -> None:
    """The scrubber sees what was submitted; the code it returns comes as a rejection."""

    def scrub(message: simulator.Received) -> str | None:
        return None if message.template_id == "1107000000000000001" else "630"

    client = start(scrub=scrub)
    client.submit(destination="919800000001,919999900002")
    client.submit(destination="919800000003", entityid="1101000000000000001", tempid="1107000000000000001")
    told = {got.fields["sMobileNo"]: got.says for got in receiver.wait(3)}
    assert told == {
        "919800000001": ("REJECTD", "630"),
        "919999900002": ("UNDELIV", "205"),
        "919800000003": ("DELIVRD", "0"),
    }


def test_pushes_again_until_the_collector_is_back(start: Callable[..., Client]) -> None:
    """A DLR that finds nobody listening is pushed again and arrives once the collector is back."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    client = start(callback=f"http://127.0.0.1:{port}/dlr/simulator/t0ken")
    client.submit()
    _until(lambda: client.sim.state()["dlrs"]["n_retried"] >= 1)
    told = client.sim.state()["dlrs"]
    assert (told["n_failing"], told["n_pending"], told["failure"]) == (1, 1, "connection refused")
    with receiving(port) as late:
        assert late.wait(1)[0].says == ("DELIVRD", "0")
    _until(lambda: client.sim.state()["dlrs"]["n_pushed"] == 1)
    told = client.sim.state()["dlrs"]
    assert (told["n_failing"], told["n_lost"]) == (0, 0)


def test_lost_after_some_tries(start: Callable[..., Client], receiver: Receiver) -> None:
    """A collector that answers 201 is asked again three times, then the DLR counts as lost."""
    receiver.status = 201
    client = start(retries_s=(0.05, 0.05, 0.05))
    client.submit()
    assert len(receiver.wait(4)) == 4
    _until(lambda: client.sim.state()["dlrs"]["n_lost"] == 1)
    told = client.sim.state()["dlrs"]
    assert all(0 <= time.time() - told.pop(name) < 60 for name in ("lost_at", "failed_at"))
    assert told == {
        "n_planned": 1,
        "n_pushed": 0,
        "n_retried": 3,
        "n_failing": 0,
        "failure": "HTTP 201",
        "n_lost": 1,
        "n_pending": 0,
        "next_s": 0.0,
    }


LATE = {
    "919999900003": ("EXPIRED", "32"),
    "919999900011": ("DELIVRD", "0"),
    "919999900633": ("REJECTD", "633"),
}
ENDS = {"reported as not pushed": (0.0, 0, 3), "pushed at the end": (5.0, 3, 0)}


@pytest.mark.parametrize("drain_s, n_pushed, n_pending", ENDS.values(), ids=ENDS)
def test_end_with_reports_due_later(
    receiver: Receiver, drain_s: float, n_pushed: int, n_pending: int
) -> None:
    """What is not due at the end is counted as not pushed, or pushed at once where that is asked for."""
    plan = simulator.make(config.load(simulate_port=0), callback=receiver.url, drain_s=drain_s)
    with simulator.running(plan) as sim, httpx.Client() as http:
        Client(sim, http).submit(destination=",".join(LATE))
    told = {got.fields["sMobileNo"]: got.says for got in receiver.got}
    assert told == (LATE if n_pushed else {})
    assert f"{n_pushed} pushed, 0 lost, {n_pending} not pushed" in simulator.farewell(sim.state())


def test_end_with_a_callback_under_way(receiver: Receiver) -> None:
    """A slow callback that is cut at the end is counted as not pushed, with how to have it pushed."""
    plan = simulator.make(
        config.load(simulate_port=0),
        callback=receiver.url,
        profile_name="clean",
        speed=1000,
        fault=["slow_callback=1"],
    )
    with simulator.running(plan) as sim, httpx.Client() as http:
        Client(sim, http).submit(destination="919800000001")
        time.sleep(0.5)
    assert simulator.farewell(sim.state()).endswith(
        "0 pushed, 0 lost, 1 not pushed (--drain SECONDS pushes them on exit)"
    )


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
