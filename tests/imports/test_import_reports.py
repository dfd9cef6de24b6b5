"""CleverTap's own numbers, and files that are none of what they claim to be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb
import pytest

from rmanalytics import config
from rmanalytics.errors import BadInput
from rmanalytics.imports import Options, bring_in
from rmanalytics.validate.facts.chosen import Scope
from rmanalytics.validate.facts.database import gather

REPORT = (
    "Campaign ID,Campaign Name,Date,SMS/Email/WA service provider,Total Sent (events),Delivered,Errors,User DND\n"
    '1700000001,Diwali,2025-01-15,RouteMobile,"1,00,000",90000,1000,12\n'
)
ERRORS = (
    "Campaign ID,Time,Error,Count\n"
    "7,2025-01-15 10:20:30,Error java.net.SocketTimeoutException: Read timed out for message,3\n"
    "7,,HTTP 401 Unauthorized,\n7,,Bad request: mandatory parameter,2\n7,,Something else,1\n"
)


def test_a_campaign_report(settings: config.Settings, tmp_path: Path) -> None:
    """The numbers of a campaign arrive with the columns that we have no name for kept beside them."""
    (tmp_path / "report.csv").write_text(REPORT)
    mapping = {"n_sent": "Total Sent (events)"}
    bring_in(settings, "clevertap-report", tmp_path / "report.csv", mapping=mapping)
    query = "SELECT campaign_id, day::VARCHAR, provider, n_sent, n_delivered, n_errors, other FROM clevertap_reports"
    with duckdb.connect(settings.database, read_only=True) as connection:
        assert connection.execute(query).fetchall() == [
            ("1700000001", "2025-01-15", "RouteMobile", 100_000, 90_000, 1_000, '{"User DND":"12"}')
        ]


TOTALS = {
    "Total": True,
    "TOTAL:": True,
    "Grand Total": True,
    "sub-total": True,
    "total-recall": False,
    "42": False,
}


@pytest.mark.parametrize("name, is_sum", TOTALS.items(), ids=TOTALS)
def test_a_row_of_sums(settings: config.Settings, tmp_path: Path, name: str, is_sum: bool) -> None:
    """The last row of a report that adds up the others is no campaign."""
    (tmp_path / "report.csv").write_text(f"campaign_id,n_sent\n7,10\n{name},10\n")
    read = bring_in(settings, "clevertap-report", tmp_path / "report.csv")
    reason = f"campaign_id {name} is a sum of other rows: remove it"
    assert [one.reason for one in read.rejects] == [reason] * is_sum


def test_errors_are_sorted_into_causes(settings: config.Settings, tmp_path: Path) -> None:
    """Words in an error tell what it is about."""
    (tmp_path / "errors.csv").write_text(ERRORS)
    bring_in(settings, "clevertap-errors", tmp_path / "errors.csv")
    with duckdb.connect(settings.database, read_only=True) as connection:
        query = "SELECT category, n_errors FROM clevertap_errors ORDER BY 1"
        assert connection.execute(query).fetchall() == [
            ("authentication", 1),
            ("other", 1),
            ("payload", 2),
            ("timeout", 3),
        ]


SAID = {
    "a code for a wrong password": ("provider answered 1703", "authentication"),
    "a code for a missing field": ("err_1702,", "payload"),
    "a code of a number": ("invalid destination 1706", "other"),
    "digits of a number": ("919817031234 was refused", "other"),
    "a short code of another gateway": ("error 102", "other"),
}


@pytest.mark.parametrize("error, category", SAID.values(), ids=SAID)
def test_submit_codes_in_errors(settings: config.Settings, tmp_path: Path, error: str, category: str) -> None:
    """A submit code in an error tells what the gateway's own table says, as a number of its own."""
    (tmp_path / "errors.csv").write_text(f'campaign_id,error\n7,"{error}"\n')
    bring_in(settings, "clevertap-errors", tmp_path / "errors.csv")
    with duckdb.connect(settings.database, read_only=True) as connection:
        assert connection.execute("SELECT category FROM clevertap_errors").fetchall() == [(category,)]


def test_errors_reach_the_verdict(settings: config.Settings, tmp_path: Path) -> None:
    """`validate` sees what was imported: its cause, how often, and when it began."""
    (tmp_path / "errors.csv").write_text(ERRORS)
    bring_in(settings, "clevertap-errors", tmp_path / "errors.csv")
    facts = gather(settings.home, settings, Scope(campaign_id="7"))
    assert facts.log is not None
    first = datetime(2025, 1, 15, 4, 50, 30, tzinfo=UTC)
    assert [(logged.category, logged.n, logged.at) for logged in facts.log] == [
        ("timeout", 3, first),
        ("payload", 2, None),
        ("authentication", 1, None),
        ("other", 1, None),
    ]


HOSTILE = {
    "empty": ("a.csv", b"", "is empty"),
    "no rows": ("a.csv", b"campaign_id,msisdn\n", "has no rows"),
    "no such columns": ("a.csv", b"x,y\n1,2\n", "no column campaign_id, msisdn"),
    "twice": ("a.csv", b"campaign_id,msisdn,msisdn\n1,2,3\n", "column msisdn occurs twice: remove one"),
    "ambiguous": (
        "a.csv",
        b"campaign_id,phone,mobile\n1,2,3\n",
        "mobile and phone could each be msisdn: choose one with --map",
    ),
    "no parquet": ("a.parquet", b"PAR1nonsense", "is not a readable Parquet file"),
    "no workbook": ("a.xlsx", b"PK\x03\x04nonsense", "is not a readable workbook"),
    "a workbook called csv": ("a.csv", b"PK\x03\x04nonsense", "is not CSV"),
    "an array": ("a.jsonl", b'[{"campaign_id": 1}]', "is a JSON array"),
    "another kind": ("a.pdf", b"x", "has .pdf"),
    "only rejects": ("a.csv", b"campaign_id,msisdn\n1,2\n", "line 2: msisdn 2 is too short"),
}


@pytest.mark.parametrize("name, data, words", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_changes_nothing(
    settings: config.Settings, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    """Each ends in one line; nothing is left in the journal and no database is made."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        bring_in(settings, "messages", tmp_path / name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(settings.home.rglob("*.*")) == []


def test_a_bomb_is_not_unpacked(settings: config.Settings, tmp_path: Path) -> None:
    """A workbook that unpacks to more than memory should hold is refused before it is."""
    with (
        ZipFile(tmp_path / "bomb.xlsx", "w", ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as entry,
    ):
        for _ in range(1_040):
            entry.write(bytes(1 << 20))
    with pytest.raises(BadInput, match="unpacks to 1,090,519,040 bytes"):
        bring_in(settings, "messages", tmp_path / "bomb.xlsx")


def test_encodings_and_odd_cells(settings: config.Settings, tmp_path: Path) -> None:
    """UTF-16, formulas, NULs and a cell of 10 MB: the rows that can be read are, the others are named."""
    rows = f"campaign_id;msisdn;body\n=1+1;9800000001;a\0b\n7;9800000002;{'x' * (10 << 20)}\n7;9800000003;é\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8-sig")
    read = bring_in(settings, "messages", tmp_path / "a.csv", options=Options(is_dry_run=True))
    assert [(reject.line, reject.reason) for reject in read.rejects] == [
        (2, "body holds a control character: remove it"),
        (3, "is too long for a message"),
    ]
    assert [row["body"] for row in read.first_rows] == ["é"]
    (tmp_path / "b.csv").write_text("campaign_id,msisdn,body\n7,9800000001,é\n", encoding="utf-16")
    read = bring_in(settings, "messages", tmp_path / "b.csv", options=Options(is_dry_run=True))
    assert [row["body"] for row in read.first_rows] == ["é"]
