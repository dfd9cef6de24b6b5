"""Rows without a message_id are known by what they are: corrected, reordered or older files send nothing twice."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import workbooks
from support.gateway_samples import message
from support.sending import Recorder, accept, recording, row, send_to_file, settings, write_csv

from rmanalytics import journal
from rmanalytics.models import Result, SubmitResponse
from rmanalytics.send import Sent, send
from rmanalytics.send.batch_file import open_source
from rmanalytics.send.resend import finish

Row = dict[str, str]


def plain(number: int, **fields: str) -> Row:
    """A good row without an id of its own."""
    return {name: value for name, value in (row(number) | fields).items() if name != "message_id"}


ROWS = [plain(number) for number in range(1, 5)]


def _send(path: Path, gateway: Recorder, **options: Any) -> Sent:
    chosen = settings(path.parent / "data", gateway.url)
    sent = send(path, chosen, approve=lambda plan: True, **options)
    if sent.resent:
        finish(chosen.home, sent.resent)
    return sent


def _phones(gateway: Recorder) -> Counter[str]:
    return Counter(fields["destination"][-1] for fields in gateway.requests)


LATER: dict[str, tuple[Sequence[Row], Sequence[Row], str]] = {
    "the same": (ROWS, ROWS, "1234"),
    "reordered": (ROWS, ROWS[::-1], "1234"),
    "rows added above and between": (ROWS, [plain(8), *ROWS[:2], plain(9), *ROWS[2:]], "123489"),
    "rows removed": (ROWS, ROWS[2:], "1234"),
    "a bad row corrected": ([*ROWS[:3], plain(4, body="")], ROWS, "1234"),
    "a bad template id corrected": ([plain(1, template_id="1.107E+18"), *ROWS[1:]], ROWS, "1234"),
    "a number written another way": (ROWS, [plain(1, msisdn="+91 98000-00001"), *ROWS[1:]], "1234"),
    "another text is another message": (ROWS, [plain(1, body="Hello"), *ROWS[1:]], "11234"),
    "another campaign is another message": (ROWS, [plain(1, campaign_id="promo"), *ROWS[1:]], "11234"),
    "the same row twice is two messages": ([ROWS[0], ROWS[0]], [*ROWS[:2], ROWS[0]], "112"),
    "a third one is a third message": ([ROWS[0]] * 2, [ROWS[1], *[ROWS[0]] * 3], "1112"),
    "a campaign that ends in a number and a text that begins with one": (
        [plain(1, campaign_id="a 1", body="x")],
        [plain(1, campaign_id="a", body="1 x")],
        "11",
    ),
}


@pytest.mark.parametrize(("first", "later", "sent"), LATER.values(), ids=LATER)
def test_a_later_file_sends_only_what_is_new(
    first: Sequence[Row], later: Sequence[Row], sent: str, tmp_path: Path
) -> None:
    """Each message goes once, whatever was corrected, moved or added between two files."""
    with recording() as gateway:
        _send(write_csv(tmp_path / "first.csv", first), gateway)
        again = _send(write_csv(tmp_path / "later.csv", later), gateway)
        assert _send(tmp_path / "later.csv", gateway, dry_run=True).plan.n_to_send == 0
    assert _phones(gateway) == Counter(sent)
    assert len(gateway.arrivals) == len(sent)
    assert again.plan.n_same == (0 if first == later else again.plan.n_sent_before)


@pytest.mark.parametrize("form", ["xlsx", "csv", "parquet"])
def test_the_form_of_a_file_makes_no_other_message(form: str, tmp_path: Path) -> None:
    """What a CSV has sent is not sent again by the same rows as Excel and pandas write them."""
    later = tmp_path / f"later.{form}"
    frame = pd.DataFrame(ROWS)
    if form == "xlsx":
        workbooks.write(later, {"Export": [list(frame.columns), *frame.to_numpy().tolist()]})
    else:
        {"csv": frame.to_csv, "parquet": frame.to_parquet}[form](later, index=False)
    with recording() as gateway:
        _send(write_csv(tmp_path / "first.csv", ROWS), gateway)
        again = _send(later, gateway)
    assert (again.plan.n_sent_before, again.plan.n_to_send, len(gateway.requests)) == (4, 0, 4)


def _sent_under_old_ids(path: Path, rows: Sequence[Row], results: Sequence[Result | None]) -> None:
    """Write the journal of a send from when ids were made of batch and line; None is an attempt without answer."""
    home = path.parent / "data"
    batch_id = open_source(path).batch_id
    at = datetime(2026, 1, 15, tzinfo=UTC)
    with (
        journal.Writer(home / "journal", journal.MESSAGES) as messages,
        journal.Writer(home / "journal", journal.SUBMISSIONS) as submissions,
    ):
        for line, (given, result) in enumerate(zip(rows, results, strict=True), 2):
            number = "91" + given["msisdn"][-10:]
            planned = message(
                message_id=f"{batch_id}-{line}",
                batch_id=batch_id,
                gateway="simulator",
                msisdn=number,
                campaign_id=given["campaign_id"],
                body=given["body"],
            )
            kept = {"message_id": planned.message_id, "campaign_id": planned.campaign_id, "line": line}
            kept |= {"msisdn": number, "body": planned.body}
            messages.append(
                [journal.records.message(kept, batch_id=batch_id, gateway="simulator", planned_at=at)]
            )
            submissions.append([journal.records.attempt(f"a{line}", [planned], attempted_at=at)])
            if result:
                said = SubmitResponse(message_id=planned.message_id, result=result)
                answered = journal.records.answer(
                    f"a{line}", [said], answered_at=at, http_status=200, text=""
                )
                submissions.append([answered])


OLD: dict[str, tuple[Sequence[Row], Sequence[Result | None], Sequence[Row], str]] = {
    "the same file": (ROWS, [Result.ACCEPTED] * 4, ROWS, ""),
    "reordered, with a new row": (ROWS, [Result.ACCEPTED] * 4, [plain(9), *ROWS[::-1]], "9"),
    "unclear ones stay": (ROWS, [Result.UNCLEAR, None, *[Result.ACCEPTED] * 2], ROWS, ""),
    "refused ones stay": (ROWS, [Result.REFUSED, *[Result.ACCEPTED] * 3], ROWS, ""),
    "unsent ones go": (ROWS, [Result.UNSENT, *[Result.ACCEPTED] * 3], ROWS, "1"),
    "repeated rows": ([ROWS[0]] * 2, [Result.ACCEPTED] * 2, [ROWS[0]] * 3, "1"),
}


@pytest.mark.parametrize(("first", "results", "later", "sent"), OLD.values(), ids=OLD)
def test_what_was_sent_under_old_ids_stays_sent(
    first: Sequence[Row], results: Sequence[Result | None], later: Sequence[Row], sent: str, tmp_path: Path
) -> None:
    """A journal from before ids were made of rows keeps its messages from going again."""
    _sent_under_old_ids(write_csv(tmp_path / "first.csv", first), first, results)
    with recording() as gateway:
        _send(write_csv(tmp_path / "later.csv", later), gateway)
        assert _send(tmp_path / "later.csv", gateway).plan.n_to_send == 0
    assert _phones(gateway) == Counter(sent)


def test_resend_sends_everything_again(tmp_path: Path) -> None:
    """Each round of --resend is a message more for each row; rows with an id of their own stay."""
    path = write_csv(tmp_path / "batch.csv", [*ROWS, ROWS[0], {**row(7)}])
    with recording() as gateway:
        _send(path, gateway)
        for n_times in (2, 3):
            again = _send(path, gateway, resend_all=True)
            assert (again.plan.n_to_send, again.plan.n_sent_before) == (5, 1)
            assert _phones(gateway) == Counter("11234" * n_times + "7")
    assert max(gateway.arrivals.values()) == 1


def test_what_only_a_resend_has_sent_is_sent(tmp_path: Path) -> None:
    """Rows whose first send was a --resend are not sent again without it; what it left unsent goes."""
    path = write_csv(tmp_path / "batch.csv", ROWS)
    with recording() as gateway:
        gateway.script = lambda fields, n: accept(fields, n) if fields["destination"][-1] < "3" else "1703"
        chosen = settings(tmp_path / "data", gateway.url, send_concurrency=1)
        send(path, chosen, approve=lambda plan: True, resend_all=True)
        gateway.script = accept
        again = _send(path, gateway)
    assert again.plan.attempted_before == {Result.ACCEPTED: 2, Result.REFUSED: 1}
    assert _phones(gateway) == Counter("1234")


def test_refused_messages_of_a_resend_go_again_alone(tmp_path: Path) -> None:
    """--resend --retry-refused sends what the last round left refused, not another round."""
    path = write_csv(tmp_path / "batch.csv", ROWS)
    with recording() as gateway:
        _send(path, gateway)
        gateway.script = lambda fields, n: "1706" if fields["destination"][-1] == "3" else accept(fields, n)
        _send(path, gateway, resend_all=True)
        gateway.script = accept
        again = _send(path, gateway, resend_all=True, retry_refused=True)
    assert (again.plan.n_to_send, _phones(gateway)) == (1, Counter("123412343"))


def test_an_interrupted_resend_is_continued(tmp_path: Path) -> None:
    """A round that stopped, or whose result nobody saw, is continued, also by a file with one row more."""
    path = write_csv(tmp_path / "batch.csv", ROWS)
    with recording() as gateway:
        _send(path, gateway)
        gateway.script = lambda fields, n: accept(fields, n) if fields["destination"][-1] < "3" else "1703"
        chosen = settings(tmp_path / "data", gateway.url, send_concurrency=1)
        first = send(path, chosen, approve=lambda plan: True, resend_all=True)
        gateway.script = accept
        write_csv(path, [plain(9), *ROWS])
        unseen = send(path, chosen, approve=lambda plan: True, resend_all=True)
        done = _send(path, gateway, resend_all=True)
        new = _send(path, gateway, resend_all=True)
    assert first.summary is not None
    assert (first.summary.n_unsent, first.resent) == (1, None)
    assert unseen.plan.resend_begun_at is not None
    assert (unseen.plan.n_to_send, done.plan.n_to_send, new.plan.n_to_send) == (2, 0, 5)


def test_a_resend_killed_at_any_moment_sends_nothing_twice(tmp_path: Path) -> None:
    """However often a resend is killed with -9, no row gets more than one message more."""
    rows = [plain(number) for number in range(200)]
    path = write_csv(tmp_path / "batch.csv", rows)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["support.sending", "rmanalytics.send"])
    chance = random.Random(1)
    with recording() as gateway:
        _send(path, gateway)
        for _ in range(5):
            goal = len(gateway.requests) + chance.randint(0, 60)
            arguments = (path, gateway.url, path.with_suffix(".json"), {}, {"resend_all": True})
            process = processes.Process(target=send_to_file, args=arguments)
            process.start()
            deadline = time.monotonic() + 60
            while len(gateway.requests) <= goal and process.is_alive() and time.monotonic() < deadline:
                time.sleep(0.001)
            process.kill()
            process.join(60)
        last = _send(path, gateway, resend_all=True)
    assert last.summary is not None
    arrived = Counter(fields["destination"] for fields in gateway.requests)
    assert (len(arrived), max(arrived.values()), max(gateway.arrivals.values())) == (200, 2, 1)
    n_resent = sum(n == 2 for n in arrived.values())
    assert n_resent + last.summary.n_unclear_before >= 200
    assert last.summary.n_unsent == 0


def test_bad_rows_fail_the_run_unless_skipped(tmp_path: Path) -> None:
    """A row that was left out is exit code 1, also when all others were sent before; --skip-bad is 0."""
    path = write_csv(tmp_path / "batch.csv", [*ROWS, plain(5, body="")])
    with recording() as gateway:
        found = [_send(path, gateway, skip_bad=skip).summary for skip in (False, True, False)]
    assert [(one.exit_code, one.n_bad) for one in found if one] == [(1, 1), (0, 1), (1, 1)]
