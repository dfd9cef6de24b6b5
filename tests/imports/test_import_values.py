"""Values in exports: what the check calls good is stored as written, and what would become another is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pytest
from support.records import message

from rmanalytics import config, journal
from rmanalytics.errors import BadInput
from rmanalytics.imports import Options, bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.send import rows as send_rows
from rmanalytics.send.batch_file import SCHEMA
from rmanalytics.sms import row_values
from rmanalytics.support.ids import REASON, WHY_NO_VALUE

NOW = datetime(2025, 1, 20, 6, 0, tzinfo=UTC)
AT = datetime(2025, 1, 15, 4, 50, 30, tzinfo=UTC)
DRY = Options(is_dry_run=True)
Write = Callable[..., None]


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def rows(settings: config.Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


def test_a_number_of_pandas_is_its_own(settings: config.Settings, tmp_path: Path) -> None:
    """A DLR about 919800000001.0 is about 919800000001, not about the number that all of its digits make."""
    head = "message_id,msisdn,body,campaign_id,header,gateway_message_id,submitted_at"
    lines = [
        f"{name},{number},Hi,7,ACMEBK,g-{name},2025-01-15 10:20:30"
        for name, number in {"a": "919800000001", "b": "918000000010"}.items()
    ]
    bring_in(settings, "messages", table(tmp_path, head, *lines), now=NOW)
    head = "sMobileNo,sSender,sStatus,dtSubmit,dtDone,iErrCode"
    line = "919800000001.0,ACMEBK,UNDELIV,2025-01-15 10:20:31,2025-01-15 10:20:40,0.0"
    bring_in(settings, "dlrs", table(tmp_path, head, line), now=NOW)
    assert rows(settings, "SELECT message_id, state, error_code FROM outcomes ORDER BY 1") == [
        ("a", "failed", None),
        ("b", "no_dlr", None),
    ]


EXPONENTS = {
    "a number": '"sMessageId": "g1", "sMobileNo": 9.198E11',
    "a number with all digits": '"sMessageId": "g1", "sMobileNo": 9.19800000001e11',
    "an id": '"sMobileNo": "919800000001", "sMessageId": 1E18',
    "an id with a fraction": '"sMobileNo": "919800000001", "sMessageId": 1.10716E+18',
}


@pytest.mark.parametrize("told", EXPONENTS.values(), ids=EXPONENTS)
def test_json_numbers_with_an_exponent(settings: config.Settings, tmp_path: Path, told: str) -> None:
    """A number or an id that JSON has with an exponent is rejected; it is never other digits."""
    path = tmp_path / "export.jsonl"
    path.write_text(f'{{{told}, "sStatus": "UNDELIV"}}\n{{"sMessageId": 5, "sStatus": "DELIVRD"}}\n')
    done = bring_in(settings, "dlrs", path, now=NOW)
    assert (done.n_rows, done.n_rejected) == (2, 1)
    assert rows(settings, "SELECT gateway_message_id, msisdn FROM dlrs") == [("5", None)]


def test_an_id_of_pandas_finds_its_message(settings: config.Settings, tmp_path: Path) -> None:
    """5123456789.0 in an export of DLRs is the id 5123456789."""
    head = "message_id,msisdn,campaign_id,gateway_message_id"
    bring_in(settings, "messages", table(tmp_path, head, "a,9800000001,7,5123456789"), now=NOW)
    bring_in(
        settings, "dlrs", table(tmp_path, "sMessageId,sStatus,iErrCode", "5123456789.0,DELIVRD,0.0"), now=NOW
    )
    assert rows(settings, "SELECT message_id, matched_by, gateway_message_id, error_code FROM dlrs") == [
        ("a", "gateway_message_id", "5123456789", None)
    ]


TIMES = {
    "seconds": "1736916630",
    "milliseconds": "1736916630000",
    "the month's name": "15 Jan 2025 10:20:30",
    "compact": "20250115102030",
    "ISO": "2025-01-15T04:50:30Z",
    "slashes, year first": "2025/01/15 10:20:30",
}


def test_times_that_are_good_are_stored(settings: config.Settings, tmp_path: Path) -> None:
    """Each time that the check of DLRs or messages takes is in the database as the moment it names."""
    lines = [f"m-{n},DELIVRD,{time},{time}" for n, time in enumerate(TIMES.values())]
    bring_in(settings, "dlrs", table(tmp_path, "sMessageId,sStatus,dtSubmit,dtDone", *lines), now=NOW)
    found = rows(
        settings, "SELECT submitted_at, done_at, is_time_unread FROM dlrs ORDER BY gateway_message_id"
    )
    assert found == [(AT, AT, False)] * len(TIMES)
    lines = [f"9800000001,7,m-{n},{time}" for n, time in enumerate(TIMES.values())]
    head = "msisdn,campaign_id,message_id,submitted_at"
    bring_in(settings, "messages", table(tmp_path, head, *lines), now=NOW)
    assert rows(settings, "SELECT attempted_at FROM submissions") == [(AT,)] * len(TIMES)


def test_the_date_of_an_smpp_receipt(settings: config.Settings, tmp_path: Path) -> None:
    """Ten digits that begin with 2 are year, month, day, hour and minute, not a second of 2049."""
    line = "g,DELIVRD,2501151019,2501151020"
    bring_in(settings, "dlrs", table(tmp_path, "sMessageId,sStatus,dtSubmit,dtDone", line), now=NOW)
    assert rows(settings, "SELECT done_at FROM dlrs") == [(AT.replace(second=0),)]


DLRS = {
    "an exponent": ("g,9.198E+11,,", "was turned into a decimal number by a spreadsheet"),
    "a slash": ("g,919800000001/1,,", "msisdn 9198******01/1 looks like two numbers in one cell"),
    "a minus sign": ("g,-919800000001,,", "begins with a minus sign"),
    "a decimal comma": ('g,"919800000001,0",,', "was turned into a decimal number, with a comma"),
    "two numbers": ("g,919800000001;919800000002,,", "looks like two numbers in one cell"),
    "commas": ('g,"9,19,80,00,00,001",,', "contains ',', which is not allowed in a number"),
    "the gateway's id": ("5.12345E+18,,,", f"gateway_message_id {REASON}"),
    "an id longer than a float": ("1107000000000000128.0,,,", f"gateway_message_id {REASON}"),
    "the campaign": ("g,,1.7E+09,", f"tag {REASON}"),
    "an apostrophe": ("'g,,,", "gateway_message_id begins with an apostrophe"),
    "an invisible character": ("g\u200b1,,,", "gateway_message_id holds an invisible character: remove it"),
    "no id and no number": ("N/A,,,", "has neither an id nor a number"),
    "day first": ("g,,,15/01/2025", "done_at 15/01/2025 is not a time: write it as 2025-01-31 10:20:30"),
    "day or month first": (
        "g,,,01/11/2026 10:20",
        "done_at 01/11/2026 10:20 can be read in two ways: write it as",
    ),
    "no time": ("g,,,NULL", "done_at NULL means that there is no value"),
}


@pytest.mark.parametrize("line, reason", DLRS.values(), ids=DLRS)
def test_a_bad_dlr_is_rejected(settings: config.Settings, tmp_path: Path, line: str, reason: str) -> None:
    """What ingest would not store as written is refused with its line and why."""
    head = "sMessageId,sMobileNo,sTagName,dtDone,sStatus"
    path = table(tmp_path, head, "g,919800000001,7,,DELIVRD", f"{line},DELIVRD")
    (reject,) = bring_in(settings, "dlrs", path, options=DRY).rejects
    assert reject.line == 3
    assert reason in reject.reason


IDS = ("message_id", "campaign_id", "template_id", "entity_id", "gateway_message_id")
SENT = ("message_id", "campaign_id", "template_id", "entity_id", "header")
SPOILT = ("1.10716E+18", "1.7E+09", "1700000001.0", "1107000000000000128.0")


@pytest.mark.parametrize("name", IDS)
def test_ids_of_messages(settings: config.Settings, tmp_path: Path, name: str) -> None:
    """Each id column is checked alike; hex ids and ids with full stops are none of it."""
    good = dict.fromkeys(IDS, "7") | {"msisdn": "9800000001"}
    values = (*SPOILT, "219e0112", "user.123|7.")
    lines = [good | {"message_id": f"m{n}", name: value} for n, value in enumerate(values)]
    path = table(tmp_path, ",".join(good), *(",".join(line.values()) for line in lines))
    found = bring_in(settings, "messages", path, options=DRY)
    assert [(one.line, one.reason) for one in found.rejects] == [(n, f"{name} {REASON}") for n in range(2, 6)]


@pytest.mark.parametrize(
    "kind, head", [("clevertap-report", "campaign_id,n_sent"), ("clevertap-errors", "campaign_id,error")]
)
def test_campaigns_of_clevertap(settings: config.Settings, tmp_path: Path, kind: str, head: str) -> None:
    """A campaign that lost digits is refused in CleverTap's own exports."""
    found = bring_in(settings, kind, table(tmp_path, head, "7,1", "1.7E+09,1", "1700000001.0,1"), options=DRY)
    assert [one.reason for one in found.rejects] == [f"campaign_id {REASON}"] * 2


NOTHING = (
    *("NULL", "(null)", "<null>", "nil", "None", "nan", "NaT", "<NA>", "NA", "N/A", "undefined", "\\N"),
    *(
        "#N/A",
        "#REF!",
        "#DIV/0!",
        "########",
        "0",
        "0000",
        "-",
        "--",
        "\u2014",
        "?",
        ".",
        "''",
        '""',
        "_",
        "=1+1",
    ),
    '=HYPERLINK("https://x.example")',
)


@pytest.mark.parametrize("word", NOTHING)
def test_words_for_nothing(settings: config.Settings, tmp_path: Path, word: str) -> None:
    """Whatever stands for nothing is an id to nobody: messages and batches refuse it, to a DLR it is no id."""
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(GOOD | {name: word}) for name in IDS))
    with pytest.raises(BadInput, match=r"message_id (means that there is no value|is a formula)"):
        bring_in(settings, "messages", path, now=NOW)
    path.write_bytes(orjson.dumps({"sMessageId": word, "sMobileNo": "919800000001", "sStatus": "DELIVRD"}))
    bring_in(settings, "dlrs", path, now=NOW)
    assert rows(settings, "SELECT gateway_message_id FROM dlrs") == [(None,)]
    nothing = dict.fromkeys(SCHEMA.names) | {"line": 2} | GOOD | dict.fromkeys(SENT, word)
    checked = send_rows.check(pa.RecordBatch.from_pylist([nothing], SCHEMA), send_rows.Defaults())
    assert [fault.field for fault in checked.faults] == [*SENT]


EDGES = ("m1 ", "\u00a0m1", "m1\u200b", "\ufeffm1", "\u3000m1\u2060")


@pytest.mark.parametrize("text", EDGES, ids=ascii)
def test_what_nobody_sees_at_the_ends_of_an_id(settings: config.Settings, tmp_path: Path, text: str) -> None:
    """Blanks and invisible characters around an id are no part of it, in a batch and in an import."""
    row = GOOD | {"template_id": "1107", "message_id": text}
    path = tmp_path / "export.jsonl"
    path.write_bytes(orjson.dumps(row))
    (read,) = bring_in(settings, "messages", path, options=DRY, now=NOW).first_rows
    whole = dict.fromkeys(SCHEMA.names) | {"line": 2} | row
    checked = send_rows.check(pa.RecordBatch.from_pylist([whole], SCHEMA), send_rows.Defaults())
    assert [read["message_id"], *checked.good["message_id"].to_pylist()] == ["m1", "m1"]


TEXTS = {
    "clevertap-errors": ("campaign_id,error", "7,\x1b[31mred", "error holds a control character: remove it"),
    "clevertap-report": (
        "campaign_id,n_sent,campaign_name",
        "7,1,\x1b[31mred",
        "campaign_name holds a control character: remove it",
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_of_clevertap(settings: config.Settings, tmp_path: Path, kind: str) -> None:
    """A text that would steer a terminal is refused."""
    head, line, reason = TEXTS[kind]
    found = bring_in(settings, kind, table(tmp_path, head, line), options=DRY)
    assert [one.reason for one in found.rejects] == [reason]


COUNTS = {
    "1000": 1000,
    "1000.0": 1000,
    "1.0": 1,
    '"1,000"': 1000,
    '"1,00,000"': 100_000,
    "1 000": 1000,
    "1\u00a0000": 1000,
    "1.000": None,
    '"1,00"': None,
    "12.5": None,
    "many": None,
}


@pytest.mark.parametrize("text, n", COUNTS.items(), ids=COUNTS)
def test_counts(settings: config.Settings, tmp_path: Path, text: str, n: int | None) -> None:
    """A count is what everybody reads in it; what is 1 to some and 1000 to others is refused."""
    path = table(tmp_path, "campaign_id,n_sent", f"7,{text}")
    if n is None:
        with pytest.raises(BadInput, match=r"n_sent (.* can be read in two ways|is no whole number)"):
            bring_in(settings, "clevertap-report", path)
    else:
        bring_in(settings, "clevertap-report", path, now=NOW)
        assert rows(settings, "SELECT n_sent FROM clevertap_reports") == [(n,)]


LIST = f"template_variables {row_values.NO_LIST}"
MESSAGES = {
    "a list in a list": ({"template_variables": '["a", ["b"]]'}, LIST),
    "an object in a list": ({"template_variables": '[{"a": 1}]'}, LIST),
    "an object": ({"template_variables": '{"a": 1}'}, LIST),
    "half an emoji": ({"template_variables": '["\\ud83d"]'}, LIST),
    "a route that is none": ({"route": "moon"}, "route is neither domestic nor international"),
    "another route": ({"route": "international"}, "route contradicts the number, which is domestic"),
    "a control character in a text": ({"body": "Hi\x01"}, "body holds a control character: remove it"),
    "a control character in an id": (
        {"message_id": "m\x00"},
        "message_id holds a control character: remove it",
    ),
    "an id without end": (
        {"campaign_id": "c" * 5_000},
        "campaign_id has 5,000 characters: use an id of at most 1,000",
    ),
    "a header without end": ({"header": "A" * 1_001}, "header has 1,001 characters: use an id"),
    "an invisible character": (
        {"message_id": "m\u200b1"},
        "message_id holds an invisible character: remove it",
    ),
    "an apostrophe": ({"message_id": "'m1"}, "message_id begins with an apostrophe: remove it"),
    "no value": ({"message_id": "\\N"}, "message_id means that there is no value"),
    "an error of a spreadsheet": ({"header": "#N/A"}, "header means that there is no value"),
}
GOOD = {"msisdn": "919800000001", "campaign_id": "c", "message_id": "m1", "header": "ACMEBK", "body": "Hi"}


@pytest.mark.parametrize("row, reason", MESSAGES.values(), ids=MESSAGES)
def test_what_send_rejects(
    settings: config.Settings, tmp_path: Path, row: dict[str, str], reason: str
) -> None:
    """A message that `send` would not send for its values is not imported either, for the same reason."""
    good = GOOD | {"template_id": "1107", "template_variables": "[]", "route": "Domestic"}
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, (good, good | row))))
    read = bring_in(settings, "messages", path, options=DRY, now=NOW)
    assert [(one.line, one.reason.startswith(reason)) for one in read.rejects] == [(2, True)]
    whole = dict.fromkeys(SCHEMA.names) | {"line": 2} | good | row
    checked = send_rows.check(pa.RecordBatch.from_pylist([whole], SCHEMA), send_rows.Defaults())
    assert [f"{one.field} {one.reason}".startswith(reason) for one in checked.faults] == [True]


def test_variables_of_every_kind(settings: config.Settings, tmp_path: Path) -> None:
    """Texts, numbers, words of JSON and nothing are the variables that `send` would send."""
    lists = ['["a", "b, c"]', '["\\"a\\"", 12.50, 1e3, true, ""]', "[ ]", '["\u0928"]']
    path = tmp_path / "export.jsonl"
    path.write_bytes(
        b"\n".join(
            orjson.dumps(GOOD | {"message_id": f"m{n}", "template_variables": text})
            for n, text in enumerate(lists)
        )
    )
    read = bring_in(settings, "messages", path, options=DRY, now=NOW)
    assert [row["template_variables"] for row in read.first_rows] == list(map(row_values.variables, lists))


NO_VALUES = {
    "a number": ("messages", "msisdn,campaign_id,body", "NULL,7,a", "msisdn"),
    "a text": ("messages", "msisdn,campaign_id,body", "9800000001,7,NULL", "body"),
    "a text, by MySQL": ("messages", "msisdn,campaign_id,body", "9800000001,7,\\N", "body"),
    "a campaign": ("messages", "msisdn,campaign_id,body", "9800000001,NULL,a", "campaign_id"),
    "a status": ("dlrs", "sMessageId,sStatus", "g1,NULL", "raw_status"),
    "a DLR's number": ("dlrs", "sMobileNo,sStatus", "NULL,DELIVRD", "msisdn"),
    "a template id": ("templates", "template_id,content", "NULL,a", "template_id"),
    "a template's text": ("templates", "template_id,content", "1107000000000000001,NULL", "content"),
    "CleverTap's campaign": ("clevertap-report", "campaign_id,n_sent", "NULL,1", "campaign_id"),
    "CleverTap's number": ("clevertap-report", "campaign_id,n_sent", "c1,NULL", "n_sent"),
    "CleverTap's error": ("clevertap-errors", "campaign_id,error", "c1,NULL", "error"),
}


@pytest.mark.parametrize("kind, head, line, name", NO_VALUES.values(), ids=NO_VALUES)
def test_null_for_what_has_to_be_there(
    settings: config.Settings, tmp_path: Path, kind: str, head: str, line: str, name: str
) -> None:
    """A word of databases for no value is refused by the column's name and in the same words in every kind."""
    (reject,) = bring_in(settings, kind, table(tmp_path, head, line), options=DRY).rejects
    assert reject.reason == f"{name} {WHY_NO_VALUE}"
    empty = ",".join("" if text in {"NULL", "\\N"} else text for text in line.split(","))
    if name != "body" and empty.strip(","):
        found = bring_in(settings, kind, table(tmp_path, head, empty, line), options=DRY)
        assert name in found.rejects[0].reason or "neither an id nor a number" in found.rejects[0].reason


REPEATED = {
    "messages": ("message_id,msisdn,campaign_id,body", "m1,9800000001,7,a", "m1,9800000001,7,a"),
    "messages without an id": ("msisdn,campaign_id,body", "9800000001,7,a", "9800000001,7,a"),
    "dlrs": ("sMessageId,sStatus,dtDone", "g,DELIVRD,2025-01-15 10:20:30", "g,DELIVRD,2025-01-15 10:20:30"),
    "clevertap-report": ("campaign_id,day,n_sent", "c,2025-01-15,10", "c,2025-01-15,12"),
    "clevertap-errors": ("campaign_id,error,count", "c,timeout,1", "c,timeout,2"),
}


@pytest.mark.parametrize("kind", REPEATED)
def test_rows_about_the_same(settings: config.Settings, tmp_path: Path, kind: str) -> None:
    """Rows that become one in the database are counted, and the first ones named, before and after the import."""
    head, first, again = REPEATED[kind]
    other = first.translate(str.maketrans({"m": "n", "g": "h", "c": "d"})).replace("9800000001", "9800000003")
    path = table(tmp_path, head, first, other, again, again)
    for options in (DRY, Options()):
        read = bring_in(settings, kind.split(" ")[0], path, options=options, now=NOW)
        assert (read.n_good, read.n_repeated) == (4, 2)
        assert [(one.line, one.first_line) for one in read.repeated] == [(4, 2), (5, 2)]
    assert read.n_changed == 2


OTHERS = {"number": "m1,9800000002,7,a", "campaign": "m1,9800000001,8,a", "text": "m1,9800000001,7,b"}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_message_under_an_id(settings: config.Settings, tmp_path: Path, other: str) -> None:
    """A row whose id an earlier row has for another message is rejected; one that says the same again is not."""
    same = "m1,9800000001,7,a"
    path = table(tmp_path, "message_id,msisdn,campaign_id,body", same, other, same, "m2,9800000001,7,a")
    read = bring_in(settings, "messages", path, now=NOW)
    assert (read.n_good, read.n_rejected, read.n_repeated, read.n_changed) == (3, 1, 1, 2)
    assert read.rejects[0].line == 3
    assert read.rejects[0].reason.startswith("message_id m1 is already on line 2, of another message")
    assert rows(settings, "SELECT msisdn, campaign_id, body FROM messages WHERE message_id = 'm1'") == [
        ("919800000001", "7", "a")
    ]


LATER = {
    "another number": ("m1,9800000002,7,a", 1, ("919800000001", "a")),
    "another number abroad": ("m1,+447700900123,7,a", 1, ("919800000001", "a")),
    "the number in another spelling": ('m1,"+91 98000-00001",7,a', 0, ("919800000001", "a")),
    "another text": ("m1,9800000001,7,b", 0, ("919800000001", "b")),
}


@pytest.mark.parametrize("is_sent", [False, True], ids=["imported", "sent"])
@pytest.mark.parametrize("row, n_rejected, kept", LATER.values(), ids=LATER)
def test_an_id_of_an_earlier_import(
    settings: config.Settings,
    tmp_path: Path,
    write: Write,
    row: str,
    n_rejected: int,
    kept: tuple[str, str],
    is_sent: bool,
) -> None:
    """An id that the database has stays its person's: another number is rejected, again and in a new database too."""
    head, ours = "message_id,msisdn,campaign_id,body", "m1,9800000001,7,a"
    if is_sent:
        write(journal.MESSAGES, message("m1", msisdn="919800000001", body="a"))
        ingest(settings)
        kept = ("919800000001", "a")
    else:
        bring_in(settings, "messages", table(tmp_path, head, ours), now=NOW)
    path = table(tmp_path, head, row, "m2,9800000002,7,a")
    for now in (NOW.replace(hour=7), NOW.replace(hour=8)):
        read = bring_in(settings, "messages", path, now=now)
        assert (read.n_rejected, read.exit_code) == (n_rejected, n_rejected)
    assert [one.line for one in read.rejects] == [2] * n_rejected
    assert all("message_id m1 is already known, of another number" in one.reason for one in read.rejects)
    query = "SELECT msisdn, body FROM messages WHERE message_id = 'm1'"
    assert rows(settings, query) == [kept]
    settings.database.unlink()
    ingest(settings)
    assert rows(settings, query) == [kept]


def test_an_id_that_could_not_be_compared(settings: config.Settings, tmp_path: Path) -> None:
    """Where no database was there to compare with, ingest keeps the first number, and its result, all the same."""
    head = "message_id,msisdn,campaign_id,submit_result"
    bring_in(settings, "messages", table(tmp_path, head, "m1,9800000001,7,accepted"), now=NOW)
    settings.database.unlink()
    path = table(tmp_path, head, "m1,9800000002,7,refused")
    bring_in(settings, "messages", path, now=NOW.replace(hour=7))
    query = "SELECT msisdn, result FROM messages JOIN submissions USING (message_id)"
    assert rows(settings, query) == [("919800000001", "accepted")]


def test_a_database_that_cannot_be_read(settings: config.Settings, tmp_path: Path) -> None:
    """An import into a database that lacks a table is refused with what to do, and changes nothing."""
    head, row = "message_id,msisdn,campaign_id", "m1,9800000001,7"
    bring_in(settings, "messages", table(tmp_path, head, row), now=NOW)
    with duckdb.connect(settings.database) as holder:
        holder.execute("DROP TABLE message_times")
    with pytest.raises(BadInput, match=r"it has no message_times\.key\): delete it and run ingest again"):
        bring_in(settings, "messages", table(tmp_path, head, row), now=NOW)
