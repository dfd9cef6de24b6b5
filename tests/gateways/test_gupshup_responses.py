"""Gupshup's answers, as text and as JSON: one response per message, accepted only by an entry that says so."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import gateway_samples as samples

from rmanalytics import gateways
from rmanalytics.models import Consequence, Result, SubmitResponse

GATEWAY = gateways.get("gupshup", samples.settings(gateway="gupshup"))
ID1, ID2 = "728014710863298817-278264530921878012", "728014710863298818-278264530921878013"
N1, N2, N3 = "919800000001", "919800000002", "919800000003"


def answered(n: int, answer: str, status: int = 200) -> list[SubmitResponse]:
    """The responses to a request of n messages."""
    return GATEWAY.submit_responses(samples.messages(n), httpx.Response(status, content=answer.encode()))


def one(**fields: str) -> str:
    """An answer as JSON."""
    return json.dumps({"response": {"id": "", "phone": "", "details": "", "status": "success"} | fields})


ANSWERS: dict[str, tuple[int, str, list[str]]] = {
    "accepted": (1, f"success | {N1} | {ID1}", [f"accepted success {ID1}"]),
    "accepted, JSON": (1, one(id=ID1, phone=N1), [f"accepted success {ID1}"]),
    "without blanks": (1, f"success|{N1}|{ID1}\n", [f"accepted success {ID1}"]),
    "a number without its country": (1, f"success | 9800000001 | {ID1}", [f"accepted success {ID1}"]),
    "two numbers in the other order": (
        2, f"success | {N2} | {ID2}\nsuccess | {N1} | {ID1}",
        [f"accepted success {ID1}", f"accepted success {ID2}"],
    ),
    "a list, JSON": (
        2, f'{{"response":[{one(id=ID1, phone=N1)[13:-1]},{one(id=ID2, phone=N2)[13:-1]}]}}',
        [f"accepted success {ID1}", f"accepted success {ID2}"],
    ),
    "an error among successes": (
        3, f"success | {N1} | {ID1}\nerror | 105 | not valid\nsuccess | {N3} | {ID2}",
        [f"accepted success {ID1}", "refused 105 -", f"accepted success {ID2}"],
    ),
    "wrong password": (2, "error | 102 | The user id is not valid", ["refused 102 -", "refused 102 -"]),
    "wrong password, JSON": (1, one(id="102", status="error"), ["refused 102 -"]),
    "an unknown error": (2, "error | 100 | unknown", ["unclear 100 -", "unclear 100 -"]),
    "a number, one of two": (2, "error | 105 | not valid", ["unclear - -", "unclear - -"]),
    "a code never seen": (2, "error | 999 | new", ["refused 999 -", "refused 999 -"]),
    "a success about another number": (1, f"success | 919811111111 | {ID1}", ["unclear - -"]),
    "a success without an id": (1, f"success | {N1} |", ["unclear - -"]),
    "fewer lines than numbers": (2, f"success | {N1} | {ID1}", [f"accepted success {ID1}", "unclear - -"]),
    "a page": (1, "<html>success | 1 | 2</html>", ["unclear - -"]),
}  # fmt: skip


@pytest.mark.parametrize("n, answer, expected", ANSWERS.values(), ids=ANSWERS)
def test_answers(n: int, answer: str, expected: list[str]) -> None:
    """Result, code and id of each message, in the order of the request."""
    said = answered(n, answer)
    assert [f"{one.result} {one.code or '-'} {one.gateway_message_id or '-'}" for one in said] == expected


CODES = {
    "100": (Result.UNCLEAR, Consequence.GO_ON, "unknown error"),
    "101": (Result.REFUSED, Consequence.STOP, "a parameter is missing"),
    "102": (Result.REFUSED, Consequence.STOP, "wrong user id or password"),
    "103": (Result.REFUSED, Consequence.STOP, "no such user"),
    "104": (Result.REFUSED, Consequence.STOP, "the account is disabled"),
    "105": (Result.REFUSED, Consequence.GO_ON, "invalid phone number"),
    "106": (Result.REFUSED, Consequence.STOP, "the account may not use this method"),
    "107": (Result.REFUSED, Consequence.STOP, "unknown version of the API"),
    "108": (Result.REFUSED, Consequence.STOP, "invalid mask (header)"),
    "109": (Result.REFUSED, Consequence.STOP, "invalid parameter override_dnd"),
    "175": (Result.REFUSED, Consequence.GO_ON, "international numbers are disabled for the account"),
    "999": (Result.REFUSED, Consequence.GO_ON, "unknown code"),
}


@pytest.mark.parametrize("code, expected", CODES.items(), ids=CODES)
def test_codes(code: str, expected: tuple[Result, Consequence, str]) -> None:
    """Each code says what became of the message, and whether further requests are of use."""
    [said] = answered(1, f"error | {code} | ")
    assert (said.result, said.consequence, said.detail) == expected


def test_details_hide_what_is_nobodys_business() -> None:
    """The gateway's own words are kept, without the password and without whole numbers."""
    [said] = answered(1, f"error | 105 | {N1} with {samples.PASSWORD} is not valid")
    assert said.detail == "invalid phone number: ****0001 with *** is not valid"


@given(st.binary(max_size=200), st.sampled_from([200, 404, 500]))
def test_any_answer(content: bytes, status: int) -> None:
    """Whatever is answered, each message has its response, and none is accepted without a line that says so."""
    said = GATEWAY.submit_responses(samples.messages(2), httpx.Response(status, content=content))
    assert [one.message_id for one in said] == ["m-1", "m-2"]
    assert b"uccess" in content.lower() or Result.ACCEPTED not in {one.result for one in said}
