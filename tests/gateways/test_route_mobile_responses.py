"""Submit answers: one response per message, and never accepted without an entry that says so."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from support import gateway_samples as samples

from rmanalytics import gateways
from rmanalytics.gateways.route_mobile.codes import CODES
from rmanalytics.models import SubmitResponse

ID1, ID2, ID3 = (f"5f0c2b52-7a55-4c39-9d0e-3d2f6c1a9b0{n}" for n in (1, 2, 3))
N1, N2, N3 = "919800000001", "919800000002", "919800000003"
GATEWAY = gateways.get("route_mobile", samples.settings())


def answered(n: int, answer: str | bytes, status: int = 200) -> list[SubmitResponse]:
    """The responses to a request of n messages."""
    content = answer.encode() if isinstance(answer, str) else answer
    return GATEWAY.submit_responses(samples.messages(n), httpx.Response(status, content=content))


def brief(responses: list[SubmitResponse]) -> list[str]:
    """Each response as `result code id consequence`, what is missing left out."""
    return [
        " ".join(filter(None, (r.result, r.code, r.gateway_message_id, r.consequence))) for r in responses
    ]


OK1, OK2, OK3 = (f"accepted 1701 {ident} go_on" for ident in (ID1, ID2, ID3))
NO_ID = "accepted 1701 go_on"
OPEN = "unclear go_on"

ONE: dict[str, tuple[str, str]] = {
    "V1 triple": (f"1701|{N1}|{ID1}", OK1),
    "V2 colon before the id": (f"1701|{N1}:{ID1}", OK1),
    "V3 trailing comma": (f"1701|{N1}|{ID1},", OK1),
    "V3 newline, tab and blanks around": (f"\n 1701 | {N1} |\t{ID1} \r\n", OK1),
    "V4 error with a number": (f"1706|{N1}", "refused 1706 go_on"),
    "V4 error with a number cut short": ("1706|98000", "refused 1706 go_on"),
    "V5 bare code": ("1702", "refused 1702 stop"),
    "V6 error repeated, more entries than messages": (f"1707|{N1},1707|{N2}", "refused 1707 stop"),
    "V7 success without id": (f"1701|{N1}", NO_ID),
    "V7 success with an empty id": (f"1701|{N1}|", NO_ID),
    "V7 success with a null id": (f"1701|{N1}|null", NO_ID),
    "V7 bare success": ("1701", NO_ID),
    "V8 second field is the id": (f"1701|{ID1}", OK1),
    "V8 empty number": (f"1701||{ID1}", OK1),
    "V9 braces round the id": (f"1701|{N1}|{{{ID1}}}", OK1),
    "V9 braces round the answer": (f"{{1701|{N1}|{ID1}}}", OK1),
    "V10 quotes round the answer": (f'"1701|{N1}|{ID1}"', OK1),
    "V10 quotes round the id": (f"1701|{N1}|'{ID1}'", OK1),
    "V11 reseller text": ("1707:Invalid Source(Sender)", "refused 1707 stop"),
    "V11 reseller text with a comma": ("1703:Invalid user, or password", "refused 1703 stop"),
    "V12 scheduled": ("Scheduled|12345", OPEN),
    "V12 credits": ("Credits: 50000", OPEN),
    "V12 token": ("Token: 0a1b2c3d", OPEN),
    "V12 OTP check": ("101", "unclear 101 go_on"),
    "V13 number with plus": (f"1701|+{N1}|{ID1}", OK1),
    "V13 number without country code": (f"1701|9800000001|{ID1}", OK1),
    "V13 number with 00": (f"1701|00{N1}|{ID1}", OK1),
    "byte order mark": (f"\ufeff1701|{N1}|{ID1}", OK1),
    "an id that is all digits": (f"1701|{N1}|1101000000000000001", "accepted 1701 1101000000000000001 go_on"),
    "an id with a colon": (f"1701|{N1}|a:b", "accepted 1701 a:b go_on"),
    "success for somebody else": (f"1701|447700900123|{ID1}", OPEN),
    "unknown code": (f"1999|{N1}", "refused 1999 go_on"),
    "unknown bare code": ("1043", "refused 1043 go_on"),
    "retry": ("1709", "refused 1709 retry"),
    "response timeout": ("1715", "unclear 1715 go_on"),
    "credit": ("1025", "refused 1025 stop"),
    "reseller credit": (f"1026|{N1}", "refused 1026 stop"),
    "credit, the odd spelling": ("1725", "refused 1725 stop"),
    "JSON": (f'{{"response":[{{"messageid":"{ID1}","mobileno":"{N1}","status":"1701"}}]}}', OK1),
    "JSON, refused": ('{"response":[{"messageid":"","mobileno":"' + N1 + '","status":"1706"}]}',
                      "refused 1706 go_on"),
    "JSON, one object in response": (
        f'{{"Response":{{"MessageId":"{ID1}","mobileNo":"{N1}","Status":1701}}}}', OK1),
    "JSON, a list alone": (f'[{{"message_id":"{ID1}","destination":"{N1}","code":"1701"}}]', OK1),
    "JSON, text in response": (f'{{"response":"1701|{N1}|{ID1}"}}', OK1),
    "JSON, a list of texts": (f'["1701|{N1}|{ID1}"]', OK1),
    "JSON, numbers": ('{"msgid":1101000000000000001,"mobile":919800000001,"status":1701}',
                      "accepted 1701 1101000000000000001 go_on"),
    "JSON, 30 digits": ('{"msgid":' + "123456789012345678901234567890" + ',"status":1701}',
                        "accepted 1701 123456789012345678901234567890 go_on"),
    "JSON, null id": (f'{{"messageid":null,"mobileno":"{N1}","status":"1701"}}', NO_ID),
    "JSON, flat bare code": ('{"status":"1703"}', "refused 1703 stop"),
    "JSON, code beside words": ('{"status":"FAILED","code":1707}', "refused 1707 stop"),
    "MoEngage, success": (f'{{"success":"true","messageid":"{ID1}","mobileno":"{N1}","error":"1701"}}', OK1),
    "MoEngage, failure": (f'{{"success":"false","messageid":"","mobileno":"{N1}","error":"1706"}}',
                          "refused 1706 go_on"),
    "MoEngage, contradiction": (
        f'{{"success":false,"messageid":"{ID1}","mobileno":"{N1}","error":"1701"}}', OPEN),
    "MoEngage, success without a code": (f'{{"success":"true","messageid":"{ID1}","mobileno":"{N1}"}}', OPEN),
    "WebEngage": ('{"status":"sms_accepted"}', "accepted sms_accepted go_on"),
    "WebEngage, a word never seen": ('{"status":"sms_lost"}', OPEN),
    "empty": ("", OPEN),
    "blank": (" \r\n", OPEN),
    "HTML": ("<html><body>1701</body></html>", OPEN),
    "HTML with codes in it": ("<html>1701|919800000001|x, 1701|a|b</html>", OPEN),
    "prose": ("OK", OPEN),
    "a number that is no code": ("17011", OPEN),
    "a code inside a word": ("1701abc", OPEN),
    "empty JSON": ("{}", OPEN),
    "empty list": ('{"response":[]}', OPEN),
    "JSON cut short": (f'{{"response":[{{"messageid":"{ID1}","mobileno":"{N1}","status":"1701"', OPEN),
    "JSON list cut short": (f'["x","1701|{N1}|{ID1}","', OPEN),
    "JSON of other things": ('[[1701], null, true]', OPEN),
    "deep JSON": ("[" * 100_000, OPEN),
}  # fmt: skip


@pytest.mark.parametrize("answer, expected", ONE.values(), ids=ONE)
def test_one_recipient(answer: str, expected: str) -> None:
    """Each spelling of an answer to one message is read."""
    assert brief(answered(1, answer)) == [expected]


UNSENT_CREDIT = "unsent 1025 stop"

THREE: dict[str, tuple[str, list[str]]] = {
    "all accepted": (f"1701|{N1}|{ID1},1701|{N2}|{ID2},1701|{N3}|{ID3}", [OK1, OK2, OK3]),
    "newlines behind the commas": (
        f"1701|{N1}|{ID1},\n1701|{N2}|{ID2}, \r\n1701|{N3}|{ID3},", [OK1, OK2, OK3]),
    "lines without commas": (f"1701|{N1}|{ID1}\n1701|{N2}|{ID2}\n1701|{N3}|{ID3}", [OK1, OK2, OK3]),
    "quotes round the list": (f'"1701|{N1}|{ID1},1701|{N2}|{ID2},1701|{N3}|{ID3}"', [OK1, OK2, OK3]),
    "another order": (f"1701|{N3}|{ID3},1701|{N1}|{ID1},1701|{N2}|{ID2}", [OK1, OK2, OK3]),
    "without country codes": (
        f"1701|9800000001|{ID1},1701|9800000002|{ID2},1701|9800000003|{ID3}", [OK1, OK2, OK3]),
    "without numbers": (f"1701|{ID1},1701|{ID2},1701|{ID3}", [OK1, OK2, OK3]),
    "1706 goes on": (f"1701|{N1}|{ID1},1706|{N2},1701|{N3}|{ID3}", [OK1, "refused 1706 go_on", OK3]),
    "1706 with a number cut short": (f"1701|{N1}|{ID1},1706|98000,1701|{N3}|{ID3}",
                                     [OK1, "refused 1706 go_on", OK3]),
    "per-number codes go on": (f"1032|{N1},1035|{N2},1701|{N3}|{ID3}",
                               ["refused 1032 go_on", "refused 1035 go_on", OK3]),
    "credit ran out at the second": (f"1701|{N1}|{ID1},1025|{N2}", [OK1, "refused 1025 stop", UNSENT_CREDIT]),
    "credit ran out, bare code in the list": (
        f"1701|{N1}|{ID1},1025", [OK1, "refused 1025 stop", UNSENT_CREDIT]),
    "bare credit code": ("1025", ["refused 1025 stop", UNSENT_CREDIT, UNSENT_CREDIT]),
    "bare reseller credit code": ("1026", ["refused 1026 stop", *["unsent 1026 stop"] * 2]),
    "bare credit code, the odd spelling": ("1726", ["refused 1726 stop", *["unsent 1726 stop"] * 2]),
    "bare credit code in JSON": ('{"status":"1025"}', ["refused 1025 stop", UNSENT_CREDIT, UNSENT_CREDIT]),
    "bare code": ("1703", ["refused 1703 stop"] * 3),
    "bare code of a number": ("1706", ["refused 1706 go_on"] * 3),
    "bare retry": ("1709", ["refused 1709 retry"] * 3),
    "bare timeout": ("1715", ["unclear 1715 go_on"] * 3),
    "bare unknown code": ("1999", ["refused 1999 go_on"] * 3),
    "bare success says nothing of the others": ("1701", [NO_ID, OPEN, OPEN]),
    "reseller text": ("1707:Invalid Source(Sender)", ["refused 1707 stop"] * 3),
    "the same code for each": (f"1707|{N1},1707|{N2},1707|{N3}", ["refused 1707 stop"] * 3),
    "mixed codes": (f"1707|{N1},1706|{N2},1707|{N3}",
                    ["refused 1707 stop", "refused 1706 go_on", "refused 1707 stop"]),
    "the same bare code for each": ("1707,1707,1707", ["refused 1707 stop"] * 3),
    "invalid message aborts, the others may go again": (
        f"1705|{N1}", ["refused 1705 go_on", "unsent 1705 retry", "unsent 1705 retry"]),
    "validation failed midway": (
        f"1701|{N1}|{ID1},1709|{N2}", [OK1, "refused 1709 retry", "unsent 1709 retry"]),
    "timeout midway leaves the rest unclear": (f"1701|{N1}|{ID1},1715|{N2}",
                                               [OK1, "unclear 1715 go_on", "unclear 1715 go_on"]),
    "before the abort, without an entry": (f"1025|{N2}", [OPEN, "refused 1025 stop", UNSENT_CREDIT]),
    "short list without an error": (f"1701|{N1}|{ID1}", [OK1, OPEN, OPEN]),
    "short list, the second missing": (f"1701|{N1}|{ID1},1701|{N3}|{ID3}", [OK1, OPEN, OK3]),
    "short list behind an error of one number": (
        f"1701|{N1}|{ID1},1032|{N2}", [OK1, "refused 1032 go_on", OPEN]),
    "short list behind an unknown code": (f"1701|{N1}|{ID1},1999|{N2}", [OK1, "refused 1999 go_on", OPEN]),
    "a fragment in the middle": (f"1701|{N1}|{ID1},hello,1701|{N3}|{ID3}", [OK1, OPEN, OK3]),
    "more entries than messages": (
        ",".join(f"1701|{n}|{i}" for n, i in ((N1, ID1), (N2, ID2), (N3, ID3), (N3, "x"), ("447700900123", "y"))),
        [OK1, OK2, OK3]),
    "JSON": (json.dumps({"response": [
        {"messageid": ID1, "mobileno": N1, "status": "1701"},
        {"messageid": "", "mobileno": N2, "status": "1706"},
        {"messageid": ID3, "mobileno": N3, "status": "1701"}]}), [OK1, "refused 1706 go_on", OK3]),
    "JSON without numbers": (
        json.dumps({"response": [{"messageid": i, "status": "1701"} for i in (ID1, ID2, ID3)]}),
                             [OK1, OK2, OK3]),
    "JSON, short without a reason": (
        json.dumps({"response": [{"messageid": ID1, "mobileno": N1, "status": "1701"}]}),
                                     [OK1, OPEN, OPEN]),
    "JSON, short by credit": (json.dumps({"response": [
        {"messageid": ID1, "mobileno": N1, "status": "1701"},
        {"messageid": "", "mobileno": N2, "status": "1025"}]}), [OK1, "refused 1025 stop", UNSENT_CREDIT]),
    "JSON, an item without a code": (json.dumps({"response": [
        {"messageid": ID1, "mobileno": N1, "status": ""},
        {"messageid": ID2, "mobileno": N2, "status": "1701"},
        {"messageid": ID3, "mobileno": N3, "status": "1701"}]}), [OPEN, OK2, OK3]),
    "WebEngage says it of one": ('{"status":"sms_accepted"}', ["accepted sms_accepted go_on", OPEN, OPEN]),
    "empty": ("", [OPEN] * 3),
}  # fmt: skip


@pytest.mark.parametrize("answer, expected", THREE.values(), ids=THREE)
def test_three_recipients(answer: str, expected: list[str]) -> None:
    """Entries find their messages; what has no entry is unsent behind an abort, else unclear."""
    assert brief(answered(3, answer)) == expected


def test_same_number_twice() -> None:
    """Entries of a number that occurs twice are taken in order."""
    batch = [samples.message(1), samples.message(2), samples.message(3, msisdn=N1)]
    answer = f"1701|{N1}|{ID1},1701|{N1}|{ID3},1701|{N2}|{ID2}".encode()
    assert brief(GATEWAY.submit_responses(batch, httpx.Response(200, content=answer))) == [OK1, OK2, OK3]


def test_short_national_number() -> None:
    """A number of eight national digits is found without its country code."""
    batch = [samples.message(1, msisdn="6581234567"), samples.message(2, msisdn="6591234567")]
    answer = f"1701|91234567|{ID2},1701|81234567|{ID1}".encode()
    assert brief(GATEWAY.submit_responses(batch, httpx.Response(200, content=answer))) == [OK1, OK2]


HTTP: dict[str, tuple[int, str, str]] = {
    "a code under 400": (400, "1707|919800000001", "refused 1707 stop"),
    "a code under 412": (412, "1707:Invalid Source(Sender)", "refused 1707 stop"),
    "a code under 401": (401, "1703", "refused 1703 stop"),
    "a code under 500": (500, "1710", "refused 1710 stop"),
    "accepted under 500": (500, f"1701|{N1}|{ID1}", OK1),
    "retry under 429": (429, "1709", "refused 1709 retry"),
    "200 without a word": (200, "", OPEN),
    "202 without a word": (202, "", OPEN),
    "204": (204, "", OPEN),
    "301": (301, "", "refused stop"),
    "302 to a login page": (302, "<html>Moved</html>", "refused stop"),
    "400 without a code": (400, "Bad Request", "refused go_on"),
    "401 without a code": (401, "", "refused stop"),
    "403": (403, "<html>Forbidden</html>", "refused stop"),
    "404 in words": (404, "404 page not found", "refused stop"),
    "404 as a bare number": (404, "404", "refused stop"),
    "405": (405, "", "refused stop"),
    "408": (408, "", OPEN),
    "413": (413, "", "refused go_on"),
    "429": (429, "slow down", "unsent retry"),
    "500": (500, "<html>Internal Server Error</html>", OPEN),
    "500 in JSON": (500, '{"status":500,"error":"Internal Server Error"}', OPEN),
    "400 in JSON": (400, '{"status":400,"error":"Bad Request"}', "refused go_on"),
    "502": (502, "502 Bad Gateway", OPEN),
    "503": (503, "503", OPEN),
    "504": (504, "", OPEN),
    "a status nobody defined": (799, "", OPEN),
}


@pytest.mark.parametrize("status, answer, expected", HTTP.values(), ids=HTTP)
def test_http_status(status: int, answer: str, expected: str) -> None:
    """A code in the body counts under any HTTP status; without one the status decides, never to accepted."""
    assert brief(answered(1, answer, status)) == [expected]
    assert answered(1, answer, status)[0].http_status == status


DETAILS: dict[str, tuple[int, str, int, list[str | None]]] = {
    "accepted": (1, f"1701|{N1}|{ID1}", 200, [None]),
    "a meaning": (1, f"1706|{N1}", 200, ["invalid destination"]),
    "an unknown code": (1, "1999", 200, ["unknown code"]),
    "reseller text": (
        1, "1707:Invalid Source(Sender)", 400, ["invalid source (header): Invalid Source(Sender)"]),
    "reseller text with a number": (1, "1707:no 919812340001", 200, ["invalid source (header): no ****0001"]),
    "reseller text with the password": (
        1, f"1703:user acct pass {samples.PASSWORD}", 200,
        ["invalid username or password: user acct pass ***"]),
    "unsent": (2, f"1025|{N1}", 200,
               ["insufficient credit", "the gateway stopped before this message: 1025 insufficient credit"]),
    "short": (2, f"1701|{N1}|{ID1}", 200, [None, "the answer has no entry for this message"]),
    "a fragment": (1, f"1701|{N1}|{ID1},hello", 200, ["1 part(s) of the answer carry no code"]),
    "somebody else": (1, "1701|447700900123|x", 200, [
        "the answer has no entry for this message; 1 part(s) of the answer name no number of this request"]),
    "HTML": (1, "<html>", 502, ["HTTP 502 without a code; an HTML page instead of a code"]),
    "empty": (1, "", 404, ["HTTP 404 without a code"]),
}  # fmt: skip


@pytest.mark.parametrize("n, answer, status, expected", DETAILS.values(), ids=DETAILS)
def test_detail(n: int, answer: str, status: int, expected: list[str | None]) -> None:
    """The detail says to people why, without secrets or whole numbers."""
    assert [response.detail for response in answered(n, answer, status)] == expected


CONSEQUENCES = {
    "stop": {"1702", "1703", "1704", "1707", "1708", "1710", "1025", "1026", "1725", "1726"},
    "retry": {"1709"},
    "go_on": {"1701", "1705", "1706", "1715", "1028", "1032", "1033", "1035", "1042",
              "101", "102", "103", "104", "sms_accepted"},
}  # fmt: skip
ABORTS = CONSEQUENCES["stop"] | {"1705", "1709", "1715"}


def test_code_table() -> None:
    """Every code of the reference has its consequence, and only codes of a whole request abort it."""
    assert {
        word: {code for code, c in CODES.items() if c.then == word} for word in CONSEQUENCES
    } == CONSEQUENCES
    assert {code for code, meaning in CODES.items() if meaning.aborts} == ABORTS
    assert {code for code, meaning in CODES.items() if meaning.result == "accepted"} == {
        "1701",
        "sms_accepted",
    }


VALID = [answer for answer, _ in THREE.values()] + [
    answer for answer, _ in ONE.values() if len(answer) < 1000
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid answer with a few bytes cut, replaced or put in."""
    answer = bytearray(draw(st.sampled_from(VALID)).encode())
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(answer)))
        answer[start : start + draw(st.integers(0, 8))] = draw(st.binary(max_size=6))
    return bytes(answer)


def is_sound(n: int, content: bytes, responses: list[SubmitResponse]) -> bool:
    """Whether each message has its response, and none is accepted that the answer does not accept."""
    in_order = [response.message_id for response in responses] == [f"m-{i}" for i in range(1, n + 1)]
    accepted = [response for response in responses if response.result == "accepted"]
    said = content.count(b"1701") + content.lower().count(b"sms_accepted") + content.count(b"\\u")
    with_id = [r for r in responses if r.gateway_message_id is not None]
    return in_order and len(accepted) <= said and all(r.result == "accepted" for r in with_id)


@examples(max_examples=400, deadline=None)
@given(
    n=st.integers(1, 5), content=st.one_of(mutated(), st.binary(max_size=80)), status=st.integers(100, 999)
)
def test_any_answer(n: int, content: bytes, status: int) -> None:
    """Any bytes under any status give one response per message in order, and no acceptance out of nothing."""
    responses = GATEWAY.submit_responses(samples.messages(n), httpx.Response(status, content=content))
    assert is_sound(n, content, responses)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["1701", "1706", N1, ID1, "true", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["response", "status", "error", "messageid", "mobileno"]), inner)
    ),
    max_leaves=12,
)


@examples(max_examples=200, deadline=None)
@given(n=st.integers(1, 3), value=json_values)
def test_any_json(n: int, value: Any) -> None:
    """Any JSON gives one response per message in order, and no acceptance out of nothing."""
    content = json.dumps(value).encode()
    assert is_sound(
        n, content, GATEWAY.submit_responses(samples.messages(n), httpx.Response(200, content=content))
    )


def test_order_of_entries_does_not_matter() -> None:
    """A thousand entries in reverse order each find their message."""
    answer = ",".join(f"1701|{919800000000 + i}|id-{i}" for i in range(1000, 0, -1))
    responses = answered(1000, answer)
    assert [response.gateway_message_id for response in responses] == [f"id-{i}" for i in range(1, 1001)]


def test_a_flood_of_entries() -> None:
    """More entries than a request can have are read in time and change nothing."""
    responses = answered(1000, f"1701|{N1}|{ID1}," + "1707," * 200_000)
    assert brief(responses[:2]) == [OK1, "refused 1707 stop"]
    assert len(responses) == 1000
