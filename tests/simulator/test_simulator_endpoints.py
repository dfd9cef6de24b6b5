"""Endpoints, formats and submit codes, over real sockets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.simulating import FIELDS, Client

ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ONE = rf"1701\|919800000001\|{ID}"
HINDI = "नमस्ते".encode("utf-16-be").hex()

ANSWERS: dict[str, tuple[str, dict[str, str], str]] = {
    "accepted": ("bulksms", {}, ONE),
    "a plus before the number": ("bulksms", {"destination": "+919800000001"}, ONE),
    "a number abroad": ("bulksms", {"destination": "447700900123"}, rf"1701\|447700900123\|{ID}"),
    "many numbers in order, a bad one goes on": (
        "bulksms",
        {"destination": "919800000001,98000,919800000002"},
        rf"{ONE},1706\|98000,1701\|919800000002\|{ID}",
    ),
    "a bad number": ("bulksms", {"destination": "phone"}, r"1706\|phone"),
    "an Indian number that is none": ("bulksms", {"destination": "911234567890"}, r"1706\|911234567890"),
    "a missing parameter": ("bulksms", {"type": "-"}, "1702"),
    "a blank parameter": ("bulksms", {"message": " "}, "1702"),
    "a blank password": ("bulksms", {"password": ""}, "1702"),
    "a wrong password": ("bulksms", {"password": "guess"}, "1703"),
    "a wrong username": ("bulksms", {"username": "someone"}, "1703"),
    "a reserved type": ("bulksms", {"type": "3"}, "1704"),
    "a type that is none": ("bulksms", {"type": "x"}, "1704"),
    "WAP push without its url": ("bulksms", {"type": "4"}, "1702"),
    "WAP push": ("bulksms", {"type": "4", "url": "http://example.com"}, ONE),
    "Unicode in hex": ("bulksms", {"type": "2", "message": HINDI}, ONE),
    "Unicode not in hex": ("bulksms", {"type": "2", "message": "Hello"}, "1705"),
    "hex cut short": ("bulksms", {"type": "6", "message": HINDI[:-1]}, "1705"),
    "more than 255 parts": ("bulksms", {"message": "a" * (153 * 255 + 1)}, "1705"),
    "a header that is too long": ("bulksms", {"source": "TWELVELETTER"}, "1707"),
    "a numeric header": ("bulksms", {"source": "919800000001234567"}, ONE),
    "a numeric header that is too long": ("bulksms", {"source": "9198000000012345678"}, "1707"),
    "a bad dlr": ("bulksms", {"dlr": "2"}, "1708"),
    "personalized needs no type and no dlr": ("personalizedbulksms", {"type": "-", "dlr": "-"}, ONE),
    "personalized takes Unicode as it is": ("personalizedbulksms", {"type": "-", "message": "नमस्ते"}, ONE),
    "personalized knows no 1708": ("personalizedbulksms", {"dlr": "7"}, ONE),
    "personalized knows no WAP push": ("personalizedbulksms", {"type": "4", "url": "http://x"}, "1704"),
    "separate texts": (
        "sbulksms",
        {"destination": "919800000001,919800000002", "message": "Hello A~Hello B"},
        rf"{ONE},1701\|919800000002\|{ID}",
    ),
    "separate texts, one too few": ("sbulksms", {"destination": "919800000001,919800000002"}, "1705"),
    "separate texts, one blank": (
        "sbulksms",
        {"destination": "919800000001,919800000002", "message": "Hello A~"},
        "1705",
    ),
    "separate texts need dlr": ("sbulksms", {"dlr": "-"}, "1702"),
}


@pytest.mark.parametrize("name, fields, expected", ANSWERS.values(), ids=ANSWERS)
def test_answer(client: Client, name: str, fields: dict[str, str], expected: str) -> None:
    """Each request gets the code that Route Mobile documents for it."""
    assert re.fullmatch(expected, client.submit(name, **fields))


TRANSPORTS: dict[str, Callable[[Client, str], httpx.Response]] = {
    "GET": lambda client, url: client.http.get(url, params=FIELDS),
    "POST form": lambda client, url: client.http.post(url, data=FIELDS),
    "POST with everything in the query": lambda client, url: client.http.post(url, params=FIELDS),
    "POST with the credentials in the query": lambda client, url: client.http.post(
        url,
        params={name: FIELDS[name] for name in ("username", "password")},
        data={name: value for name, value in FIELDS.items() if name not in ("username", "password")},
    ),
    "form without a content type": lambda client, url: client.http.post(
        url, content=str(httpx.QueryParams(FIELDS))
    ),
}


@pytest.mark.parametrize("send", TRANSPORTS.values(), ids=TRANSPORTS)
@pytest.mark.parametrize("name", ["bulksms", "personalizedbulksms", "sbulksms"])
def test_transport(client: Client, name: str, send: Callable[[Client, str], httpx.Response]) -> None:
    """Parameters are found in the query and in the form, and the answer is text under 200."""
    answer = send(client, client.sim.endpoint(name))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert re.fullmatch(ONE, answer.text)


def _item(**fields: str) -> dict[str, str]:
    return {key: value for key, value in (FIELDS | fields).items() if value != "-"}


def _row(number: str, status: str, has_id: bool = False) -> dict[str, Any]:
    return {"messageid": has_id, "mobileno": number, "status": status}


TWO = {"destination": "919800000002"}
JSON: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "two accepted": (
        {"request": [_item(), _item(**TWO)]},
        [_row("919800000001", "1701", True), _row("919800000002", "1701", True)],
    ),
    "a bad number goes on": (
        {"request": [_item(destination="98000"), _item(**TWO)]},
        [_row("98000", "1706"), _row("919800000002", "1701", True)],
    ),
    "any other error stops": (
        {"request": [_item(), _item(source="TWELVELETTER"), _item(**TWO)]},
        [_row("919800000001", "1701", True), _row("919800000001", "1707")],
    ),
    "wrong credentials": ({"request": [_item(password="x"), _item()]}, [_row("919800000001", "1703")]),
    "a missing key": ({"request": [_item(dlr="-")]}, [_row("919800000001", "1702")]),
    "a bad type": ({"request": [_item(type="4")]}, [_row("919800000001", "1704")]),
    "a bad dlr": ({"request": [_item(dlr="yes")]}, [_row("919800000001", "1708")]),
    "bad hex": ({"request": [_item(type="2")]}, [_row("919800000001", "1705")]),
    "no list": ({"username": "acct"}, [_row("", "1702")]),
    "an item that is no object": ({"request": [17]}, [_row("", "1702")]),
    "an empty list": ({"request": []}, [_row("", "1702")]),
}


@pytest.mark.parametrize("value, expected", JSON.values(), ids=JSON)
def test_json(client: Client, value: Any, expected: list[dict[str, Any]]) -> None:
    """jsonbulksms answers one object per item, up to the first error that is not a bad number."""
    rows = client.submit_json(value)["response"]
    assert [row | {"messageid": bool(row["messageid"])} for row in rows] == expected


def test_json_that_is_none(client: Client) -> None:
    """A body that cannot be read as JSON is answered 1702 in JSON."""
    answer = client.http.post(client.sim.endpoint("jsonbulksms"), content=b'{"request": [')
    assert answer.json() == {"response": [{"messageid": "", "mobileno": "", "status": "1702"}]}


FLAT = {
    **{name: FIELDS[name] for name in ("username", "password", "source", "destination", "message")},
    "entityid": "1101000000000000001",
    "tempid": "1107000000000000001",
    "tagname": "camp42",
    "msgid": "m-1",
}


@pytest.mark.parametrize("name", ["bulksms", "personalizedbulksms", "sbulksms"])
def test_flat_json(client: Client, name: str) -> None:
    """CleverTap's flat object, without type and dlr, is taken on every text endpoint and answered in text."""
    assert re.fullmatch(ONE, client.submit_json(FLAT, name))
    assert client.submit_json(FLAT | {"password": "guess"}, name) == "1703"
    assert client.submit_json([FLAT], name) == "1702"


def test_flat_json_answered_in_json(start: Callable[..., Client], tmp_path: Any) -> None:
    """A profile may have the flat object answered with a flat object."""
    path = tmp_path / "flat.toml"
    path.write_text('flat_answer = "flat"\noutcomes = [{ ending = "DELIVRD", share = 1 }]\n')
    answer = start(profile_name=str(path)).submit_json(FLAT, "personalizedbulksms")
    assert answer | {"messageid": ""} == {"messageid": "", "mobileno": "919800000001", "status": "1701"}


def test_credits(start: Callable[..., Client]) -> None:
    """Credits are segments; where they run out the answer is 1025 and the numbers after it have no entry."""
    client = start(credits_left=3)
    numbers = "919800000001,919800000002,919800000003,919800000004"
    answer = client.submit(destination=numbers, message="a" * 161)
    assert [entry.split("|")[:2] for entry in answer.split(",")] == [
        ["1701", "919800000001"],
        ["1025", "919800000002"],
    ]
    check = f"{client.sim.url}/CreditCheck/checkcredits"
    assert client.http.get(check, params={"username": "a", "password": "b"}).text == "Credits: 1"
    assert client.submit_json({"request": [_item(message="a" * 161), _item()]}) == {
        "response": [{"messageid": "", "mobileno": "919800000001", "status": "1025"}]
    }


CHECKS = {
    "right": ({"username": "acct", "password": "s3cret"}, "Credits: 1000000"),
    "right, by the other name": ({"user": "acct", "password": "s3cret"}, "Credits: 1000000"),
    "wrong": ({"username": "acct", "password": "guess"}, "1703"),
    "blank": ({"username": "acct"}, "1702"),
}


@pytest.mark.parametrize("params, expected", CHECKS.values(), ids=CHECKS)
def test_credit_check(client: Client, params: dict[str, str], expected: str) -> None:
    """The credit check wants credentials too."""
    assert client.http.get(f"{client.sim.url}/CreditCheck/checkcredits", params=params).text == expected


def test_any_credentials(start: Callable[..., Client]) -> None:
    """Without credentials in the settings any pair is taken, but a blank one is not."""
    client = start()
    assert re.fullmatch(ONE, client.submit(username="who", password="ever"))
    assert client.submit(password="") == "1702"


PAGES = {
    "home": ("GET", "/", 200, "Simulated"),
    "state": ("GET", "/healthz", 200, '"simulated":true'),
    "unknown path": ("GET", "/bulksms/other", 404, "simulated: unknown path /bulksms/other"),
    "unknown method": ("PUT", "/bulksms/bulksms", 405, "simulated: method PUT"),
    "JSON by GET": ("GET", "/bulksms/jsonbulksms", 405, "simulated: method GET"),
}


@pytest.mark.parametrize("method, path, status, text", PAGES.values(), ids=PAGES)
def test_says_simulated(client: Client, method: str, path: str, status: int, text: str) -> None:
    """Whatever it shows says that it is simulated, the Server header too."""
    answer = client.http.request(method, client.sim.url + path)
    assert (answer.status_code, text in answer.text) == (status, True)
    assert answer.headers["server"] == "rmanalytics-simulator (simulated)"


def test_state_counts(client: Client) -> None:
    """/healthz counts requests, codes and faults, / shows the same, and neither shows a secret."""
    client.submit(destination="919800000001,98000")
    client.submit(password="guess")
    client.submit(destination="919999900020")
    answer = client.http.get(f"{client.sim.url}/healthz")
    state = answer.json()
    assert (state["n_requests"], state["n_by_code"]) == (3, {"1701": 2, "1703": 1, "1706": 1})
    assert state["n_by_fault"] == {"duplicates": 1}
    assert '"duplicates": 1' in client.http.get(client.sim.url).text
    assert not {"s3cret", "t0ken", "acct"} & set(re.findall(r"\w+", answer.text))


def test_a_request_too_large(client: Client) -> None:
    """A body over the limit is refused with 413 and the next request is served."""
    answer = client.http.post(client.sim.endpoint(), content=b"x" * (33 << 20))
    assert (answer.status_code, answer.text) == (413, "simulated: a request has at most 33,554,432 bytes\n")
    assert re.fullmatch(ONE, client.submit())


EVENT = b'[{"event": "delivered", "data": [{"ts": 1735689665, "meta": "m.", "description": "Delivered"}]}]'
CLEVERTAP: dict[str, tuple[str, bytes, int, str]] = {
    "taken": ("200?account=A", EVENT, 200, '{"status":"success","processed":1,"unprocessed":[]}'),
    "refused": ("400", EVENT, 400, '{"status":"fail","error":"simulated: Bad Request"}'),
    "not let in": ("401", EVENT, 401, '{"status":"fail","error":"simulated: Unauthorized"}'),
    "busy": ("503", EVENT, 503, '{"status":"fail","error":"simulated: Service Unavailable"}'),
    "an event that CleverTap has not": ("200", EVENT.replace(b"delivered", b"queued"), 400, "expected"),
    "no event": ("200", b"[]", 400, "expected"),
    "no JSON": ("200", b"\xff", 400, "expected"),
    "no time": ("200", EVENT.replace(b"1735689665", b'"now"'), 400, "expected"),
    "another answer": ("418", EVENT, 404, "unknown path"),
}


@pytest.mark.parametrize(("path", "body", "status", "words"), CLEVERTAP.values(), ids=CLEVERTAP)
def test_it_stands_in_for_clevertap(path: str, body: bytes, status: int, words: str, client: Client) -> None:
    """CleverTap's callback URL is answered as the path says, and takes only what CleverTap would."""
    answer = httpx.post(f"{client.sim.url}/clevertap/{path}", content=body)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


def test_clevertap_takes_posts_only(client: Client) -> None:
    """A GET is no relayed event."""
    assert httpx.get(f"{client.sim.url}/clevertap/200").status_code == 405
