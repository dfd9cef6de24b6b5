"""The go-live checklist: each point is missing, then done."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.collectors import TOKEN, collector, exchange, request
from support.doctoring import scene, told
from support.sending import recording

from rmanalytics.doctor import GO_LIVE, Scene, examine
from rmanalytics.imports import bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.send import send
from rmanalytics.send.single_message import prepare
from rmanalytics.support import resources

ACCOUNT = {"gateway": "route_mobile", "route_mobile_username": "acct", "route_mobile_password": "p4ss"}
OURS = {"route_mobile_header": "ACMEBK", "route_mobile_entity_id": "1101000000000000001"}
MORE = {
    "relay_url": "https://eu1.cb.wzrkt.com/sms/generic?account=x",
    "relay_since": datetime(2026, 1, 15, tzinfo=UTC),
    "send_price_per_segment": 0.12,
}


def _find(name: str, on: Scene) -> tuple[str, str, str]:
    return told(next(check for check in GO_LIVE if check.name == name).look(on))


MISSING: dict[str, tuple[str, dict[str, Any], tuple[str, str, str]]] = {
    "no gateway": (
        "account",
        {},
        ("fault", "the gateway is the simulator", "set RMANALYTICS_GATEWAY to route_mobile or gupshup"),
    ),
    "no credentials": (
        "account",
        {"gateway": "route_mobile"},
        (
            "fault",
            "not set: RMANALYTICS_ROUTE_MOBILE_USERNAME, RMANALYTICS_ROUTE_MOBILE_PASSWORD",
            "put them into the environment or .env",
        ),
    ),
    "no connection": (
        "endpoint",
        ACCOUNT | {"route_mobile_url": "http://127.0.0.1:1/bulksms/bulksms"},
        (
            "fault",
            "127.0.0.1:1: connection refused",
            "start what listens there, or correct RMANALYTICS_ROUTE_MOBILE_URL",
        ),
    ),
    "plain http, as documented": (
        "https",
        ACCOUNT,
        (
            "warning",
            "sms6.rmlconnect.net:8080 is plain http: the password travels unencrypted",
            "ask Route Mobile for the https URL of your account and set RMANALYTICS_ROUTE_MOBILE_URL",
        ),
    ),
    "plain http to a simulator": (
        "https",
        {},
        (
            "not_checked",
            "127.0.0.1:8321: plain http, which stays on this machine",
            "set RMANALYTICS_GATEWAY to route_mobile or gupshup",
        ),
    ),
    "no callback URL given": (
        "callback_url",
        ACCOUNT,
        ("fault", "its address is not given", "add --callback https://YOUR-HOST/dlr/route_mobile/TOKEN"),
    ),
    "never called back": (
        "callback_registered",
        ACCOUNT,
        (
            "warning",
            "no callback has arrived yet",
            "ask Route Mobile to register the callback URL, then send a message to your own number",
        ),
    ),
    "no relay": (
        "relay_since",
        ACCOUNT,
        (
            "warning",
            "off: CleverTap gets no DLR from here, and the gateway knows one callback URL",
            "set RMANALYTICS_RELAY_URL to the callback URL that CleverTap shows",
        ),
    ),
    "a relay from the beginning": (
        "relay_since",
        ACCOUNT | {"relay_url": MORE["relay_url"]},
        (
            "warning",
            "on, from the first DLR of this home",
            "set RMANALYTICS_RELAY_SINCE to the time from which CleverTap gets none directly: it counts twice",
        ),
    ),
    "no templates": (
        "templates",
        ACCOUNT,
        (
            "fault",
            "none imported",
            "rmanalytics import templates FILE (the export of your DLT portal)",
        ),
    ),
    "no price": (
        "price",
        ACCOUNT,
        ("warning", "not set: no plan shows a cost", "set RMANALYTICS_SEND_PRICE_PER_SEGMENT"),
    ),
    "no test message": (
        "test_message",
        ACCOUNT,
        (
            "fault",
            "none was sent",
            "rmanalytics send --test +91… --template-id … (your own number)",
        ),
    ),
}


@pytest.mark.parametrize(("name", "flags", "expected"), MISSING.values(), ids=MISSING)
def test_what_is_missing(
    name: str, flags: dict[str, Any], expected: tuple[str, str, str], tmp_path: Path
) -> None:
    """Each point that is not done says so, with what to do."""
    assert _find(name, scene(tmp_path, **flags)) == expected


def test_a_rehearsal_home_is_not_ready(tmp_path: Path) -> None:
    """A home with simulated messages is no home for real ones."""
    with recording() as gateway:
        on = scene(tmp_path, route_mobile_url=gateway.url, **OURS)
        trial = prepare(on.settings, "+919800000201", template_id="1107000000000000101")
        send(trial.batch, on.settings, approve=lambda plan: True)
    ingest(on.settings)
    real = scene(tmp_path, **ACCOUNT)
    assert _find("home", real) == (
        "fault",
        "1 simulated message in it",
        "use another: RMANALYTICS_HOME=real",
    )


def test_everything_done(tmp_path: Path) -> None:
    """With account, callbacks, templates and a delivered test message, all points pass."""
    with recording() as gateway, collector(tmp_path / "data", gateway="route_mobile") as running:
        url = f"http://127.0.0.1:{running.address[1]}/dlr/route_mobile/{TOKEN}"
        flags = ACCOUNT | OURS | MORE | {"route_mobile_url": gateway.url, "callback_url": url}
        on = scene(tmp_path, **flags)
        bring_in(on.settings, "templates", resources.samples() / "templates.csv")
        trial = prepare(on.settings, "+919800000201", template_id="1107000000000000101")
        assert send(trial.batch, on.settings, approve=lambda plan: True).plan.is_first_real
        (sent,) = gateway.requests
        ingest(on.settings)
        assert _find("test_message", on)[:2] == ("fault", "the last one: no dlr")
        dlr = f"sMessageId=gw-{sent['destination']}-0&sMobileNo={sent['destination']}&sStatus=DELIVRD"
        path = running.path(dlr, gateway="route_mobile")
        assert exchange(running.address, request("GET", path))[0] == 200
        ingest(on.settings)
        diagnosis = examine(on, GO_LIVE)
    assert [one.check.name for one in diagnosis.checks if told(one.finding)[0] != "ok"] == ["https"]
    assert told(diagnosis.checks[-1].finding)[1] == "delivered to 9198****0201"
