"""The relay against a stand-in that misbehaves: each event reaches a 2xx at most once, none is dropped."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support import records
from support.relaying import callback, counts, home, meta, relay_all, write
from support.standin import (
    HANG,
    OK,
    RESET_AFTER,
    RESET_BEFORE,
    Choose,
    Pair,
    Reply,
    fail,
    partial,
    standing_in,
    unprocessed,
)

from rmanalytics import journal, relay
from rmanalytics.relay import Channel, status
from rmanalytics.relay.run import run

N = 10
ZONE = ZoneInfo("Asia/Kolkata")
BAD = (meta(3), "delivered")


def first(reply: Reply) -> Choose:
    """That reply once, then all is well."""
    return lambda _events, n: reply if n == 0 else OK


def whenever_bad(refuse: Any) -> Choose:
    """Refuse what holds the bad event."""
    return lambda events, _n: refuse(events) if BAD in events else OK


def other_form(status: int) -> Reply:
    """The answer form that was on the page for a day."""
    body = {
        "status": "error",
        "message": "Missing fields",
        "error_code": 400,
        "details": {"missing_fields": ["code"]},
    }
    return Reply(status=status, body=body, taken=frozenset())


ALL = {"relayed": N}
ONE_PARKED = {"relayed": N - 1, "parked": 1}
ALL_UNCLEAR = {"unclear": N}
MISBEHAVIOURS: dict[str, tuple[Choose, dict[str, int], str | None]] = {
    "well": (lambda _e, _n: OK, ALL, None),
    "500 once": (first(Reply(status=500)), ALL, "HTTP 500"),
    "503 with Retry-After": (first(Reply(status=503, headers={"Retry-After": "0"})), ALL, "HTTP 503"),
    "503 five times": (lambda _e, n: Reply(status=503) if n < 5 else OK, ALL, "HTTP 503"),
    "429 once": (first(Reply(status=429)), ALL, "HTTP 429"),
    "404 once: the URL is wrong, nothing is parked": (first(Reply(status=404)), ALL, "HTTP 404"),
    "a redirect is no success": (first(Reply(status=302)), ALL, "HTTP 302"),
    "413 by halves": (lambda e, _n: Reply(status=413) if len(e) > 3 else OK, ALL, "HTTP 413"),
    "partial, 200": (whenever_bad(lambda e: partial(e, [BAD])), ONE_PARKED, "400 Bad Request"),
    "partial, a passing reason": (
        lambda e, n: partial(e, [BAD], code=503) if n == 0 else OK,
        ALL,
        "503 Bad Request",
    ),
    "400 that names one": (whenever_bad(lambda _e: fail([BAD])), ONE_PARKED, "400 Bad Request"),
    "200 fail that names one": (
        whenever_bad(lambda _e: fail([BAD], status=200)),
        ONE_PARKED,
        "400 Bad Request",
    ),
    "400 without a word": (
        whenever_bad(lambda _e: Reply(status=400)),
        ONE_PARKED,
        "HTTP 400: bad request",
    ),
    "400 in the other form": (
        whenever_bad(lambda _e: other_form(400)),
        ONE_PARKED,
        "HTTP 400: 400 Missing fields: code",
    ),
    "200 error in the other form": (
        whenever_bad(lambda _e: other_form(200)),
        ONE_PARKED,
        "answered error: 400 Missing fields: code",
    ),
    "200 in the other form": (
        lambda _e, _n: Reply(body={"status": "success", "data": {"processed_events": 1}}),
        ALL,
        None,
    ),
    "200 with garbage": (lambda _e, _n: Reply(body=b"<html>\xff"), ALL, None),
    "400 with garbage": (
        whenever_bad(lambda _e: Reply(status=400, body=b"[1")),
        ONE_PARKED,
        "HTTP 400: bad request",
    ),
    "no answer": (first(HANG), ALL_UNCLEAR, "no complete answer from {host}: timed out"),
    "reset with the body read": (
        first(RESET_AFTER),
        ALL_UNCLEAR,
        "no complete answer from {host}: the connection broke",
    ),
    "reset before": (
        first(RESET_BEFORE),
        ALL_UNCLEAR,
        "no complete answer from {host}: the connection broke",
    ),
    "504 may have been processed": (first(Reply(status=504)), ALL_UNCLEAR, "HTTP 504"),
    "400 that says others were processed": (
        first(Reply(status=400, body={"processed": 4, "unprocessed": unprocessed([BAD])})),
        {"parked": 1, "unclear": N - 1},
        "400 Bad Request",
    ),
    "partial with a stranger": (
        first(partial([(meta(n), "delivered") for n in range(N)], [("else", "delivered")])),
        ALL_UNCLEAR,
        "the answer lists an unprocessed record that was not in the request",
    ),
}


@pytest.mark.parametrize("choose, expected, error", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_misbehaviour(tmp_path: Path, choose: Choose, expected: dict[str, int], error: str | None) -> None:
    """However CleverTap answers: no event reaches it twice, each is relayed, parked or unclear."""
    with standing_in(choose) as there:
        settings = home(tmp_path, there.url, relay_timeout_s=0.3)
        write(settings, (callback(n) for n in range(N)))
        relay_all(settings)
        there_host = there.url.split("/")[2]
    assert counts(settings) == expected
    assert max(there.arrived.values(), default=0) <= 1
    assert max(there.answered.values(), default=0) <= 1
    last_error = relay.read_status(settings).last_error
    assert last_error == (error and error.format(host=there_host))


def test_parked_is_sent_again_only_when_told(tmp_path: Path) -> None:
    """A parked event stays away until `retry`, then goes in a request of its own."""
    with standing_in(lambda events, n: fail([BAD]) if BAD in events and n < 1 else OK) as there:
        settings = home(tmp_path, there.url)
        write(settings, (callback(n) for n in range(N)))
        relay_all(settings)
        relay_all(settings)
        before = counts(settings)
        ids = [one.id for one in relay.stuck(settings)]
        retried = relay.retry(settings, ids)
        relay_all(settings)
    assert (before, retried, counts(settings)) == (ONE_PARKED, 1, ALL)
    assert there.answered == dict.fromkeys([(meta(n), "delivered") for n in range(N)], 1)


def test_many_parked_share_their_requests_again(tmp_path: Path) -> None:
    """A thousand that go again do not cost a thousand requests; one that is still refused is parked alone."""
    with standing_in(
        lambda events, n: fail(events) if n < 2 else fail([BAD]) if BAD in events else OK
    ) as there:
        settings = home(tmp_path, there.url, relay_batch=500)
        write(settings, (callback(n) for n in range(1_000)))
        relay_all(settings)
        relay.retry(settings, [one.id for one in relay.stuck(settings)])
        relay_all(settings)
    assert counts(settings) == {"relayed": 999, "parked": 1}
    assert (max(there.answered.values()), there.n_requests < 10) == (1, True)


def test_nobody_listens(tmp_path: Path) -> None:
    """While there is no connection everything waits; nothing is unclear."""
    with standing_in() as there:
        url = there.url
    settings = home(tmp_path, url)
    write(settings, (callback(n) for n in range(N)))
    run(settings, once=True)
    found = relay.read_status(settings)
    assert counts(settings) == {"waiting": N}
    assert found.last_error == f"no connection to {url.split('/')[2]}: Connection refused"
    assert "SECRET" not in repr(found) + found.describe(ZONE) + repr(settings)


@pytest.mark.parametrize("repair", ["retry", "another URL"])
def test_a_repair_takes_effect_at_once(tmp_path: Path, repair: str) -> None:
    """What waits an hour after a 401 goes at once after `relay retry --all`, or a start with another URL."""
    with standing_in(first(Reply(status=401))) as there:
        settings = home(tmp_path, there.url, relay_retry_s=3600)
        write(settings, (callback(n) for n in range(N)))
        run(settings, once=True)
        before = relay.read_status(settings)
        write(settings, [callback(N)])
        run(settings, once=True)
        waits = relay.progress(settings, [meta(N)]).last_error
        if repair == "retry":
            assert relay.hurry(settings) == N + 1
        else:
            settings = home(tmp_path, there.url + "&more=1", relay_retry_s=3600)
        run(settings, once=True)
    assert (before.n_waiting, before.retry_at is not None) == (N, True)
    assert waits == "waiting, not tried yet, since HTTP 401"
    assert counts(settings) == {"relayed": N + 1}


def test_an_outage_catches_up(tmp_path: Path) -> None:
    """Of 20,000 events that waited through an outage each arrives once, in batches of 100."""
    n = 20_000
    with standing_in(lambda _events, seen: Reply(status=503) if seen < 3 else OK) as there:
        settings = home(tmp_path, there.url)
        write(settings, (callback(number) for number in range(n)))
        relay_all(settings)
    assert counts(settings) == {"relayed": n}
    assert there.answered == dict.fromkeys([(meta(number), "delivered") for number in range(n)], 1)
    assert there.n_requests == n // 100 + 3


def test_repeated_callbacks_are_relayed_once(tmp_path: Path) -> None:
    """The same statement in many callbacks, days apart, reaches CleverTap once; another statement once more."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        for _ in range(3):
            write(settings, [callback(1, sStatus="UNDELIV"), callback(1), callback(1)])
            relay_all(settings)
    assert there.answered == {(meta(1), "failed"): 1, (meta(1), "delivered"): 1}


def test_only_finals_leave(tmp_path: Path) -> None:
    """Queue states, unknown words and callbacks nobody can parse stay ours."""
    words = ("ACKED", "ENROUTE", "ACCEPTED", "UNKNOWN", "NEVER SEEN")
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        write(settings, [callback(n, sStatus=word) for n, word in enumerate(words)])
        write(settings, [records.raw_callback(body="what?") | {"gateway": "route_mobile"}])
        relay_all(settings)
    assert (there.bodies, counts(settings)) == ([], {})


def test_a_dlr_without_a_meta_is_counted(tmp_path: Path) -> None:
    """What no field holds is not guessed: counted, not relayed."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        write(settings, [callback(1, msgid="order-17"), callback(2)])
        relay_all(settings)
    assert (there.answered, counts(settings)) == ({(meta(2), "delivered"): 1}, {"relayed": 1, "no_meta": 1})


@pytest.mark.parametrize("dlr_first", [False, True], ids=["submission first", "DLR first"])
def test_our_own_messages(tmp_path: Path, dlr_first: bool) -> None:
    """A DLR with only the gateway's id finds the meta in our own submission, whichever is read first."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        told = [records.answer("a1", **{meta(7): "gw-7", meta(8): "gw-8"})]
        dlrs = [callback(7, msgid=""), callback(9, msgid="")]
        if dlr_first:
            write(settings, [records.attempt("a1", meta(7))], journal.SUBMISSIONS)
            write(settings, dlrs)
            relay_all(settings)
        write(settings, told, journal.SUBMISSIONS)
        if not dlr_first:
            write(settings, dlrs)
        relay_all(settings)
    assert (there.answered, counts(settings)) == ({(meta(7), "delivered"): 1}, {"relayed": 1, "no_meta": 1})


def test_simulated_callbacks_stay_here(tmp_path: Path) -> None:
    """A simulated DLR goes to this machine at most."""
    far = home(tmp_path, "https://in1.cb.wzrkt.com/sms/generic?account=A", relay_since=None)
    write(far, [callback(1) | {"gateway": "simulator"}])
    run(far, once=True)
    with standing_in() as there:
        near = home(tmp_path / "near", there.url)
        write(near, [callback(1) | {"gateway": "simulator"}])
        relay_all(near)
    assert (counts(far), counts(near)) == ({"simulated": 1}, {"relayed": 1})


def test_since(tmp_path: Path) -> None:
    """Callbacks from before `relay_since` are left alone."""
    with standing_in() as there:
        settings = home(tmp_path, there.url, relay_since="2025-01-15T04:51:00Z")
        write(settings, [callback(1), callback(2) | {"received_at": "2025-01-15T04:51:00.000000Z"}])
        relay_all(settings)
    assert list(there.answered) == [(meta(2), "delivered")]


RAW: dict[str, tuple[dict[str, Any], tuple[str, str, str | None, bytes]]] = {
    "GET": (
        {"query": "sMessageId=a%20b&x=1+2"},
        ("GET", "/sms/generic?account=SECRET-ACCOUNT&sMessageId=a%20b&x=1+2", None, b""),
    ),
    "POST form": (
        {"method": "POST", "body": "a=%F0&b", "content_type": "application/x-www-form-urlencoded"},
        (
            "POST",
            "/sms/generic?account=SECRET-ACCOUNT",
            "application/x-www-form-urlencoded",
            b"a=%F0&b",
        ),
    ),
    "compressed": (
        {
            "method": "POST",
            "body": "\x1f\x8b\x08",
            "body_encoding": "latin-1",
            "content_type": "text/plain",
            "content_encoding": "x-own",
        },
        ("POST", "/sms/generic?account=SECRET-ACCOUNT", "text/plain", b"\x1f\x8b\x08"),
    ),
    "no UTF-8": (
        {"method": "POST", "body": "\xff\x00", "body_encoding": "latin-1", "content_type": "text/plain"},
        ("POST", "/sms/generic?account=SECRET-ACCOUNT", "text/plain", b"\xff\x00"),
    ),
}


@pytest.mark.parametrize("given, expected", RAW.values(), ids=RAW)
def test_raw(tmp_path: Path, given: dict[str, Any], expected: tuple[str, str, str | None, bytes]) -> None:
    """A callback passed on has its method, query, content type and body, and says whose it is."""
    record = records.raw_callback(**given) | {"gateway": "route_mobile", "callback_id": "cb-raw"}
    with standing_in() as there:
        settings = home(tmp_path, None, relay_raw_url=there.url)
        write(settings, [record])
        relay_all(settings)
        relay_all(settings)
    ((method, path, headers, body),) = there.raw
    lowered = {name.lower(): value for name, value in headers.items()}
    assert (method, path, lowered.get("content-type"), body) == expected
    assert lowered.get("content-encoding") == given.get("content_encoding")
    assert lowered["x-rmanalytics-callback"] == "cb-raw"
    assert counts(settings, Channel.RAW) == {"relayed": 1}


def test_raw_answers(tmp_path: Path) -> None:
    """A raw callback is tried again after 503, parked after 400, unclear after a break."""
    replies = {"503": Reply(status=503), "400": Reply(status=400), "break": RESET_AFTER}
    seen: Counter[str] = Counter()

    def choose(_events: list[Pair], _n: int) -> Reply:
        kind = there.raw[-1][1].rpartition("=")[2]
        seen[kind] += 1
        return replies[kind] if seen[kind] == 1 else OK

    with standing_in(choose) as there:
        settings = home(tmp_path, None, relay_raw_url=there.url)
        write(settings, [records.raw_callback(query=f"kind={kind}") for kind in replies])
        relay_all(settings)
    assert counts(settings, Channel.RAW) == {"relayed": 1, "parked": 1, "unclear": 1}
    assert seen == {"503": 2, "400": 1, "break": 1}


def test_a_compressed_segment(tmp_path: Path) -> None:
    """A segment that is compressed half-way is read on, nothing twice; a torn last line is no backlog."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        write(settings, (callback(n) for n in range(N)))
        relay_all(settings)
        write(settings, [callback(N)])
        for path in journal.segments(settings.journal_dir, journal.CALLBACKS):
            assert journal.compress(path)
        relay_all(settings)
        (settings.journal_dir / "callbacks-20990101T000000000000Z-torn.jsonl").write_bytes(b'{"callback_id":')
        stands = relay.read_status(settings)
    assert there.answered == dict.fromkeys([(meta(n), "delivered") for n in range(N + 1)], 1)
    assert (counts(settings), stands.backlog_bytes, stands.n_unread) == ({"relayed": N + 1}, 0, 0)


def test_callbacks_that_are_not_read_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status counts what no relay has read yet, and no more of a long journal than it may."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        write(settings, (callback(n) for n in range(3)))
        assert relay.read_status(settings).n_unread == 3
        relay_all(settings)
        write(settings, (callback(n) for n in range(3, 10)))
        assert (
            "  7 callbacks in the journal not read yet"
            in relay.read_status(settings).describe(ZONE).splitlines()
        )
        monkeypatch.setattr(status, "_MOST_COUNTED", 600)
        assert "  at least 1 callback in the journal not read yet" in relay.read_status(settings).describe(
            ZONE
        )
