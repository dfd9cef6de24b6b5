"""Each fault on demand, as a client and a collector meet it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import orjson
import pytest
from support.receiver import Receiver
from support.simulating import FIELDS, Client

from rmanalytics.errors import BadInput
from rmanalytics.simulator import Method, faults
from rmanalytics.simulator.fate import GARBAGE, UNKNOWN_WORDS
from rmanalytics.simulator.faults import SimulatedFault

N = 24
NUMBERS = [f"9198000{n:05}" for n in range(N)]
MANY = ",".join(NUMBERS)


def _ids(answer: str) -> dict[str, str]:
    """Return the message id by number."""
    return {entry.split("|")[1]: entry.split("|")[2] for entry in answer.split(",")}


def _by_number(receiver: Receiver, n: int) -> dict[str, list[dict[str, str]]]:
    told: dict[str, list[dict[str, str]]] = {number: [] for number in NUMBERS}
    for got in receiver.wait(n):
        told[got.fields["sMobileNo"]].append(got.fields)
    return told


def test_duplicates(start: Callable[..., Client], receiver: Receiver) -> None:
    """Each DLR comes two or three times, word for word the same."""
    start(fault=["duplicates=1"]).submit(destination=MANY)
    _settle(receiver, 2 * N)
    told = _by_number(receiver, 2 * N)
    assert {len(dlrs) for dlrs in told.values()} == {2, 3}
    assert all(dlr == dlrs[0] for dlrs in told.values() for dlr in dlrs)


def test_reordering(start: Callable[..., Client], receiver: Receiver) -> None:
    """The final word comes first and a queued one, dated before it, after."""
    start(fault=["reordering=1"], speed=5.0).submit(destination=NUMBERS[0])
    final, queued = _by_number(receiver, 2)[NUMBERS[0]]
    assert (final["sStatus"], queued["sStatus"] in {"ACCEPTED", "ENROUTE", "ACKED"}) == ("DELIVRD", True)
    assert queued["dtDone"] <= final["dtDone"]


def test_dlr_first(start: Callable[..., Client], receiver: Receiver) -> None:
    """The DLR is there before the submit response is."""
    client = start(fault=["dlr_first=1"])
    for n, number in enumerate(NUMBERS[:8], 1):
        ids = _ids(client.submit(destination=number))
        assert len(receiver.got) == n
        assert receiver.got[-1].fields["sMessageId"] == ids[number]


def test_unknown_word(start: Callable[..., Client], receiver: Receiver) -> None:
    """The last word is one that no specification knows."""
    start(fault=["unknown_word=1"]).submit(destination=MANY)
    words = {got.fields["sStatus"] for got in receiver.wait(N)}
    assert words == set(UNKNOWN_WORDS)


def test_garbage(start: Callable[..., Client], receiver: Receiver) -> None:
    """Besides the DLRs come callbacks that nobody can parse."""
    start(fault=["garbage=1"]).submit(destination=MANY)
    receiver.wait(2 * N)
    garbage = Counter(got.body for got in receiver.got if got.content_type == "application/octet-stream")
    assert (set(garbage), garbage.total()) == (set(GARBAGE), N)


IDS: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "wrong_id": ("wrong_id=1", lambda given, told: given.lower() != told.lower() and len(told) == 36),
    "id_case": ("id_case=1", lambda given, told: told == given.upper()),
    "none": ("duplicates=0", lambda given, told: told == given),
}


@pytest.mark.parametrize("fault, fits", IDS.values(), ids=IDS)
def test_ids(
    start: Callable[..., Client], receiver: Receiver, fault: str, fits: Callable[[str, str], bool]
) -> None:
    """The DLRs carry an id never given, the id in upper case, or the id."""
    ids = _ids(start(fault=[fault]).submit(destination=MANY))
    told = {number: dlrs[0]["sMessageId"] for number, dlrs in _by_number(receiver, N).items()}
    assert [number for number in NUMBERS if not fits(ids[number], told[number])] == []


TIMES = {
    "in the account's time zone": ([], 19_800),
    "utc_times": (["utc_times=1"], 0),
    "clock": (["clock=1"], 19_800 + 20 * 60),
}


@pytest.mark.parametrize("fault, ahead_s", TIMES.values(), ids=TIMES)
def test_times(start: Callable[..., Client], receiver: Receiver, fault: list[str], ahead_s: int) -> None:
    """The DLRs write their times as the account's clock shows them, or in UTC."""
    before = time.time()
    start(fault=fault).submit(destination=NUMBERS[0])
    told = receiver.wait(1)[0].fields["dtSubmit"]
    seconds = datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    assert abs(seconds - before - ahead_s) < 60


HEADERS = {
    "any, where none are named": ((), "1701"),
    "one of several": (("OTHERS", "TESTSM"), "1701"),
    "none of them": (("OTHERS",), "1707"),
}


@pytest.mark.parametrize("headers, code", HEADERS.values(), ids=HEADERS)
def test_headers(start: Callable[..., Client], headers: tuple[str, ...], code: str) -> None:
    """A header that is not the account's is refused."""
    assert start(headers=headers, callback="off").submit()[:4] == code


def test_1709_in_bursts(start: Callable[..., Client], receiver: Receiver) -> None:
    """A request is answered 1709 one to four times in a row and then served, once."""
    client = start(fault=["1709=1"])
    tries = []
    for number in NUMBERS:
        answers = [client.submit(destination=number) for _ in range(5)]
        tries.append(answers.count("1709"))
        assert answers[: tries[-1]] == ["1709"] * tries[-1]
        assert answers[tries[-1]].startswith(f"1701|{number}|")
    assert set(tries) == {1, 2, 3, 4}


def _attempt(client: Client, number: str, timeout_s: float = 10) -> str:
    """Return what a client makes of one request."""
    try:
        form = FIELDS | {"destination": number}
        answer = client.http.post(client.sim.endpoint(), data=form, timeout=timeout_s)
    except httpx.TransportError as error:
        return type(error).__name__
    return f"{answer.status_code} {answer.text[:14]}"


UNCLEAR = {
    "1715": "200 1715",
    "hang": "ReadTimeout",
    "drop": "RemoteProtocolError",
    "http_500": "500 simulated: int",
    "html": "200 <html><body><h",
}


@pytest.mark.parametrize("fault, meets", UNCLEAR.items(), ids=UNCLEAR)
def test_unclear(start: Callable[..., Client], receiver: Receiver, fault: str, meets: str) -> None:
    """The client does not learn that the message was taken, and about half of them are delivered."""
    client = start({"send_timeout_s": 0.8}, fault=[f"{fault}=1"])
    numbers = NUMBERS[:10]
    timeout_s = 0.2 if fault == "hang" else 10
    assert [_attempt(client, number, timeout_s) for number in numbers] == [meets] * len(numbers)
    _settle(receiver, 1)
    delivered = {got.fields["sMobileNo"] for got in receiver.got}
    assert 0 < len(delivered) < len(numbers)
    assert client.sim.state()["n_by_fault"] == {fault: len(numbers)}


def test_a_hanging_answer_comes_in_the_end(start: Callable[..., Client]) -> None:
    """Who waits longer than the sender's timeout gets the answer, one and a half times as late."""
    client = start({"send_timeout_s": 0.2}, callback="off")
    before = time.monotonic()
    assert client.submit(destination="919999900046").startswith("1701|919999900046|")
    assert time.monotonic() - before >= 0.3
    assert client.submit(destination="919999900045") == "1715"


def test_credit(start: Callable[..., Client]) -> None:
    """Credit runs out somewhere in the request: the entries before it, 1025, and none after."""
    codes = [entry.split("|")[0] for entry in start(fault=["credit=1"]).submit(destination=MANY).split(",")]
    assert len(codes) <= N
    assert codes == ["1701"] * (len(codes) - 1) + ["1025"]


def test_in_json(start: Callable[..., Client]) -> None:
    """jsonbulksms says 1709 and 1715 in its own format."""
    client = start(callback="off")
    items = [FIELDS | {"destination": number} for number in ("919999900042", "919999900043")]
    answers = [client.submit_json({"request": [item]}) for item in items]
    assert [answer["response"][0]["status"] for answer in answers] == ["1709", "1715"]


def test_magic_request_faults(start: Callable[..., Client], receiver: Receiver) -> None:
    """041 is served at the third try; what 044 and 048 hide is delivered, what 043 and 047 hide is not."""
    client = start()
    answers = [client.submit(destination="919999900041")[:4] for _ in range(4)]
    assert answers == ["1709", "1709", "1701", "1701"]
    met = [_attempt(client, f"919999900{digits}") for digits in ("043", "044", "047", "048", "049", "050")]
    drop = "RemoteProtocolError"
    assert met == ["200 1715", "200 1715", drop, drop, "500 simulated: int", "200 <html><body><h"]
    _settle(receiver, 4)
    delivered = sorted(got.fields["sMobileNo"][-3:] for got in receiver.got)
    assert delivered == ["041", "041", "044", "048"]


def test_shares(start: Callable[..., Client]) -> None:
    """A share befalls about that share of the messages."""
    client = start(fault=["duplicates=0.25"], callback="off")
    client.submit(destination=",".join(f"91980{n:07}" for n in range(2000)))
    assert 400 < client.sim.state()["n_by_fault"]["duplicates"] < 600


WRONG = {
    "an unknown name": ("lightning=1", "unknown fault 'lightning': use one of 1709, 1715, hang"),
    "no number": ("drop=often", "'often' is not a share: use a number from 0 to 1, as in drop=0.05"),
    "over one": ("drop=7", "'7' is not a share"),
    "below zero": ("drop=-1", "'-1' is not a share"),
    "not a number": ("drop=nan", "'nan' is not a share"),
}


@pytest.mark.parametrize("option, text", WRONG.values(), ids=WRONG)
def test_options_that_are_wrong(option: str, text: str) -> None:
    """A wrong fault is named with its fix."""
    with pytest.raises(BadInput, match="--fault") as caught:
        faults.parse([option])
    assert text in str(caught.value)


def test_times_nobody_can_read(start: Callable[..., Client], receiver: Receiver) -> None:
    """Both times are words."""
    start(fault=["odd_times=1"]).submit(destination=NUMBERS[0])
    told = receiver.wait(1)[0].fields
    assert (told["dtSubmit"], told["dtDone"]) == ("a moment ago", "a moment ago")


def test_nothing_of_ours_comes_back(start: Callable[..., Client], receiver: Receiver) -> None:
    """With no_echo the gateway's own id is all that the DLR returns."""
    given = {"tagname": "c1", "msgid": "m1", "udf1": "m1"}
    told = []
    for fault in ([], ["no_echo=1"]):
        start(fault=fault).submit(destination=NUMBERS[0], **given)
        told.append(receiver.wait(len(told) + 1)[-1].fields)
    assert [(dlr["sTagName"], dlr["sUdf1"]) for dlr in told] == [("c1", "m1"), ("", "")]
    assert all(len(dlr["sMessageId"]) == 36 for dlr in told)


def test_another_number(start: Callable[..., Client], receiver: Receiver) -> None:
    """The DLR has the right id and a number that differs in its last digit."""
    ids = _ids(start(fault=["wrong_number=1"]).submit(destination=NUMBERS[0]))
    told = receiver.wait(1)[0].fields
    assert (told["sMobileNo"], told["sMessageId"]) == (f"{NUMBERS[0][:-1]}1", ids[NUMBERS[0]])


def test_an_account_without_a_callback_url(start: Callable[..., Client], receiver: Receiver) -> None:
    """The message is accepted and no DLR is even planned."""
    client = start(fault=["unregistered=1"])
    assert client.submit(destination=NUMBERS[0]).startswith("1701|")
    assert (client.sim.state()["dlrs"]["n_planned"], receiver.got) == (0, [])


def test_https_only(start: Callable[..., Client]) -> None:
    """A request over plain http is redirected, and nothing of it is taken."""
    client = start(fault=["https_only=1"])
    answer = client.http.post(client.sim.endpoint(), data=FIELDS)
    assert (answer.status_code, client.sim.state()["n_by_code"]) == (301, {})


CONTENT_TYPES = {
    "JSON that says so": ("application/json", "1701"),
    "JSON that says it is a form": ("application/x-www-form-urlencoded", "1702"),
    "JSON that says nothing": ("", "1702"),
}


@pytest.mark.parametrize("content_type, code", CONTENT_TYPES.values(), ids=CONTENT_TYPES)
def test_content_type(start: Callable[..., Client], content_type: str, code: str) -> None:
    """A JSON body under another Content-Type has no parameters."""
    client = start(fault=["content_type=1"])
    headers = {"Content-Type": content_type} if content_type else {}
    content = orjson.dumps(FIELDS)
    answer = client.http.post(client.sim.endpoint("personalizedbulksms"), content=content, headers=headers)
    assert answer.text[:4] == code


def test_a_slow_callback(
    start: Callable[..., Client], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The callback is a POST whose body pauses for twice a collector's default patience, whatever is set."""
    monkeypatch.setattr("rmanalytics.simulator.options._COLLECTOR_WAITS_S", 1.0)
    began = time.monotonic()
    client = start({"collect_client_timeout_s": 60}, fault=["slow_callback=1"], callback_method=Method.GET)
    client.submit(destination=NUMBERS[0])
    told = receiver.wait(1, timeout_s=60)[0]
    assert (told.method, told.fields["sStatus"]) == ("POST", "DELIVRD")
    assert time.monotonic() - began > 2


def test_every_fault_is_explained() -> None:
    """The documented list has every fault."""
    assert set(faults.MEANING) == set(SimulatedFault)


def _settle(receiver: Receiver, n: int) -> None:
    """Wait for `n` requests and then until no more come."""
    seen = len(receiver.wait(n))
    while True:
        time.sleep(0.25)
        if seen == len(receiver.got):
            return
        seen = len(receiver.got)
