"""Send: a batch goes out, each message once, and the journal tells what came of it."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.records import callback
from support.sending import (
    CLOSE,
    PASSWORD,
    Recorder,
    Reply,
    Script,
    accept,
    recording,
    records,
    results,
    row,
    settings,
    write_csv,
)

from rmanalytics import config, journal
from rmanalytics.errors import BadInput, ConfigError, JournalError
from rmanalytics.imports import bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.models import Result
from rmanalytics.send import Plan, Sent, Summary, send
from rmanalytics.send.submit import UNCLEAR_IN_A_ROW
from rmanalytics.support import resources

ACCEPTED, REFUSED, UNCLEAR, UNSENT = Result.ACCEPTED, Result.REFUSED, Result.UNCLEAR, Result.UNSENT


def _send(path: Path, gateway: Recorder, flags: dict[str, Any] | None = None, **options: Any) -> Sent:
    chosen = settings(path.parent / "data", gateway.url, **(flags or {}))
    return send(path, chosen, **({"approve": lambda plan: True} | options))


def _summary(sent: Sent) -> Summary:
    assert sent.summary is not None
    return sent.summary


def _journal(path: Path) -> Path:
    return path.parent / "data" / "journal"


def _counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.n_accepted, summary.n_refused, summary.n_unclear, summary.n_unsent


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """A batch of five good rows."""
    return write_csv(tmp_path / "batch.csv", [row(number) for number in range(1, 6)])


def test_every_message_arrives_once(batch: Path) -> None:
    """Each row arrives with its fields, is journaled before and after, and is accepted."""
    with recording() as gateway:
        summary = _summary(_send(batch, gateway))
    assert gateway.arrivals == Counter({f"m{number}": 1 for number in range(1, 6)})
    assert _counts(summary) == (5, 0, 0, 0)
    assert summary.exit_code == 0
    assert results(_journal(batch)) == {f"m{number}": ["accepted"] for number in range(1, 6)}


def test_journal_lines(batch: Path) -> None:
    """The lines in the journal have the fields others read, and nothing secret."""
    with recording() as gateway:
        _send(batch, gateway, {"route_mobile_entity_id": "1101"})
    messages = records(_journal(batch), journal.MESSAGES)
    attempts = [line for line in records(_journal(batch), journal.SUBMISSIONS) if "message_ids" in line]
    answers = [line for line in records(_journal(batch), journal.SUBMISSIONS) if "responses" in line]
    batch_id = messages[0]["batch_id"]
    assert messages[0] == {
        "message_id": "m1",
        "campaign_id": "otp",
        "batch_id": batch_id,
        "gateway": "simulator",
        "route": "domestic",
        "msisdn": "919800000001",
        "header": "TESTSM",
        "entity_id": "1101",
        "template_id": "1107000000000000001",
        "template_variables": [],
        "body": "Your code is 1",
        "encoding": "gsm7",
        "n_segments": 1,
        "planned_at": messages[0]["planned_at"],
        "line": 2,
    }
    assert attempts[0] == {
        "attempt_id": answers[0]["attempt_id"],
        "attempted_at": attempts[0]["attempted_at"],
        "batch_id": batch_id,
        "gateway": "simulator",
        "message_ids": [answers[0]["responses"][0]["message_id"]],
    }
    assert answers[0] == {
        "attempt_id": answers[0]["attempt_id"],
        "answered_at": answers[0]["answered_at"],
        "http_status": 200,
        "answer": answers[0]["answer"],
        "responses": [
            {
                "message_id": attempts[0]["message_ids"][0],
                "result": "accepted",
                "code": "1701",
                "gateway_message_id": answers[0]["answer"].split("|")[2],
                "detail": None,
            }
        ],
    }
    for stamp in (messages[0]["planned_at"], attempts[0]["attempted_at"], answers[0]["answered_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", stamp)


def test_again_sends_nothing(batch: Path) -> None:
    """The same command again finds everything sent, says so, and writes nothing."""
    with recording() as gateway:
        _send(batch, gateway)
        before = {path: path.stat().st_size for path in _journal(batch).iterdir()}
        again = _send(batch, gateway)
        assert {path: path.stat().st_size for path in _journal(batch).iterdir()} == before
    assert len(gateway.requests) == 5
    assert (again.plan.n_sent_before, again.plan.n_to_send) == (5, 0)
    assert _summary(again).exit_code == 0


def test_made_ids_are_the_same_again(tmp_path: Path) -> None:
    """Rows without message_id get the same one on every run of the same file."""
    rows = [{**row(number), "message_id": ""} for number in range(1, 4)]
    path = write_csv(tmp_path / "batch.csv", rows)
    with recording() as gateway:
        _send(path, gateway)
        again = _send(path, gateway)
    assert (len(gateway.arrivals), max(gateway.arrivals.values()), again.plan.n_to_send) == (3, 1, 0)


def test_edited_file_sends_the_new_rows(batch: Path) -> None:
    """Another file's messages that were sent before are skipped and counted; only new ones go."""
    with recording() as gateway:
        _send(batch, gateway)
        write_csv(batch, [row(number, body="edited") for number in range(4, 8)])
        sent = _send(batch, gateway)
    assert (sent.plan.n_sent_before, sent.plan.n_to_send, _summary(sent).n_accepted) == (2, 2, 2)
    assert gateway.arrivals == Counter({f"m{number}": 1 for number in range(1, 8)})


def test_bad_rows_stay_and_good_ones_go(tmp_path: Path) -> None:
    """Bad rows are listed, duplicates included; the others go."""
    rows = [row(1), row(2, msisdn="98000"), row(3, body=""), row(1, body="again"), row(4)]
    with recording() as gateway:
        sent = _send(write_csv(tmp_path / "batch.csv", rows), gateway)
    assert gateway.arrivals == Counter({"m1": 1, "m4": 1})
    assert [(fault.line, fault.field, fault.value) for fault in sent.plan.faults] == [
        (3, "msisdn", "***00"),
        (4, "body", ""),
        (5, "message_id", "m1"),
    ]
    assert (sent.plan.n_rows, sent.plan.n_bad, sent.plan.n_to_send) == (5, 3, 2)


def test_a_bad_row_does_not_take_anothers_id(tmp_path: Path) -> None:
    """A row is a duplicate only of one that can be sent."""
    with recording() as gateway:
        _send(write_csv(tmp_path / "batch.csv", [row(1, body=""), row(1)]), gateway)
    assert gateway.arrivals == Counter({"m1": 1})


def test_strict_refuses_the_batch(tmp_path: Path) -> None:
    """With --strict a single bad row keeps everything here; nothing is journaled."""
    path = write_csv(tmp_path / "batch.csv", [row(1), row(2, body="")])
    shown: list[Plan] = []
    with recording() as gateway, pytest.raises(BadInput) as caught:
        _send(path, gateway, strict=True, show=shown.append)
    assert str(caught.value) == f"{path}: line 3: body is empty: 1 bad row: fix it or send without --strict"
    assert (gateway.requests, _journal(path).exists(), len(shown)) == ([], False, 1)


def test_nothing_good(tmp_path: Path) -> None:
    """A batch of bad rows only is refused."""
    path = write_csv(tmp_path / "batch.csv", [row(1, body=""), row(2, body="")])
    with recording() as gateway, pytest.raises(BadInput) as caught:
        _send(path, gateway)
    assert str(caught.value) == f"{path}: line 2: body is empty (none of 2 rows can be sent)"


def test_dry_run_and_refusal_send_nothing(batch: Path) -> None:
    """A dry run ends with the plan; outside the simulator so does a plan nobody approves."""
    asked: list[Plan] = []

    def no(plan: Plan) -> bool:
        asked.append(plan)
        return False

    with recording() as gateway:
        dry = _send(batch, gateway, dry_run=True, approve=no)
        real = _send(batch, gateway, {"gateway": "route_mobile"}, approve=no)
    assert (dry.summary, real.summary, len(asked), gateway.requests) == (None, None, 1, [])
    assert not _journal(batch).exists()


def test_rehearsal_and_real_send_do_not_mix(batch: Path) -> None:
    """A batch that was rehearsed goes out for real from another home only, or rates would be a mixture."""
    with recording() as gateway:
        _send(batch, gateway, {"send_retries": 0})
        with pytest.raises(
            BadInput,
            match=r"5 of its messages were already planned for another gateway in .*: use separate --home folders",
        ):
            _send(batch, gateway, {"gateway": "route_mobile"})
        other = write_csv(batch.with_name("other.csv"), [row(9)])
        with pytest.raises(
            BadInput, match=r"data is a rehearsal's home, its messages are simulated: use sep"
        ):
            _send(other, gateway, {"gateway": "route_mobile"})
    assert len(gateway.requests) == 5


def test_rounded_template_ids_are_seen_in_the_imported_registry(tmp_path: Path) -> None:
    """A template id as Excel or pandas rounds it is a bad row that names the registered one."""
    chosen = settings(tmp_path / "data", "http://127.0.0.1:1/bulksms")
    bring_in(chosen, "templates", resources.samples() / "templates.csv")
    ids = ("1107000000000000101", "1107000000000000000", "1107000000000000128")
    path = write_csv(tmp_path / "b.csv", [row(n, template_id=given) for n, given in enumerate(ids)])
    plan = send(path, chosen, approve=lambda plan: True, dry_run=True).plan
    assert [(fault.line, fault.reason[:43]) for fault in plan.faults] == [
        (3, "is 1107000000000000101 of the registry, rou"),
        (4, "is 1107000000000000101 of the registry, rou"),
    ]


def test_a_damaged_database_does_not_keep_a_batch(batch: Path) -> None:
    """The database is derived: whatever it holds, the batch goes."""
    (batch.parent / "data").mkdir()
    (batch.parent / "data" / "rmanalytics.duckdb").write_bytes(b"no database at all" * 1000)
    with recording() as gateway:
        assert _counts(_summary(_send(batch, gateway))) == (5, 0, 0, 0)


def test_plan(tmp_path: Path) -> None:
    """The plan counts by route, encoding and campaign, prices segments and names endpoints without secrets."""
    rows = [
        row(1),
        row(2, body="a" * 161),
        row(3, body="नमस्ते", campaign_id="promo"),
        row(4, msisdn="+447700900123"),
    ]
    flags = {"send_price_per_segment": 0.125, "route_mobile_method": "GET"}
    with recording() as gateway:
        plan = _send(write_csv(tmp_path / "batch.csv", rows), gateway, flags, dry_run=True).plan
    found = plan.as_dict()
    assert found | {"path": "", "batch_id": ""} == {
        "path": "",
        "batch_id": "",
        "gateway": "simulator",
        "endpoints": (gateway.url,),
        "n_rows": 4,
        "n_bad": 0,
        "n_sent_before": 0,
        "n_to_send": 4,
        "n_requests": 4,
        "is_estimate": False,
        "n_segments": 5,
        "cost": 0.62,
        "currency": "INR",
        "attempted_before": {},
        "by_route": {"domestic": 3, "international": 1},
        "by_encoding": {"gsm7": 3, "ucs2": 1},
        "campaigns": (
            {"campaign_id": "otp", "n_messages": 3, "n_segments": 4},
            {"campaign_id": "promo", "n_messages": 1, "n_segments": 1},
        ),
        "faults": (),
        "fault_counts": {},
        "unknown_columns": (),
        "n_same": 0,
        "resend_begun_at": None,
        "is_first_real": False,
        "n_resolved": 0,
        "unusual_template_ids": {},
    }


def _once(reply: Reply) -> Script:
    """Give a reply when a message comes for the first time, then accept."""
    return lambda fields, n_before: accept(fields, n_before) if n_before else reply


ANSWERS: dict[str, tuple[Script, list[str], tuple[int, int, int, int], int]] = {
    "accepted": (accept, ["accepted"], (1, 0, 0, 0), 0),
    "refused": (lambda fields, n: f"1706|{fields['destination']}", ["refused"], (0, 1, 0, 0), 1),
    "may be retried": (_once("1709"), ["unsent", "accepted"], (1, 0, 0, 0), 0),
    "too many requests": (_once((429, "slow down")), ["unsent", "accepted"], (1, 0, 0, 0), 0),
    "may be retried, for ever": (lambda fields, n: "1709", ["unsent", "unsent", "refused"], (0, 1, 0, 0), 1),
    "too many requests, for ever": (
        lambda fields, n: (429, ""),
        ["unsent", "unsent", "unsent"],
        (0, 0, 0, 1),
        4,
    ),
    "response timeout": (lambda fields, n: "1715", ["unclear"], (0, 0, 1, 0), 3),
    "server error": (lambda fields, n: (502, "<html>"), ["unclear"], (0, 0, 1, 0), 3),
    "a code behind a server error": (
        lambda fields, n: (500, f"1701|{fields['destination']}|x"),
        ["accepted"],
        (1, 0, 0, 0),
        0,
    ),
    "nonsense": (lambda fields, n: "<html>welcome</html>", ["unclear"], (0, 0, 1, 0), 3),
    "no answer": (lambda fields, n: CLOSE, ["unclear"], (0, 0, 1, 0), 3),
}


@pytest.mark.parametrize(("script", "journaled", "counts", "exit_code"), ANSWERS.values(), ids=ANSWERS)
def test_answers(
    script: Script, journaled: list[str], counts: tuple[int, ...], exit_code: int, tmp_path: Path
) -> None:
    """Each kind of answer has its result, its tries and its exit code; only what may be tried again is."""
    path = write_csv(tmp_path / "batch.csv", [row(1)])
    with recording(script) as gateway:
        summary = _summary(_send(path, gateway, {"send_retries": 2, "send_timeout_s": 2}))
    assert results(_journal(path)) == {"m1": journaled}
    assert (_counts(summary), summary.exit_code) == (counts, exit_code)
    assert gateway.arrivals == Counter(m1=len(journaled))


def test_unclear_is_never_sent_again(batch: Path) -> None:
    """What may have been sent is left alone by every later run, and counted."""
    with recording(lambda fields, n: CLOSE if fields["msgid"] == "m3" else accept(fields, n)) as gateway:
        first = _summary(_send(batch, gateway))
        again = _send(batch, gateway, retry_refused=True)
    assert (_counts(first), first.exit_code) == ((4, 0, 1, 0), 3)
    assert gateway.arrivals["m3"] == 1
    assert again.plan.attempted_before == {ACCEPTED: 4, UNCLEAR: 1}


def test_refused_goes_again_only_when_asked(batch: Path) -> None:
    """Refused messages stay, and go again with retry_refused."""
    with recording(lambda fields, n: accept(fields, n) if n else "1706") as gateway:
        first = _summary(_send(batch, gateway))
        left = _send(batch, gateway)
        again = _summary(_send(batch, gateway, retry_refused=True))
    assert (_counts(first), left.plan.n_to_send, _counts(again)) == ((0, 5, 0, 0), 0, (5, 0, 0, 0))


def test_stop_leaves_the_rest_unsent(batch: Path) -> None:
    """A code that every further message would meet stops the run; the next one sends the rest."""
    with recording(lambda fields, n: "1703") as gateway:
        summary = _summary(_send(batch, gateway, {"send_concurrency": 1}))
        gateway.script = accept
        again = _send(batch, gateway)
    assert (_counts(summary), summary.exit_code) == ((0, 1, 0, 4), 4)
    assert summary.stopped == (
        "the gateway answered 1703 invalid username or password: "
        "put the correct user name and password into RMANALYTICS_ROUTE_MOBILE_USERNAME and _PASSWORD (.env) and into "
        "CleverTap's provider, then run the same command again (refused messages need --retry-refused)"
    )
    assert again.plan.attempted_before == {REFUSED: 1}
    assert _counts(_summary(again)) == (4, 0, 0, 0)


def test_gateway_out_of_reach(batch: Path) -> None:
    """Without a connection nothing is sent, the tries are journaled, and the next run sends all."""
    with recording() as gateway:
        url = gateway.url
    dead = Recorder(port=gateway.port)
    summary = _summary(_send(batch, dead, {"send_retries": 1, "send_concurrency": 1}))
    assert dead.url == url
    assert (_counts(summary), summary.exit_code) == ((0, 0, 0, 5), 4)
    assert summary.stopped is not None
    assert summary.stopped == (
        f"given up after 2 tries: no connection to 127.0.0.1:{dead.port}: Connection refused: "
        "start `rmanalytics simulate`, then run the same command again"
    )
    assert results(_journal(batch)) == {"m1": ["unsent", "unsent"]}
    with recording() as gateway:
        assert _counts(_summary(_send(batch, gateway))) == (5, 0, 0, 0)


def test_many_unclear_answers_stop_the_run(tmp_path: Path) -> None:
    """A gateway that gives no clear answers must not make a whole batch unclear."""
    rows = [row(number) for number in range(UNCLEAR_IN_A_ROW + 50)]
    path = write_csv(tmp_path / "batch.csv", rows)
    with recording(lambda fields, n: (502, "")) as gateway:
        summary = _summary(_send(path, gateway, {"send_concurrency": 4}))
    assert UNCLEAR_IN_A_ROW <= summary.n_unclear < UNCLEAR_IN_A_ROW + 4
    assert summary.n_unsent == len(rows) - summary.n_unclear


def test_several_recipients_in_a_request(tmp_path: Path) -> None:
    """Recipients of one text share requests of at most the size that is set."""
    path = write_csv(tmp_path / "batch.csv", [row(number, body="Sale!") for number in range(1, 8)])
    with recording() as gateway:
        sent = _send(path, gateway, {"route_mobile_format": "bulksms", "send_request_size": 3})
    assert sorted(fields["destination"].count(",") + 1 for fields in gateway.requests) == [1, 3, 3]
    assert (sent.plan.n_requests, _counts(_summary(sent))) == (3, (7, 0, 0, 0))


def _out_of_credit(fields: dict[str, str], _n: int) -> Reply:
    numbers = fields["destination"].split(",")
    return f"1701|{numbers[0]}|x,1025|{numbers[1]}" if len(numbers) > 1 else accept(fields, 0)


def test_credit_runs_out_in_a_request(tmp_path: Path) -> None:
    """On 1025 that number is refused and those after it are unsent; the next run sends them."""
    path = write_csv(tmp_path / "batch.csv", [row(number, body="Sale!") for number in range(1, 5)])
    flags = {"route_mobile_format": "bulksms", "send_concurrency": 1}
    with recording(_out_of_credit) as gateway:
        first = _summary(_send(path, gateway, flags))
        gateway.script = accept
        again = _summary(_send(path, gateway, flags))
    assert (_counts(first), _counts(again)) == ((1, 1, 0, 2), (2, 0, 0, 0))
    assert results(_journal(path)) == {
        "m1": ["accepted"],
        "m2": ["refused"],
        "m3": ["unsent", "accepted"],
        "m4": ["unsent", "accepted"],
    }


def _bad_message_first(fields: dict[str, str], _n: int) -> Reply:
    numbers = fields["destination"].split(",")
    return f"1705|{numbers[0]}" if numbers[0].endswith("1") else accept(fields, 0)


def test_rest_of_an_aborted_request_goes_in_the_same_run(tmp_path: Path) -> None:
    """When one message ends its request but not the batch, those behind it are tried at once."""
    path = write_csv(tmp_path / "batch.csv", [row(number, body="Sale!") for number in range(1, 4)])
    with recording(_bad_message_first) as gateway:
        summary = _summary(_send(path, gateway, {"route_mobile_format": "bulksms"}))
    assert _counts(summary) == (2, 1, 0, 0)
    assert [fields["destination"].count(",") + 1 for fields in gateway.requests] == [3, 2]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_secrets_stay_out_of_the_journal(method: str, batch: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the journal nor a log holds the password, also where the gateway echoes it."""
    caplog.set_level("DEBUG")
    with recording(lambda fields, n: f"1703|{fields['password']}") as gateway:
        summary = _summary(_send(batch, gateway, {"route_mobile_method": method}))
    assert gateway.requests[0]["password"] == PASSWORD
    kept = b"".join(path.read_bytes() for path in _journal(batch).iterdir()).decode()
    assert PASSWORD not in kept + caplog.text + str(summary)


def test_missing_account_is_said_before_anything_is_sent(batch: Path) -> None:
    """A gateway without account is a ConfigError, not a failed batch."""
    flags = {"route_mobile_username": None, "route_mobile_password": None, "gateway": "route_mobile"}
    with recording() as gateway, pytest.raises(ConfigError, match="RMANALYTICS_ROUTE_MOBILE_USERNAME"):
        _send(batch, gateway, flags)
    assert (gateway.requests, _journal(batch).exists()) == ([], False)


def test_damaged_journal_is_not_guessed_from(batch: Path) -> None:
    """A whole line that is no record hides attempts: nothing is sent until it is repaired."""
    with recording() as gateway:
        _send(batch, gateway)
        [segment] = journal.segments(_journal(batch), journal.SUBMISSIONS)
        lines = segment.read_bytes().splitlines(keepends=True)
        segment.write_bytes(b"".join([lines[0][:40] + b"\n", *lines[1:]]))
        with pytest.raises(JournalError, match="1 unreadable line, so it is unknown what was sent"):
            _send(batch, gateway)
    assert max(gateway.arrivals.values()) == 1


def test_torn_last_line_counts_for_nothing(batch: Path) -> None:
    """An attempt whose line was not finished never left: its message goes; a torn answer leaves it unclear."""
    with recording() as gateway:
        _send(batch, gateway, {"send_concurrency": 1})
        [segment] = journal.segments(_journal(batch), journal.SUBMISSIONS)
        lines = segment.read_bytes().splitlines(keepends=True)
        segment.write_bytes(b"".join(lines[:8]) + lines[8][:50])
        assert _send(batch, gateway, dry_run=True).plan.attempted_before == {ACCEPTED: 4}
        segment.write_bytes(b"".join(lines[:9]) + lines[9][:50])
        assert _send(batch, gateway, dry_run=True).plan.attempted_before == {ACCEPTED: 4, UNCLEAR: 1}


def test_messages_are_journaled_once(batch: Path) -> None:
    """A resumed run adds no second line for a message that is in the journal."""
    with recording(lambda fields, n: "1703") as gateway:
        _send(batch, gateway)
        gateway.script = accept
        _send(batch, gateway, retry_refused=True)
    assert Counter(line["message_id"] for line in records(_journal(batch), journal.MESSAGES)) == Counter(
        f"m{number}" for number in range(1, 6)
    )


def test_nothing_is_left_behind(batch: Path) -> None:
    """After a send the home holds the journal and the lock, nothing else."""
    with recording() as gateway:
        _send(batch, gateway)
    assert sorted(path.name for path in (batch.parent / "data").iterdir()) == ["journal", "send.lock"]


def test_batch_of_many_chunks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rows of many chunks all arrive, with duplicates found across chunks."""
    monkeypatch.setattr("rmanalytics.send.batch_file.CHUNK", 7)
    rows = [row(number % 40) for number in range(50)]
    path = tmp_path / "batch.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with recording() as gateway:
        sent = _send(path, gateway)
    assert gateway.arrivals == Counter(f"m{number}" for number in range(40))
    assert [fault.line for fault in sent.plan.faults] == list(range(42, 52))


def test_unclear_is_resolved_by_its_dlr(batch: Path) -> None:
    """A message without a clear answer that has a DLR by now is counted as sent, not as unclear."""
    with recording(lambda fields, n: CLOSE if fields["msgid"] == "m3" else accept(fields, n)) as gateway:
        assert _summary(_send(batch, gateway)).exit_code == 3
        settings = config.load(home=batch.parent / "data")
        with journal.Writer(settings.journal_dir, journal.CALLBACKS) as writer:
            writer.append([json.dumps(callback(sMessageId="gw-3", msgid="m3")).encode() + b"\n"])
        ingest(settings)
        again = _send(batch, gateway)
    assert (again.plan.attempted_before, again.plan.n_resolved) == ({ACCEPTED: 4}, 1)
    assert (_summary(again).exit_code, gateway.arrivals["m3"]) == (0, 1)
