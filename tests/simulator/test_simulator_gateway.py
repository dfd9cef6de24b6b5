"""The simulator and our own Route Mobile gateway understand each other, in every format."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from support.simulating import Client

from rmanalytics import config
from rmanalytics.gateways.route_mobile import RouteMobile
from rmanalytics.models import Message, Result, Route
from rmanalytics.sms import segments

ACCOUNT = {
    "route_mobile_username": "acct",
    "route_mobile_password": "p&w|~,x+%",
    "route_mobile_delimiter": "~",
}
BODIES = {
    "919800000001": "Your code is 1234",
    "919800000002": "Your code is 1234",
    "919800000003": "नमस्ते",
    "919800000004": "Pay ₹5 & more = a|b, c+d",
    "919800000005": "x" * 300,
    "919999900002": "Your code is 1234",
    "919999900030": "Your code is 1234",
    "919800000006": "Your code is 1234",
}
FORMATS = [
    ("bulksms", "GET"),
    ("bulksms", "POST"),
    ("personalizedbulksms", "GET"),
    ("personalizedbulksms", "POST"),
    ("sbulksms", "GET"),
    ("sbulksms", "POST"),
    ("jsonbulksms", "POST"),
    ("clevertap", "POST"),
]


def _message(msisdn: str, body: str) -> Message:
    return Message(
        message_id=f"m-{msisdn}",
        campaign_id="camp 42",
        batch_id="b",
        gateway="simulator",
        route=Route.DOMESTIC,
        msisdn=msisdn,
        header="TESTSM",
        entity_id="1101000000000000001",
        template_id="1107000000000000001",
        body=body,
        encoding=segments.encoding(body),
        n_segments=segments.count(body),
        planned_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("format_, method", FORMATS, ids=map(" ".join, FORMATS))
def test_formats(start: Callable[..., Client], format_: str, method: str) -> None:
    """Each message of a mixed batch gets its answer: accepted, but for the one number that is refused."""
    client = start(ACCOUNT, callback="off")
    url = client.sim.endpoint("bulksms" if format_ == "clevertap" else format_)
    own = ACCOUNT | {"route_mobile_url": url, "route_mobile_format": format_, "route_mobile_method": method}
    gateway = RouteMobile(config.load(**own))
    found = {}
    for batch in gateway.batches(_message(*item) for item in BODIES.items()):
        answers = gateway.submit_responses(batch, client.http.send(gateway.submit_request(batch)))
        found |= {answer.message_id: (answer.result, answer.code) for answer in answers}
    refused = {"m-919999900030": (Result.REFUSED, "1706")}
    assert found == {f"m-{msisdn}": (Result.ACCEPTED, "1701") for msisdn in BODIES} | refused
