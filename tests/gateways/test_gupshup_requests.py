"""Gupshup's submit requests: which messages share one, and the form that carries them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from support import gateway_samples as samples

from rmanalytics import gateways
from rmanalytics.errors import ConfigError
from rmanalytics.models import Encoding, Message, Route

ONE = {
    "userid": "acct",
    "password": samples.PASSWORD,
    "mask": "TESTSM",
    "method": "sendMessage",
    "v": "1.1",
    "auth_scheme": "plain",
    "format": "text",
    "send_to": "919800000001",
    "msg": "Your code is 1234",
    "msg_type": "TEXT",
    "msg_id": "m-1",
    "principalEntityId": "1101000000000000001",
    "dltTemplateId": "1107000000000000001",
}
ABROAD = {"route": Route.INTERNATIONAL, "msisdn": "447700900123", "entity_id": None, "template_id": None}

FORMS: dict[str, tuple[list[Message], dict[str, str | None]]] = {
    "one message": (samples.messages(1), {}),
    "several numbers": (samples.messages(3), {
        "send_to": "919800000001,919800000002,919800000003", "msg_id": None,
    }),
    "Unicode": (
        [samples.message(body="नमस्ते & 1+1", encoding=Encoding.UCS2)],
        {"msg": "नमस्ते & 1+1", "msg_type": "UNICODE_TEXT"},
    ),
    "abroad": (
        [samples.message(**ABROAD)],
        {"send_to": "447700900123", "principalEntityId": None, "dltTemplateId": None},
    ),
    "abroad, whatever the batch says": (
        [samples.message(**ABROAD | {"template_id": "1107"})],
        {"send_to": "447700900123", "principalEntityId": None, "dltTemplateId": None},
    ),
    "header and entity of the settings": (
        [samples.message(header=None, entity_id=None)], {"mask": "ACMEBK", "principalEntityId": "1101"},
    ),
}  # fmt: skip


def gupshup(**changes: Any) -> gateways.Gateway:
    given = {"gupshup_header": "ACMEBK", "gupshup_entity_id": "1101"} | changes
    return gateways.get("gupshup", samples.settings(gateway="gupshup", **given))


@pytest.mark.parametrize("batch, changes", FORMS.values(), ids=FORMS)
def test_form(batch: list[Message], changes: dict[str, str | None]) -> None:
    """A request is a posted form with these fields and no other."""
    request = gupshup().submit_request(batch)
    fields = {
        name: values[0] for name, values in parse_qs(request.content.decode(), strict_parsing=True).items()
    }
    assert fields == {name: text for name, text in (ONE | changes).items() if text is not None}
    assert (request.method, str(request.url)) == ("POST", "https://enterprise.smsgupshup.com/GatewayAPI/rest")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


APART = {
    "text": {"body": "another"},
    "header": {"header": "OTHERS"},
    "entity": {"entity_id": "1102"},
    "template": {"template_id": "1108"},
    "route": ABROAD,
    "number again": {"msisdn": "919800000001"},
}


@pytest.mark.parametrize("changes", APART.values(), ids=APART)
def test_what_keeps_messages_apart(changes: dict[str, Any]) -> None:
    """Messages share a request only with all its parameters, and no number stands in it twice."""
    batch = [samples.message(1), samples.message(2, **changes)]
    assert [len(group) for group in gupshup().batches(batch)] == [1, 1]


def test_campaigns_share_a_request() -> None:
    """No parameter carries the campaign, so it keeps nothing apart; the size of a request is a setting."""
    batch = [samples.message(n, campaign_id=f"c{n}") for n in range(1, 6)]
    assert [len(group) for group in gupshup(send_request_size=2).batches(batch)] == [2, 2, 1]


MISSING = {
    "account": ({"gupshup_userid": "", "gupshup_password": ""}, "GUPSHUP_USERID, RMANALYTICS_GUPSHUP_PASSWORD"),
    "header": ({"gupshup_header": ""}, "GUPSHUP_HEADER"),
}  # fmt: skip


@pytest.mark.parametrize("changes, names", MISSING.values(), ids=MISSING)
def test_missing(changes: dict[str, str], names: str) -> None:
    """What is missing is named by its variable."""
    with pytest.raises(ConfigError, match=f"not set: RMANALYTICS_{names}: "):
        gupshup(**changes).submit_request([samples.message(header=None)])
