"""The same seed and the same messages give the same outcomes, in any order and at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.receiver import Receiver
from support.simulating import FIELDS, Client

from rmanalytics.simulator import profile
from rmanalytics.simulator.faults import SimulatedFault
from rmanalytics.simulator.protocol import SandboxEndpoint
from rmanalytics.simulator.sandbox import Manners, Sandbox

FAULTS = dict.fromkeys(SimulatedFault, 0.2)
FORM = "application/x-www-form-urlencoded"
Fields = dict[str, str]


def _batch(n: int) -> list[Fields]:
    return [FIELDS | {"destination": f"91980{i % 17:07}", "message": f"Code {i % 5}"} for i in range(n)]


def _told(seed: int, batch: list[Fields], now: float = 0.0) -> list[tuple[Any, ...]]:
    """Return all that follows from submitting the batch in its order, sorted, times aside."""
    sandbox = Sandbox(Manners(profile=profile.load("bad-day"), seed=seed, shares=FAULTS, post_share=0.5))
    told = []
    for fields in batch:
        reaction = sandbox.react(SandboxEndpoint.BULK, "", FORM, urlencode(fields).encode(), now)
        pairs = [
            (sent.received.msisdn, sent.received.text, sent.message_id, sent.mcc_mnc, sent.is_post, report)
            for sent, report in (*reaction.first, *reaction.later)
        ]
        told.append((fields["destination"], fields["message"], reaction.answer, reaction.hangs, pairs))
    return sorted(told, key=repr)


@settings(max_examples=25, deadline=None)
@given(st.permutations(_batch(60)))
def test_order_and_clock_do_not_matter(batch: list[Fields]) -> None:
    """Answers, ids, operators, words, codes and delays depend on the messages alone."""
    assert _told(7, batch, now=1e9) == _told(7, _batch(60))


def test_another_seed_gives_another_day() -> None:
    """Another seed changes what becomes of the messages."""
    assert _told(7, _batch(60)) != _told(8, _batch(60))


def test_two_runs_over_http(start: Callable[..., Client], receiver: Receiver) -> None:
    """Two servers with one seed, sent the same messages in opposite order, report the same."""
    numbers = [f"91981{n:07}" for n in range(60)]
    runs = []
    for order in (1, -1):
        before = len(receiver.got)
        client = start(profile_name="default", speed=10_000.0, seed=5, callback_method="mixed")
        for number in numbers[::order]:
            client.submit(destination=number)
        planned = client.sim.state()["dlrs"]["n_planned"]
        got = receiver.wait(before + planned)[before:]
        runs.append(sorted((one.method, *_without_times(one.fields).values()) for one in got))
    assert runs[0] == runs[1]
    assert len(runs[0]) >= 60


TWICE = {"by ordinal": {}, "by msgid": {"msgid": "m-1"}}


@pytest.mark.parametrize("extra", TWICE.values(), ids=TWICE)
def test_equal_messages_get_ids_of_their_own(start: Callable[..., Client], extra: Fields) -> None:
    """A message that is sent twice is two messages to the gateway."""
    client = start(callback="off")
    assert client.submit(**extra) != client.submit(**extra)


def test_msgid_tells_messages_apart() -> None:
    """With msgid, equal texts to one number keep their outcome whichever comes first."""
    batch = [FIELDS | {"message": "Hello", "msgid": f"m-{n}"} for n in range(40)]
    sandboxes = [Sandbox(Manners(profile=profile.load("default"))) for _ in range(2)]
    answers = [
        {
            fields["msgid"]: sandbox.react(
                SandboxEndpoint.BULK, "", FORM, urlencode(fields).encode(), 0.0
            ).answer
            for fields in order
        }
        for sandbox, order in zip(sandboxes, (batch, batch[::-1]), strict=True)
    ]
    assert answers[0] == answers[1]


def _without_times(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name not in {"dtSubmit", "dtDone"}}
