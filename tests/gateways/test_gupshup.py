"""Gupshup from batch file to verdict: sent to a server of this machine, called back, ingested, judged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.collectors import TOKEN, collector, exchange, request
from support.doctoring import find, scene, told
from support.sending import PASSWORD, Recorder, recording, records, row, write_csv

from rmanalytics import config, gateways, journal, warehouse
from rmanalytics.checks import Mark
from rmanalytics.imports import Options, bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.metrics import failures
from rmanalytics.send import Sent, send
from rmanalytics.validate import validate

ACCOUNT = {"gateway": "gupshup", "gupshup_userid": "2000012345", "gupshup_password": PASSWORD}
TIMES = "1526347800123"
AT = datetime(2018, 5, 15, 1, 30, 0, 123_000, UTC)


def accept(fields: dict[str, str], _n_before: int) -> str:
    """Accept every number of the request but those that end in 2."""
    return "\n".join(
        "error | 105 | The phone number is not valid"
        if number.endswith("2")
        else f"success | {number} | 7280-{number}"
        for number in fields["send_to"].split(",")
    )


def settings(home: Path, gateway: Recorder, **changes: Any) -> config.Settings:
    """Settings of a home that sends to the recorder."""
    url = f"http://127.0.0.1:{gateway.port}/GatewayAPI/rest"
    given: dict[str, Any] = ACCOUNT | {"gupshup_url": url, "collect_token": TOKEN, "send_retry_s": 0.01}
    return config.load(home=home, **(given | changes))


def sent(folder: Path, gateway: Recorder, n: int = 3, *, is_approved: bool = True, **changes: Any) -> Sent:
    """A batch of so many messages, sent."""
    batch = write_csv(
        folder / "batch.csv", [row(number, body="Your code is 1") for number in range(1, n + 1)]
    )
    return send(batch, settings(folder / "data", gateway, **changes), approve=lambda plan: is_approved)


def query(home: Path, statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(home / "rmanalytics.duckdb", read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(statement).fetchall()


def test_sent(tmp_path: Path) -> None:
    """Messages with one text share a request; what came of each is in summary and journal, the password nowhere."""
    with recording(accept) as gateway:
        done = sent(tmp_path, gateway)
    assert done.summary is not None
    assert [(one.result, one.code, one.meaning, one.n_messages) for one in done.summary.codes] == [
        ("accepted", "success", None, 2),
        ("refused", "105", "invalid phone number: The phone number is not valid", 1),
    ]
    assert len(gateway.requests) == 1
    assert gateway.lines == ["POST /GatewayAPI/rest HTTP/1.1"]
    [attempt, answer] = records(tmp_path / "data" / "journal", journal.SUBMISSIONS)
    assert attempt["gateway"] == "gupshup"
    assert [one["gateway_message_id"] for one in answer["responses"]] == [
        f"7280-{gateway.requests[0]['send_to'].split(',')[0]}",
        None,
        f"7280-{gateway.requests[0]['send_to'].split(',')[2]}",
    ]
    assert PASSWORD not in "".join(path.read_text() for path in (tmp_path / "data" / "journal").iterdir())


def test_nothing_goes_without_a_yes(tmp_path: Path) -> None:
    """Gupshup is a real gateway: a plan that is not approved sends nothing."""
    with recording(accept) as gateway:
        assert sent(tmp_path, gateway, is_approved=False).summary is None
    assert gateway.requests == []


def test_a_wrong_password_stops_the_run(tmp_path: Path) -> None:
    """The first answer that blames the account ends it, and the criterion of credentials says what to do."""
    with recording(lambda _fields, _n: "error | 102 | The user id or password is not valid") as gateway:
        done = sent(tmp_path, gateway, n=4, send_request_size=1, send_concurrency=1)
        verdict = validate(settings(tmp_path / "data", gateway))
    assert done.summary is not None
    assert (done.summary.n_refused, done.summary.n_unsent) == (1, 3)
    assert (
        "wrong user id or password (102): put the user id and password of the Gupshup website into"
        in verdict.line
    )
    assert verdict.mark is Mark.FAIL


def test_called_back_and_judged(tmp_path: Path) -> None:
    """A GET and a POST of `/dlr/gupshup/<token>` find their messages; tables and verdict speak Gupshup's words."""
    with recording(accept) as gateway:
        sent(tmp_path, gateway, n=4)
        numbers = gateway.requests[0]["send_to"].split(",")
        chosen = settings(tmp_path / "data", gateway)
        with collector(chosen.home) as own:
            got = f"externalId=7280-{numbers[0]}&deliveredTS={TIMES}&status=SUCCESS&cause=SUCCESS&errCode=000"
            event = {"externalId": f"7280-{numbers[2]}", "eventType": "FAILED", "eventTs": int(TIMES)}
            event |= {"cause": "ABSENT_SUBSCRIBER", "errCode": "001", "destAddr": numbers[2]}
            assert exchange(own.address, request("GET", own.path(got, "gupshup")))[0] == 200
            body = json.dumps([event]).encode()
            posted = request("POST", own.path(gateway="gupshup"), body)
            assert exchange(own.address, posted)[0] == 200
        done = ingest(chosen)
        verdict = validate(chosen)
    assert (done.n_dlrs, done.n_unparsed) == (2, 0)
    found = query(chosen.home, "SELECT status, error_code, matched_by, done_at FROM dlrs ORDER BY status")
    assert found == [
        ("delivered", None, "gateway_message_id", AT),
        ("failed", "001", "gateway_message_id", AT),
    ]
    with warehouse.connect(chosen.home) as store:
        codes = failures.caused(failures.failure_codes(store.outcomes()))
    assert sorted(codes[["state", "code", "meaning", "is_sure"]].values.tolist()) == [
        ["failed", "001", "absent subscriber", False],
        ["refused", "105", "invalid phone number", True],
    ]
    marks = {one.check.name: one.finding.mark for part in verdict.criteria for one in part.checks}
    assert marks["time_zone"] is Mark.NOT_APPLICABLE
    assert marks["credentials"] is marks["payload"] is marks["status"] is Mark.PASS


def test_imported(tmp_path: Path) -> None:
    """An export under Gupshup's field names is read in Gupshup's words."""
    chosen = config.load(home=tmp_path / "data")
    path = tmp_path / "export.csv"
    path.write_text(
        f"externalId,phoneNo,status,deliveredTS,cause,mask\n1-2,919800000001,SUCCESS,{TIMES},SUCCESS,A\n"
    )
    bring_in(chosen, "dlrs", path, options=Options(gateway="gupshup"))
    found = query(
        chosen.home, "SELECT gateway, gateway_message_id, raw_status, status, header, done_at FROM dlrs"
    )
    assert found == [("gupshup", "1-2", "SUCCESS", "delivered", "A", AT)]


DOCTOR: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "no account": (
        {"gateway": "gupshup"},
        (
            "fault",
            "not set: RMANALYTICS_GUPSHUP_USERID, RMANALYTICS_GUPSHUP_PASSWORD",
            "put them into the environment or .env",
        ),
    ),
    "no header": (
        ACCOUNT | {"gupshup_entity_id": "1101000000000000001"},
        (
            "warning",
            "not set: RMANALYTICS_GUPSHUP_HEADER",
            "set them, or give header and entity_id in every row of a domestic batch",
        ),
    ),
    "complete": (
        ACCOUNT | {"gupshup_entity_id": "1101000000000000001", "gupshup_header": "ACMEBK"},
        ("ok", "gupshup, with account, header and entity", ""),
    ),
}


@pytest.mark.parametrize("flags, expected", DOCTOR.values(), ids=DOCTOR)
def test_doctor(flags: dict[str, Any], expected: tuple[str, str, str], tmp_path: Path) -> None:
    """doctor says what is missing of Gupshup's settings."""
    assert told(find("gateway_settings", scene(tmp_path, **flags))) == expected


def test_both_gateways_know_102() -> None:
    """The same number means different things: without a gateway's name nobody can say what."""
    assert gateways.submit_code("102", ["gupshup"]) != gateways.submit_code("102", ["route_mobile"])
    assert gateways.submit_code("102") is None
