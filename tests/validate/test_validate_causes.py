"""Each cause provoked on the simulator, over real HTTP both ways, ends in a verdict that names it and its fix."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.collectors import TOKEN, Collector, collector

from rmanalytics import config, simulator
from rmanalytics.checks import Mark
from rmanalytics.send import send
from rmanalytics.simulator import Received
from rmanalytics.validate import Verdict, validate

HEADER, TEMPLATE = "TESTSM", "1107000000000000001"
WAIT_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is different from a send that is right, and what the verdict says."""

    mark: Mark
    exit_code: int
    line: str
    sandbox: dict[str, Any] = field(default_factory=dict)
    sender: dict[str, Any] = field(default_factory=dict)
    row: dict[str, str] = field(default_factory=dict)
    token: str = TOKEN


def _needs_template(received: Received) -> str | None:
    """An operator's scrubber that knows one template."""
    return None if received.template_id == TEMPLATE else "630"


CASES = {
    "all is right": Case(
        mark=Mark.PASS,
        exit_code=0,
        line="PASSED: all three criteria hold for 1 message, batch {batch} (simulated)",
    ),
    "the wrong password": Case(
        sender={"route_mobile_password": "wr0ng"},
        mark=Mark.FAIL,
        exit_code=1,
        line="FAILED: invalid username or password (1703): put the correct user name and password into "
        "RMANALYTICS_ROUTE_MOBILE_USERNAME and _PASSWORD (.env) and into CleverTap's provider, then send again with "
        "--retry-refused (and 1 more below)",
    ),
    "the wrong sender": Case(
        sandbox={"headers": ["OTHERS"]},
        mark=Mark.FAIL,
        exit_code=1,
        line="FAILED: invalid source (header) (1707): set a header that Route Mobile registered for this account "
        "(RMANALYTICS_ROUTE_MOBILE_HEADER, the batch's `header`, `source` in CleverTap), then send again with "
        "--retry-refused; used: TESTSM (and 1 more below)",
    ),
    "the missing template": Case(
        sandbox={"scrub": _needs_template},
        row={"template_id": "1107000000000000009"},
        mark=Mark.FAIL,
        exit_code=1,
        line="FAILED: DLT rejects 1 message: TEMPLATE_NOT_FOUND (630): send the id of a registered template "
        "(`template_id` in the batch, $$TemplateID in `tempid` in CleverTap) (and 1 more below)",
    ),
    "the wrong callback URL": Case(
        token="wrong-token",
        mark=Mark.FAIL,
        exit_code=1,
        line="FAILED: callbacks go to a wrong URL: none was received, and the collector answered 1 request with 404 "
        "(wrong path or token): ask Route Mobile to register https://YOUR-HOST/dlr/simulator/****, with "
        "RMANALYTICS_COLLECT_TOKEN as the last part",
    ),
    "the id that does not come back": Case(
        sandbox={"fault": ["wrong_id=1"]},
        mark=Mark.WARNING,
        exit_code=0,
        line="PASSED WITH A WARNING: the id is not returned: 1 of 1 DLR was matched by number, header and "
        "time only: ask Route Mobile to send back the id of the submit response (sMessageId) or $$MessageID "
        "(`msgid`); CleverTap cannot count such DLRs",
    ),
    "the wrong time zone": Case(
        sandbox={"fault": ["utc_times=1"]},
        mark=Mark.FAIL,
        exit_code=1,
        line="FAILED: wrong time zone: dtSubmit read as Asia/Kolkata is off by -5:30 h: set "
        "RMANALYTICS_ROUTE_MOBILE_TIMEZONE=UTC, delete the database and ingest again (the journal keeps everything)",
    ),
    "the missing credit": Case(
        sandbox={"credits_left": 0},
        mark=Mark.FAIL,
        exit_code=1,
        line="FAILED: insufficient credit (1025): top up the Route Mobile account, then send again with "
        "--retry-refused (and 1 more below)",
    ),
    "no gateway": Case(
        sender={"route_mobile_url": "http://127.0.0.1:9/bulksms/bulksms", "send_retries": 0},
        mark=Mark.FAIL,
        exit_code=4,
        line="FAILED: the gateway cannot be reached: check RMANALYTICS_ROUTE_MOBILE_URL and the network (the "
        "simulator: start `rmanalytics simulate`), then send again",
    ),
    "still pending": Case(
        row={"msisdn": "919999900005"},
        mark=Mark.INCONCLUSIVE,
        exit_code=3,
        line="INCONCLUSIVE: 1 message not final yet: wait: `rmanalytics validate --wait 600`",
    ),
}
PATIENCE_S = {"still pending": 1.5}


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector process; all cases share its home, so each verdict has to be about the last batch alone."""
    with collector(tmp_path_factory.mktemp("causes") / "data") as found:
        yield found


@pytest.mark.parametrize("name", CASES)
def test_a_cause_ends_in_its_verdict(tmp_path: Path, listening: Collector, name: str) -> None:
    """The verdict's one line names the cause and the fix, and shows neither a number nor a secret."""
    case = CASES[name]
    row = {"msisdn": f"9198000000{list(CASES).index(name):02}"} | case.row
    batch = _batch(tmp_path / "batch.csv", row)
    verdict = provoke(batch, listening, case, PATIENCE_S.get(name, WAIT_S))
    said = (verdict.mark, verdict.exit_code, verdict.line)
    named = verdict.about.partition("batch ")[2].removesuffix(" (simulated)")
    assert said == (case.mark, case.exit_code, case.line.format(batch=named))
    everything = str(verdict.as_dict())
    assert not [word for word in ("s3cret", "wr0ng", TOKEN, row["msisdn"]) if word in everything]


def provoke(batch: Path, listening: Collector, case: Case, patience_s: float) -> Verdict:
    """Send one message as the case says and wait for the verdict."""
    host, port = listening.address
    account = {"route_mobile_username": "acct", "route_mobile_password": "s3cret"}
    common = {"home": listening.home, "collect_host": host, "collect_port": port, "collect_token": TOKEN}
    sandbox = simulator.make(
        config.load(**common, **account, simulate_port=0),
        profile_name="clean",
        speed=100.0,
        callback=f"http://{host}:{port}/dlr/simulator/{case.token}",
        retries_s=(),
        **case.sandbox,
    )
    with simulator.running(sandbox) as running:
        sender = account | {"route_mobile_url": running.endpoint("personalizedbulksms")} | case.sender
        settings = config.load(**common, **sender)
        send(batch, settings, approve=lambda plan: True)
        _settle(running, time.monotonic() + WAIT_S)
        return validate(settings, wait_s=patience_s)


def _settle(running: simulator.Running, deadline: float) -> None:
    """Wait until every DLR that is due soon was pushed or lost."""
    while running.state()["dlrs"]["n_pending"] and time.monotonic() < deadline:
        time.sleep(0.05)


def _batch(path: Path, fields: dict[str, str]) -> Path:
    row = {
        "msisdn": "919800000001",
        "body": "Your code is 1234",
        "campaign_id": "otp",
        "template_id": TEMPLATE,
        "header": HEADER,
        "entity_id": "1101000000000000001",
    } | fields
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    return path
