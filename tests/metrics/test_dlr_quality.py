"""How DLRs were matched to messages, and which callbacks could not be read."""

from __future__ import annotations

from datetime import UTC, datetime

import ibis
import pandas as pd
import pytest

from rmanalytics.metrics.dlr_quality import matches, selected, unreadable_callbacks
from rmanalytics.warehouse.snapshot import known

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXTS = (
    "msisdn",
    "message_id",
    "matched_by",
    "gateway_message_id",
    "callback_id",
    "raw_status",
    "error_code",
    "tag",
)


def at(hour: float) -> pd.Timestamp:
    return pd.Timestamp("2026-11-20", tz="UTC") + pd.Timedelta(hours=hour)


def dlr(callback_id: str, message_id: str | None = "m1", **other):
    """A delivered DLR of the campaign `otp`, received at nine."""
    return {
        "callback_id": callback_id,
        "message_id": message_id,
        "matched_by": "gateway_message_id" if message_id else None,
        "gateway_message_id": f"g-{message_id}",
        "raw_status": "DELIVRD",
        "error_code": None,
        "submitted_at": at(8),
        "done_at": at(8.5),
        "received_at": at(9),
        "charge": 0.1,
        "tag": "otp",
        "is_time_unread": False,
        "msisdn": "919800000001",
    } | other


def found(*dlrs, **chosen):
    """Rows of `matches`: kind, DLRs, repeated, late, with a time unread, impossible, of another number."""
    messages = pd.DataFrame(
        {"message_id": ["m1", "m2"], "campaign_id": ["otp", "news"], "planned_at": [at(8), at(10)]}
    ).assign(msisdn="919800000001")
    frame = pd.DataFrame(dlrs or [dlr("c0")]).astype(dict.fromkeys(TEXTS, "str")).head(len(dlrs))
    messages = messages.astype(dict.fromkeys(("message_id", "campaign_id", "msisdn"), "str"))
    times = dict(zip(messages["message_id"], messages["planned_at"], strict=True))
    own = frame["message_id"].map(times)
    frame["planned_at"] = own.fillna(frame["submitted_at"]).fillna(frame["received_at"])
    return matches(
        selected(known(ibis.memtable(frame), "dlrs", NOW), ibis.memtable(messages), **chosen)
    ).values.tolist()


CASES = {
    "no DLR": ([], {}, []),
    "matched": ([dlr("c1")], {}, [["gateway_message_id", 1, 0, 0, 0, 0, 0]]),
    "unmatched": ([dlr("c1", None)], {}, [["unmatched", 1, 0, 0, 0, 0, 0]]),
    "the same twice is one repetition": (
        [dlr("c1"), dlr("c2", received_at=at(10))],
        {},
        [["gateway_message_id", 2, 1, 0, 0, 0, 0]],
    ),
    "another word is none": (
        [dlr("c1"), dlr("c2", raw_status="ACKED")],
        {},
        [["gateway_message_id", 2, 0, 0, 0, 0, 0]],
    ),
    "the same of another message is none": (
        [dlr("c1"), dlr("c2", "m2")],
        {},
        [["gateway_message_id", 2, 0, 0, 0, 0, 0]],
    ),
    "without any id they are not the same": (
        [dlr("c1", None, gateway_message_id=None), dlr("c2", None, gateway_message_id=None)],
        {},
        [["unmatched", 2, 0, 0, 0, 0, 0]],
    ),
    "more than a day late": (
        [dlr("c1", submitted_at=at(-16), done_at=at(-16))],
        {},
        [["gateway_message_id", 1, 0, 1, 0, 0, 0]],
    ),
    "a time that could not be read": (
        [dlr("c1", done_at=pd.NaT, is_time_unread=True), dlr("c2")],
        {},
        [["gateway_message_id", 2, 0, 0, 1, 0, 0]],
    ),
    "clocks that differ": (
        [dlr("c1", done_at=at(7.8)), dlr("c2", done_at=at(9.2))],
        {},
        [["gateway_message_id", 2, 0, 0, 0, 0, 0]],
    ),
    "done before submitted": ([dlr("c1", done_at=at(7.7))], {}, [["gateway_message_id", 1, 0, 0, 0, 1, 0]]),
    "years ahead": (
        [dlr("c1", done_at=at(30_000)), dlr("c2", submitted_at=at(30_000), done_at=pd.NaT)],
        {},
        [["gateway_message_id", 2, 0, 0, 0, 2, 0]],
    ),
    "about another number": (
        [dlr("c1", msisdn="919800000002"), dlr("c2", msisdn="9800000001"), dlr("c3", msisdn=None)],
        {},
        [["gateway_message_id", 3, 2, 0, 0, 0, 1]],
    ),
    "not received yet": ([dlr("c1", received_at=at(13))], {}, []),
    "of one campaign": (
        [dlr("c1"), dlr("c2", "m2")],
        {"campaign_id": "news"},
        [["gateway_message_id", 1, 0, 0, 0, 0, 0]],
    ),
    "unmatched, by its tag": (
        [dlr("c1", None), dlr("c2", None, tag="x")],
        {"campaign_id": "x"},
        [["unmatched", 1, 0, 0, 0, 0, 0]],
    ),
    "since": ([dlr("c1"), dlr("c2", "m2")], {"since": at(9)}, [["gateway_message_id", 1, 0, 0, 0, 0, 0]]),
    "until": ([dlr("c1"), dlr("c2", None)], {"until": at(8)}, []),
}


@pytest.mark.parametrize("dlrs, chosen, expected", CASES.values(), ids=CASES)
def test_matches(dlrs, chosen, expected):
    """DLRs are counted by how they were matched, with repetitions and late ones, as known then."""
    assert found(*dlrs, **chosen) == expected


def test_unreadable_callbacks():
    """A callback of which something was not read counts once; only those that came in time do."""
    frame = pd.DataFrame({"received_at": [at(1), at(2), at(3), at(13)], "n_unread": [1, 0, 2, 1]})
    callbacks = known(ibis.memtable(frame), "callbacks", NOW)
    assert unreadable_callbacks(callbacks) == (3, 2)
    assert unreadable_callbacks(callbacks, since=at(2)) == (2, 1)
    assert unreadable_callbacks(callbacks.limit(0)) == (0, 0)
