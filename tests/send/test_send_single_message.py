"""`send --test`: one message, followed until its end."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from support.command import run

from rmanalytics import config, simulator
from rmanalytics.errors import BadInput
from rmanalytics.models import State
from rmanalytics.send import preview, send, single_message


@pytest.fixture
def sandbox(tmp_path):
    """Settings whose simulator listens; DLRs go nowhere."""
    own = config.load(home=tmp_path / "data", simulate_port=0)
    with ExitStack() as stack:
        sim = stack.enter_context(
            simulator.running(simulator.make(own, profile_name="clean", callback="off"))
        )
        yield own.model_copy(update={"simulate_port": int(sim.url.rpartition(":")[2])})


def test_followed(sandbox):
    """A test message is sent like any other, found again by its campaign, and told at each change."""
    made = single_message.prepare(
        sandbox, "+91 98123-45678", template_id="1107000000000000101", header="ACMEBK"
    )
    sent = send(made.batch, sandbox, approve=lambda plan: False)
    assert sent.summary.n_accepted == 1
    seen = []
    standing = single_message.follow(sandbox, made, wait_s=0.3, watch=seen.append, look_s=0.1)
    assert seen == [standing]
    assert (standing.state, standing.exit_code) == (State.NO_DLR, 3)  # nobody collects here
    assert standing.describe() == "no dlr"


def test_one_test_message(sandbox):
    """What `provider render --to` shows is the message that `send --test` sends."""
    now = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
    made = single_message.prepare(sandbox, "+91 98123-45678", template_id="1107000000000000101", now=now)
    with made.batch.open(newline="") as file:
        (row,) = csv.DictReader(file)
    shown = preview.one("+91 98123-45678", "", "1107000000000000101", now)
    assert row == {name: getattr(shown, name) for name in ("msisdn", "body", "campaign_id", "template_id")}


def test_no_number(sandbox):
    """A number that is none is refused in one line, masked, and leaves no file."""
    with pytest.raises(BadInput, match=r"^--test \*\*\*\*45: "):
        single_message.prepare(sandbox, "912345")
    assert not list((sandbox.home / "tests").glob("*"))


ENDS = {
    State.DELIVERED: 0,
    State.FAILED: 1,
    State.REFUSED: 1,
    State.UNSENT: 4,
    State.NO_DLR: 3,
    State.QUEUED: 3,
    State.UNCLEAR: 3,
}


@pytest.mark.parametrize("state, exit_code", ENDS.items(), ids=ENDS)
def test_exit_codes(state, exit_code):
    """Each end has the exit code of the contract."""
    standing = single_message.Standing(state=state, code=None, raw_status=None, n_dlrs=0, latency_s=None)
    assert standing.exit_code == exit_code


REAL = {
    "RMANALYTICS_GATEWAY": "route_mobile",
    "RMANALYTICS_ROUTE_MOBILE_USERNAME": "acct",
    "RMANALYTICS_ROUTE_MOBILE_PASSWORD": "p4ss",
}
NOTHING_SENT = {
    "prove: no header": (
        ("prove", "--to", "+91 98123-45678", "--template-id", "1107"),
        REAL,
        "--header is empty: give it or set RMANALYTICS_ROUTE_MOBILE_HEADER",
    ),
    "send: no header": (
        ("send", "--test", "+91 98123-45678", "--template-id", "1107"),
        REAL,
        "--header is empty: give it or set",
    ),
    "no template": (
        ("prove", "--to", "+91 98123-45678", "--header", "ACMEBK"),
        REAL,
        "--template-id is empty: a domestic message needs its DLT template",
    ),
    "a sample number for real": (
        ("prove", "--to", "+919800000101", "--header", "ACMEBK", "--template-id", "1107"),
        REAL,
        "--to ",
    ),
    "nobody to ask": (("prove", "--to", "+44 7911 123987", "--header", "ACMEBK"), REAL, "--yes is missing"),
    "no credentials": (
        ("prove", "--to", "+44 7911 123987", "--header", "ACMEBK"),
        {"RMANALYTICS_GATEWAY": "route_mobile"},
        "RMANALYTICS_ROUTE_MOBILE_USERNAME",
    ),
    "only looked at": (("send", "--test", "+44 7911 123987", "--header", "ACMEBK", "--dry-run"), REAL, ""),
}


@pytest.mark.parametrize("arguments, settings, said", NOTHING_SENT.values(), ids=NOTHING_SENT)
def test_a_test_that_is_not_sent_leaves_nothing(tmp_path, arguments, settings, said):
    """What is wrong with a test message is one line about its option, without the path of a file; none is left."""
    done = run(*arguments, cwd=tmp_path, **settings)
    last = done.stderr.splitlines()[-1] if done.stderr else ""
    assert (said in last, str(tmp_path) in last, "data/tests" in last) == (True, False, False), done.stderr
    assert not (tmp_path / "data" / "tests").exists()
