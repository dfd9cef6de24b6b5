"""The fold from messages, submissions and DLRs to outcomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.evidence import (
    HORIZON_S,
    at,
    connection,
    dlr,
    fold,
    folded,
    message,
    query,
    submission,
    unbound,
)

from rmanalytics import models
from rmanalytics.errors import BadInput
from rmanalytics.warehouse import outcomes
from rmanalytics.warehouse.snapshot import Snapshot

VERDICT = ("state", "error_code", "final_at", "latency_s", "n_dlrs", "has_conflict")
OPEN = (None, None)
"""final_at and latency_s of a message that is not final."""
DONE = (at(6), 5.0)
"""The same of `dlr()`."""

ACCEPTED = [submission()]
UNCLEAR = [submission("unclear")]
REFUSED = [submission("refused", code="1706")]

RULES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], tuple[Any, ...]]] = {
    # submit responses alone
    "never attempted is unsent": ([], [], ("unsent", None, *OPEN, 0, False)),
    "left over when the batch stopped": ([submission("unsent")], [], ("unsent", None, *OPEN, 0, False)),
    "refused is final when it was answered": (REFUSED, [], ("refused", None, at(1), None, 0, False)),
    "refused without an answer time is final at the attempt": (
        [submission("refused", answered_at=None)], [], ("refused", None, at(0), None, 0, False),
    ),
    "unclear": (UNCLEAR, [], ("unclear", None, *OPEN, 0, False)),
    "accepted without a word since is no_dlr": (ACCEPTED, [], ("no_dlr", None, *OPEN, 0, False)),
    "an unheard-of result is unsent": ([submission("x")], [], ("unsent", None, *OPEN, 0, False)),
    # several attempts
    "accepted after unsent": ([submission("unsent"), *ACCEPTED], [], ("no_dlr", None, *OPEN, 0, False)),
    "accepted after refused": ([*REFUSED, *ACCEPTED], [], ("no_dlr", None, *OPEN, 0, False)),
    "accepted after unclear": ([*UNCLEAR, *ACCEPTED], [], ("no_dlr", None, *OPEN, 0, False)),
    "unclear is not cleared by a refusal": ([*REFUSED, *UNCLEAR], [], ("unclear", None, *OPEN, 0, False)),
    "refused beats unsent": ([submission("unsent"), *REFUSED], [], ("refused", None, at(1), None, 0, False)),
    # one DLR
    "delivered": (ACCEPTED, [dlr()], ("delivered", None, *DONE, 1, False)),
    "failed with its code": (
        ACCEPTED, [dlr("failed", error_code="205")], ("failed", "205", *DONE, 1, False),
    ),
    "queued is not final": (ACCEPTED, [dlr("queued")], ("queued", None, *OPEN, 1, False)),
    "unknown is not final": (ACCEPTED, [dlr("unknown")], ("unknown", None, *OPEN, 1, False)),
    "a status we do not know is unknown": (ACCEPTED, [dlr("x")], ("unknown", None, *OPEN, 1, False)),
    "delivered with an error code keeps the code": (
        ACCEPTED, [dlr(error_code="002")], ("delivered", "002", *DONE, 1, False),
    ),
    # several DLRs
    "delivered beats failed, a conflict": (
        ACCEPTED, [dlr("failed", error_code="205"), dlr()], ("delivered", None, *DONE, 2, True),
    ),
    "failed beats queued": (ACCEPTED, [dlr("queued"), dlr("failed")], ("failed", None, *DONE, 2, False)),
    "queued beats unknown": (ACCEPTED, [dlr("unknown"), dlr("queued")], ("queued", None, *OPEN, 2, False)),
    "a late queued does not lower delivered": (
        ACCEPTED, [dlr(), dlr("queued", done_at=at(90))], ("delivered", None, *DONE, 2, False),
    ),
    "repeated DLRs are counted and change nothing else": (
        ACCEPTED, [dlr(), dlr(), dlr()], ("delivered", None, *DONE, 3, False),
    ),
    "the earliest final DLR counts": (
        ACCEPTED, [dlr(done_at=at(9)), dlr(done_at=at(3))], ("delivered", None, at(3), 2.0, 2, False),
    ),
    "the smallest code of the winning status": (
        ACCEPTED,
        [dlr("failed", error_code=code) for code in ("650", None, "20b")] + [dlr("queued", error_code="1")],
        ("failed", "20b", *DONE, 4, False),
    ),
    # times
    "no time zone matters when the gateway's clock has both times": (
        ACCEPTED,
        [dlr(submitted_at=at(1 - 19800), done_at=at(6 - 19800))],
        ("delivered", None, at(6 - 19800), 5.0, 1, False),
    ),
    "negative latency": (ACCEPTED, [dlr(done_at=at(0.5))], ("delivered", None, at(0.5), -0.5, 1, False)),
    "without done_at, our clock": (ACCEPTED, [dlr(done_at=None)], ("delivered", None, at(8), 8.0, 1, False)),
    "without submitted_at, our clock": (
        ACCEPTED, [dlr(submitted_at=None)], ("delivered", None, at(6), 8.0, 1, False),
    ),
    "a DLR with both times beats one without": (
        ACCEPTED, [dlr(done_at=None, received_at=at(2)), dlr()], ("delivered", None, at(2), 5.0, 2, False),
    ),
    "without an attempt and the gateway's times there is no latency": (
        [], [dlr(done_at=None)], ("delivered", None, at(8), None, 1, False),
    ),
    # DLRs against submit responses
    "a DLR proves that unclear was accepted": (UNCLEAR, [dlr()], ("delivered", None, *DONE, 1, False)),
    "a DLR proves that unsent was accepted": ([], [dlr("queued")], ("queued", None, *OPEN, 1, False)),
    "a DLR of a refused message is a conflict": (REFUSED, [dlr()], ("delivered", None, *DONE, 1, True)),
    "a queued DLR of a refused one too": (REFUSED, [dlr("queued")], ("queued", None, *OPEN, 1, True)),
    "refused once, accepted later: no conflict": (
        [*REFUSED, *ACCEPTED], [dlr()], ("delivered", None, *DONE, 1, False),
    ),
}  # fmt: skip


@pytest.mark.parametrize("submissions, dlrs, expected", RULES.values(), ids=RULES)
def test_rule(
    submissions: list[dict[str, Any]], dlrs: list[dict[str, Any]], expected: tuple[Any, ...]
) -> None:
    """Each rule of the state table gives its verdict for one message."""
    [row] = folded([message()], submissions, dlrs)
    assert tuple(row[name] for name in VERDICT) == expected


AS_OF: dict[str, tuple[float, str, int]] = {
    "before the plan there is no message": (-3, "", 0),
    "planned, not attempted": (-1, "unsent", 0),
    "attempted, not answered is unclear": (0.5, "unclear", 0),
    "answered": (1, "no_dlr", 0),
    "the first DLR is in": (8, "queued", 1),
    "the second DLR is not in before it came, whatever it is dated": (19, "queued", 1),
    "the second DLR is in": (20, "delivered", 2),
}


@pytest.mark.parametrize("second, state, n_dlrs", AS_OF.values(), ids=AS_OF)
def test_as_of(second: float, state: str, n_dlrs: int) -> None:
    """`as_of` shows what was known then: cut on when things reached us, not on the dates they bear."""
    dlrs = [dlr("queued"), dlr(received_at=at(20))]
    found = folded([message()], [submission()], dlrs, as_of=at(second))
    assert [(row["state"], row["n_dlrs"]) for row in found] == ([(state, n_dlrs)] if state else [])


def test_whole_row() -> None:
    """A message that was accepted and delivered shows its own columns and what both sides said of it."""
    [row] = folded([message()], [submission()], [dlr(mcc_mnc=None), dlr("queued", charge=None)])
    assert row == {
        "message_id": "m1",
        "campaign_id": "camp42",
        "state": "delivered",
        "error_code": None,
        "final_at": at(6),
        "latency_s": 5.0,
        "n_dlrs": 2,
        "has_conflict": False,
        "batch_id": "batch1",
        "gateway": "route_mobile",
        "route": "domestic",
        "msisdn": "919800000001",
        "header": "TESTSM",
        "entity_id": "1101000000000000001",
        "template_id": "1107000000000000001",
        "body": "Your code is 1234",
        "encoding": "gsm7",
        "n_segments": 1,
        "planned_at": at(-2),
        "submit_result": "accepted",
        "submit_code": "1701",
        "submitted_at": at(0),
        "gateway_message_id": "gw-m1",
        "raw_status": "DELIVRD",
        "mcc_mnc": "40445",
        "cost": 0.012,
        "charge": 0.012,
        "age_s": 3600.0,
        "is_overdue": False,
        "is_latency_negative": False,
        "is_dlr_only": False,
        "is_simulated": False,
    }


def test_whole_row_of_a_message_only_dlrs_tell_of() -> None:
    """DLRs that name a message nobody planned make a row of what they say, once for all that share its id."""
    first = dlr("queued", None, gateway_message_id="gw-9", tag="push", msisdn="447700900001")
    [row] = folded(dlrs=[first, first | {"status": "failed", "raw_status": "EXPIRED", "error_code": "7"}])
    shown = {name: value for name, value in row.items() if value is not None}
    assert shown == {
        "message_id": "gw-9",
        "campaign_id": "push",
        "state": "failed",
        "error_code": "7",
        "final_at": at(6),
        "latency_s": 5.0,
        "n_dlrs": 2,
        "has_conflict": False,
        "gateway": "route_mobile",
        "route": "international",
        "msisdn": "447700900001",
        "header": "TESTSM",
        "planned_at": at(1),
        "gateway_message_id": "gw-9",
        "raw_status": "EXPIRED",
        "mcc_mnc": "40445",
        "cost": 0.012,
        "charge": 0.012,
        "age_s": 3599.0,
        "is_overdue": False,
        "is_latency_negative": False,
        "is_dlr_only": True,
        "is_simulated": False,
    }


DLR_ONLY = {
    "an Indian number is domestic": (dlr(message_id=None), ("gw-m1", "domestic", at(1))),
    "another number is not": (dlr(message_id=None, msisdn="977980000001"), ("gw-m1", "international", at(1))),
    "no number, no route": (dlr(message_id=None, msisdn=None), ("gw-m1", None, at(1))),
    "without submitted_at it is dated when it came": (
        dlr(message_id=None, submitted_at=None), ("gw-m1", "domestic", at(8)),
    ),
    "without any id it is nobody's": (dlr(message_id=None, gateway_message_id=None), None),
    "a message of ours that is not known keeps our id": (dlr(message_id="m7"), ("m7", "domestic", at(1))),
}  # fmt: skip


@pytest.mark.parametrize("one, expected", DLR_ONLY.values(), ids=DLR_ONLY)
def test_dlr_only(one: dict[str, Any], expected: tuple[Any, ...] | None) -> None:
    """What a DLR without a message of ours tells: id, route and time."""
    found = [(row["message_id"], row["route"], row["planned_at"]) for row in folded(dlrs=[one])]
    assert found == ([expected] if expected else [])


ATTEMPTS = {
    "the accepted attempt": (
        [*UNCLEAR, submission(attempted_at=at(30))],
        ("accepted", "1701", at(30), "gw-m1"),
    ),
    "the first of two accepted ones": (
        [submission(attempted_at=at(9), code="b"), submission(attempted_at=at(4), code="a")],
        ("accepted", "a", at(4), "gw-m1"),
    ),
    "the code of a lesser attempt is not shown": ([*REFUSED, *UNCLEAR], ("unclear", None, at(0), None)),
    "a refusal shows its code": (REFUSED, ("refused", "1706", at(0), None)),
    "no attempt": ([], (None, None, None, None)),
}


@pytest.mark.parametrize("submissions, expected", ATTEMPTS.values(), ids=ATTEMPTS)
def test_attempt(submissions: list[dict[str, Any]], expected: tuple[Any, ...]) -> None:
    """The best attempt gives submit_result, submit_code, submitted_at and gateway_message_id."""
    [row] = folded([message()], submissions)
    names = ("submit_result", "submit_code", "submitted_at", "gateway_message_id")
    assert tuple(row[name] for name in names) == expected


AGES = {
    "within the horizon": (HORIZON_S - 1, [], False),
    "at the horizon": (HORIZON_S, [], True),
    "past the horizon": (HORIZON_S + 1, [], True),
    "with a DLR nothing is overdue": (HORIZON_S + 1, [dlr("queued")], False),
}


@pytest.mark.parametrize("age_s, dlrs, expected", AGES.values(), ids=AGES)
def test_overdue(age_s: float, dlrs: list[dict[str, Any]], expected: bool) -> None:
    """no_dlr is overdue once the attempt is as old as the horizon."""
    [row] = folded([message()], [submission()], dlrs, as_of=at(age_s))
    assert (row["age_s"], row["is_overdue"]) == (age_s, expected)


@pytest.mark.parametrize("hours, expected", [(71, False), (73, True)])
def test_now(hours: float, expected: bool) -> None:
    """Without `as_of` the age is that of the moment of the query, also in a session far from UTC."""
    then = datetime.now(UTC) - timedelta(hours=hours)
    planned, tried = message(planned_at=then), submission(attempted_at=then, answered_at=then)
    [row] = folded([planned], [tried], as_of=None)
    assert row["is_overdue"] is expected
    assert 0 <= row["age_s"] - hours * 3600 < 600


def test_now_sees_everything() -> None:
    """Without `as_of` nothing is cut, not even what bears a time to come."""
    later = datetime.now(UTC) + timedelta(days=1)
    found = folded([message(planned_at=later)], [], [dlr(received_at=later)], as_of=None)
    assert [row["state"] for row in found] == ["delivered"]


def test_simulated() -> None:
    """Messages that went to the simulator say so, also when only DLRs tell of them."""
    planned = message(gateway="simulator")
    told = dlr(message_id=None, gateway_message_id="x", gateway="simulator")
    assert [row["is_simulated"] for row in folded([planned], [], [told])] == [True, True]


def test_as_of_needs_a_time_zone() -> None:
    """A time without a zone is refused instead of being guessed."""
    with pytest.raises(BadInput, match="2025-01-15T04:50:00 has no time zone"):
        fold(as_of=at(0).replace(tzinfo=None))


def test_no_rows() -> None:
    """Empty tables give no outcomes, in the columns and types of any others."""
    assert folded() == []
    assert {name: str(kind) for name, kind in unbound(None).schema().items() if not kind.is_string()} == {
        "final_at": "timestamp('UTC')",
        "latency_s": "float64",
        "n_dlrs": "int64",
        "has_conflict": "boolean",
        "n_segments": "int32",
        "planned_at": "timestamp('UTC')",
        "submitted_at": "timestamp('UTC')",
        "cost": "float64",
        "charge": "float64",
        "age_s": "float64",
        "is_overdue": "boolean",
        "is_latency_negative": "boolean",
        "is_dlr_only": "boolean",
        "is_simulated": "boolean",
    }


def test_types_are_kept() -> None:
    """What the engine returns has the types that the expression promises."""
    engine = ibis.duckdb.from_connection(connection([message()], [submission()], [dlr()]))
    expression = outcomes.fold(Snapshot(relation=engine.table), horizon_s=HORIZON_S)
    assert expression.schema().to_pyarrow().equals(expression.to_pyarrow().schema)


def test_plain_view() -> None:
    """The expression is plain SQL: as a view it gives the same rows to any client."""
    there = connection([message()], [submission()], [dlr()])
    there.execute(f"CREATE TEMP VIEW outcomes AS {query(None)}")
    found = there.execute("SELECT message_id, state, latency_s FROM outcomes").fetchall()
    assert found == [("m1", "delivered", 5.0)]


SECONDS = st.integers(0, 4).map(lambda n: at(n * 10))
A_DLR = st.builds(
    dlr,
    st.sampled_from(["delivered", "failed", "queued", "unknown", "x"]),
    st.sampled_from(["m1", "m2", None]),
    gateway_message_id=st.sampled_from(["gw-1", "gw-2", None]),
    raw_status=st.sampled_from(["A", "B", None]),
    error_code=st.sampled_from(["1", "20", None]),
    submitted_at=st.none() | SECONDS,
    done_at=st.none() | SECONDS,
    received_at=SECONDS,
    cost=st.sampled_from([0.1, 0.2, None]),
    mcc_mnc=st.sampled_from(["40445", "40410", None]),
    msisdn=st.sampled_from(["91", "44", None]),
    tag=st.sampled_from(["t1", "t2", None]),
)
A_SUBMISSION = st.builds(
    submission,
    st.sampled_from(["accepted", "unclear", "refused", "unsent"]),
    st.sampled_from(["m1", "m2"]),
    attempted_at=SECONDS,
    answered_at=st.none() | SECONDS,
    code=st.sampled_from(["1701", "1706", None]),
)
PLANNED = [message("m1", planned_at=at(-1)), message("m2", planned_at=at(15))]
LAW = settings(max_examples=25, deadline=None)


@LAW
@given(st.lists(A_DLR, max_size=6), st.lists(A_SUBMISSION, max_size=4), st.data())
def test_order_and_repetition_do_not_matter(
    dlrs: list[dict[str, Any]], submissions: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Any order of the same DLRs and attempts gives the same outcomes; repetition changes n_dlrs alone."""
    again = data.draw(st.lists(st.sampled_from(dlrs), max_size=4)) if dlrs else []
    once = folded(PLANNED, submissions, dlrs)
    shuffled = data.draw(st.permutations(dlrs))
    assert folded(PLANNED, data.draw(st.permutations(submissions)), shuffled) == once
    repeated = folded(PLANNED, submissions + submissions, data.draw(st.permutations(dlrs + again)))
    assert [row | {"n_dlrs": 0} for row in repeated] == [row | {"n_dlrs": 0} for row in once]
    assert sum(row["n_dlrs"] for row in repeated) >= sum(row["n_dlrs"] for row in once)


@LAW
@given(st.lists(A_DLR, max_size=6), st.lists(A_SUBMISSION, max_size=4), st.tuples(SECONDS, SECONDS))
def test_as_of_only_adds(
    dlrs: list[dict[str, Any]], submissions: list[dict[str, Any]], moments: tuple[datetime, datetime]
) -> None:
    """As time goes on no message disappears, no DLR is forgotten and a final word of DLRs stays final."""
    early, late = (
        {row["message_id"]: row for row in folded(PLANNED, submissions, dlrs, as_of=moment)}
        for moment in sorted(moments)
    )
    assert early.keys() <= late.keys()
    for message_id, then in early.items():
        now = late[message_id]
        assert now["n_dlrs"] >= then["n_dlrs"]
        assert now["has_conflict"] or not then["has_conflict"] or now["submit_result"] == "accepted"
        assert {
            "delivered": now["state"] == "delivered",
            "failed": now["state"] in {"failed", "delivered"},
        }.get(then["state"], True)
        assert now["state"] in models.ACCEPTED or then["state"] not in models.ACCEPTED


@LAW
@given(st.lists(A_DLR, max_size=6), SECONDS)
def test_same_as_of_same_outcomes(dlrs: list[dict[str, Any]], moment: datetime) -> None:
    """What came in after `as_of` does not change its outcomes."""
    by_then = [one for one in dlrs if one["received_at"] <= moment]
    submissions = [submission()]
    now, then = (folded(PLANNED, submissions, known, as_of=moment) for known in (dlrs, by_then))
    assert now == then
