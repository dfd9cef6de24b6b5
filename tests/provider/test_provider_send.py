"""`send --provider` and `send --test`: CleverTap's bytes and manners, and a test message to its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from support.provider_messages import message
from support.providers import BATCHED, GOOD, write
from support.sending import recording, records, results, row, settings, write_csv

from rmanalytics import config, journal, provider, simulator
from rmanalytics.cli import main
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.send import send, single_message
from rmanalytics.simulator.protocol import ANYBODY, SandboxEndpoint
from rmanalytics.simulator.requests import read

ANSWERS: dict[str, tuple[Any, str, str]] = {
    "accepted": ("1701|919800000001|gw1", "accepted", "CleverTap counts HTTP 200 as sent"),
    "refused in the body": ("1703", "refused", "CleverTap counts HTTP 200 as sent"),
    "refused with 400": ((400, "1707"), "refused", "CleverTap counts HTTP 400 as an error"),
    "unreadable": ("<html>", "unclear", "CleverTap counts HTTP 200 as sent"),
    "server error": ((503, "busy"), "unclear", "CleverTap counts HTTP 503 as an error"),
}


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_NAME", "acct")
    monkeypatch.setenv("PASS", "hunter2")


@pytest.mark.parametrize(("reply", "result", "words"), ANSWERS.values(), ids=ANSWERS)
def test_both_facts(reply: Any, result: str, words: str, tmp_path: Path) -> None:
    """Route Mobile's word and CleverTap's rule are both in the journal; one try, no secret."""
    batch = write_csv(tmp_path / "b.csv", [row(1, header="ACMEBK", entity_id="1101000000000000001")])
    with recording(lambda *_: reply) as gateway:
        chosen = provider.load(write(tmp_path / "p.json", GOOD, {"endpoint": gateway.url}))
        home = settings(tmp_path / "data", gateway.url)
        send(batch, home, approve=lambda plan: True, provider=chosen)
        assert len(gateway.requests) == 1
    assert results(home.journal_dir) == {"m1": [result]}
    answer = next(r for r in records(home.journal_dir, journal.SUBMISSIONS) if "responses" in r)
    assert words in answer["responses"][0]["detail"]
    assert "hunter2" not in orjson.dumps(answer).decode()


def test_not_where_it_may_not(tmp_path: Path) -> None:
    """Nothing goes to another company, with errors, or for another account."""
    batch = write_csv(tmp_path / "b.csv", [row(1)])
    home = config.load(home=tmp_path / "data")
    cases = {
        "another company": {"endpoint": "https://ap.awsigateway.com/v1/enterprises/messages.json"},
        "without .*MessageID": {"body.msgid": None, "body.udf1": None},
        "cannot do that": {"encryption": True},
    }
    for words, change in cases.items():
        chosen = provider.load(write(tmp_path / "p.json", GOOD, change))
        with pytest.raises(ConfigError, match=words):
            send(batch, home, approve=lambda plan: True, provider=chosen)
    with recording() as gateway:
        chosen = provider.load(write(tmp_path / "p.json", GOOD, {"endpoint": gateway.url}))
        with pytest.raises(BadInput, match="use the provider file of that account"):
            send(batch, home, approve=lambda plan: True, provider=chosen)
        assert gateway.requests == []


def test_a_rehearsal_goes_to_the_simulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the gateway is the simulator, a real endpoint is played by it; `.env` gives what is not exported."""
    monkeypatch.delenv("PASS")
    (tmp_path / ".env").write_text("PASS=fr0m-file\n")
    with recording() as gateway:
        chosen = provider.load(write(tmp_path / "p.json", GOOD, {}))
        home = settings(tmp_path / "data", gateway.url)
        sent = send(
            write_csv(tmp_path / "b.csv", [row(1, header="ACMEBK", entity_id="1101000000000000001")]),
            home,
            approve=lambda plan: True,
            provider=chosen,
        )
        assert [fields["password"] for fields in gateway.requests] == ["fr0m-file"]
    here = gateway.url.partition("/bulksms")[0]
    assert sent.plan.endpoints == (f"{here}/bulksms/personalizedbulksms",)


def test_two_accounts_in_one_home(tmp_path: Path) -> None:
    """A file per account: each batch carries its own header and entity_id into request and journal."""
    home = config.load(home=tmp_path / "data")
    with recording() as gateway:
        for place, header in enumerate(("ACMEBK", "ACMEIN")):
            change = {"endpoint": gateway.url, "body.source": header, "body.entityid": f"110{place}"}
            chosen = provider.load(write(tmp_path / f"{header}.json", GOOD, change))
            rows = [{k: v for k, v in row(place).items() if k != "header"}]
            send(write_csv(tmp_path / f"{place}.csv", rows), home, approve=lambda plan: True, provider=chosen)
        sent = [(fields["source"], fields["entityid"]) for fields in gateway.requests]
    kept = [(r["header"], r["entity_id"]) for r in records(home.journal_dir, journal.MESSAGES)]
    assert sorted(sent) == sorted(kept) == [("ACMEBK", "1100"), ("ACMEIN", "1101")]


def test_the_simulator_reads_a_batch(tmp_path: Path) -> None:
    """The simulator takes the batched shape: an entry per object, in order."""
    chosen = provider.load(write(tmp_path / "p.json", BATCHED, {}))
    sent = [message("+919800000001"), message("+919800000002", text="two")]
    request = provider.render(chosen, sent)
    ask = read(SandboxEndpoint.BULK, "", "application/json", request.content, ANYBODY)
    assert ask.code is None
    assert [e.received and (e.received.msisdn, e.received.text) for e in ask.entries] == [
        (m.msisdn, m.body) for m in sent
    ]


def test_batched_through_the_simulator(tmp_path: Path) -> None:
    """Three messages, two a request: over HTTP each is accepted with an id of its own, in its order."""
    account = {"route_mobile_username": "acct", "route_mobile_password": "hunter2", "gateway": "simulator"}
    home = config.load(home=tmp_path / "data", **account)
    plan = simulator.make(home.model_copy(update={"simulate_port": 0}), profile_name="clean", callback="off")
    rows = [{k: v for k, v in row(n).items() if k not in {"header", "entity_id"}} for n in range(3)]
    with simulator.running(plan) as running:
        endpoint = running.endpoint("bulksms")
        chosen = provider.load(write(tmp_path / "p.json", BATCHED, {"endpoint": endpoint, "batch.size": 2}))
        send(write_csv(tmp_path / "b.csv", rows), home, approve=lambda plan: True, provider=chosen)
        n_requests = running.state()["n_requests"]
    answers = [r for r in records(home.journal_dir, journal.SUBMISSIONS) if "responses" in r]
    said = [one for answer in answers for one in answer["responses"]]
    assert n_requests == len(answers) == 2
    assert {(one["message_id"], one["result"]) for one in said} == {
        (r["message_id"], "accepted") for r in rows
    }
    assert len({one["gateway_message_id"] for one in said}) == 3


def test_ctrl_c_ends_the_following(tmp_path: Path) -> None:
    """What is known of the test message then is the answer."""

    def interrupt(_standing: single_message.Standing) -> None:
        raise KeyboardInterrupt

    with recording() as gateway:
        home = settings(tmp_path / "data", gateway.url)
        one = single_message.prepare(home, "+919800000001", header="ACMEBK", template_id="1107")
        send(one.batch, home, approve=lambda plan: True)
        standing = single_message.follow(home, one, wait_s=60, watch=interrupt)
    assert (standing.state, standing.exit_code) == ("no_dlr", 3)


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`send --test --provider` sends one message with the file's fields; refused is exit code 1."""
    with recording(lambda *_: "1703") as gateway:
        definition = write(tmp_path / "p.json", GOOD, {"endpoint": gateway.url})
        words = ["send", "--test", "+919800000001", "--template-id", "1107", "--provider", str(definition)]
        monkeypatch.setattr(
            sys, "argv", ["rmanalytics", *words, "--wait", "5", "--home", str(tmp_path / "data")]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code, "hunter2" in "".join(capsys.readouterr())) == (1, False)
        assert [fields["password"] for fields in gateway.requests] == ["hunter2"]
