"""A path is a path: nothing in a name is a pattern, a quote or an escape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import rmanalytics as rm
from rmanalytics.cli import app
from rmanalytics.errors import RmaError

ID = "1107000000000000101"
NAMES = {
    "brackets": "export[1]",
    "a star": "ex*port",
    "braces": "ex{1,2}port",
    "quotes, blanks and percent": """it's "50 %20" off""",
    "Devanagari": "निर्यात [1]*",
}


def run(*arguments: str) -> Any:
    """Run a command; it ends, or says in one line of ours why not."""
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, SystemExit | RmaError | None), (arguments, done.exception)
    return done


def row(name: str) -> dict[str, str]:
    """Return a message that says in which file it lies."""
    return {
        "message_id": f"id {name}",
        "msisdn": "919800000001",
        "campaign_id": "c1",
        "template_id": ID,
        "header": "ACMEBK",
        "body": "Hello",
    }


def write(folder: Path, name: str, told: str = "") -> dict[str, Path]:
    """Write one message in every form under a name; it says that name, or what it is `told`."""
    said = row(told or name)
    paths = {ending: folder / f"{name}.{ending}" for ending in ("csv", "jsonl", "parquet")}
    quoted = ('"' + value.replace('"', '""') + '"' for value in said.values())
    paths["csv"].write_text(f"{','.join(said)}\n{','.join(quoted)}\n")
    paths["jsonl"].write_text(json.dumps(said) + "\n")
    pq.write_table(pa.Table.from_pylist([said]), paths["parquet"])
    return paths


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_name(name: str, tmp_path: Path) -> None:
    """Every command reads the file and the home that were named, not what the name matches as a pattern."""
    for trap in ("export1", "exXport", "ex1port", "निर्यात 1x"):
        write(tmp_path, trap)
        (tmp_path / trap / "data" / "journal").mkdir(parents=True)
    home = tmp_path / name / "data"
    for ending, path in write(tmp_path, name).items():
        done = run("import", "messages", str(path), "--yes", "--home", str(home))
        assert done.exit_code == 0, (ending, done.exception, done.stderr)
    with rm.connect(home) as store:
        assert store.table("messages").to_pandas()["message_id"].tolist() == [f"id {name}"]
    templates = tmp_path / f"{name} templates.csv"
    templates.write_text(f"template_id,content\n{ID},Hello\n")
    messages = str(tmp_path / f"{name}.csv")
    for command in (
        ("import", "templates", str(templates), "--yes"),
        ("send", messages, "--dry-run"),
        ("ingest",),
        ("status",),
        ("validate",),
        ("doctor",),
        ("purge", "--older-than", "90d", "--dry-run"),
    ):
        done = run(*command, "--home", str(home))
        if command[0] in ("import", "send", "ingest", "purge"):
            assert done.exit_code == 0, (command, done.exception, done.stderr)
    done = run("dlt", "check", "--templates", str(templates), "--messages", messages)
    assert done.exit_code == 0, (done.exception, done.stderr)


HOMES = {
    "a question mark": ("what?/data", "contains a question mark"),
    "a backslash": (r"data\prod", "contains a backslash: write the path with slashes"),
}


@pytest.mark.parametrize("home, fix", HOMES.values(), ids=HOMES)
def test_homes_of_no_database(home: str, fix: str, tmp_path: Path) -> None:
    """A folder that DuckDB would take for another one is refused before anything is written."""
    done = run("status", "--home", home)
    assert fix in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_working_folder_of_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual home is refused too where the folder above it is one that DuckDB takes for another."""
    (tmp_path / "what now?").mkdir()
    monkeypatch.chdir(tmp_path / "what now?")
    assert "contains a question mark" in str(run("status").exception)


def test_a_folder_called_as_homes_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read below a folder `~` is what lies there, not what lies in the user's home."""
    for folder in ("~", "user"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "export", told=f"of {folder}")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    for ending in ("csv", "jsonl", "parquet"):
        done = run("import", "messages", f"./~/export.{ending}", "--yes", "--home", f"of_{ending}")
        assert done.exit_code == 0, (ending, done.exception, done.stderr)
        with rm.connect(f"of_{ending}") as store:
            assert store.table("messages").to_pandas()["message_id"].tolist() == ["id of ~"]


@pytest.mark.parametrize("name", ["md:x", "sqlite:x", "run:1", "a::b", "~x"])
def test_a_home_is_no_scheme(name: str, tmp_path: Path) -> None:
    """A home whose name begins like a URL or somebody's home folder is a folder; no extension is fetched for it."""
    path = write(tmp_path, "export")["csv"]
    for command in (
        ("import", "messages", str(path), "--yes"),
        ("send", str(path), "--dry-run"),
        ("status",),
    ):
        done = run(*command, "--home", name)
        assert done.exit_code == 0, (command, done.exception, done.stderr)
    assert (tmp_path / name / "rmanalytics.duckdb").is_file()


PARTITIONS = {
    "of messages": ("campaign_id=9", "gateway=zz"),
    "of DLRs": ("status=failed", "raw_status=UNDELIV", "message_id=1"),
    "of reports": ("day=monday", "n_sent=999"),
    "of templates": ("content=xyz", "line=abc", "planned_at=zz"),
}
EXPORTS = {
    "messages": "message_id,msisdn,campaign_id,body\nm1,919800000001,otp,Hi\n",
    "dlrs": "sMessageId,sStatus,dtDone,sMobileNo\ng1,DELIVRD,2026-11-24 10:00:00,919800000001\n",
    "templates": f"template_id,content\n{ID},Hello\n",
    "clevertap-report": "campaign_id,day,n_sent\notp,2026-11-01,10\n",
}
HELD = (
    "SELECT 'm', message_id, campaign_id, body FROM messages UNION ALL "
    "SELECT 'd', gateway_message_id, raw_status, status FROM dlrs UNION ALL "
    "SELECT 't', template_id, content, status FROM templates UNION ALL "
    "SELECT 'r', campaign_id, day::VARCHAR, n_sent::VARCHAR FROM clevertap_reports ORDER BY ALL"
)


@pytest.mark.parametrize("parts", PARTITIONS.values(), ids=PARTITIONS)
def test_a_folder_is_no_partition(parts: tuple[str, ...], tmp_path: Path) -> None:
    """A folder called `column=value` above a home or a file puts no value into what is imported."""
    held = []
    for folder in (tmp_path / "plain", tmp_path.joinpath(*parts)):
        folder.mkdir(parents=True)
        for kind, content in EXPORTS.items():
            (folder / f"{kind}.csv").write_text(content)
            done = run("import", kind, str(folder / f"{kind}.csv"), "--yes", "--home", str(folder / "data"))
            assert done.exit_code == 0, (kind, done.exception, done.stderr)
        with duckdb.connect(folder / "data" / "rmanalytics.duckdb", read_only=True) as connection:
            held.append(connection.execute(HELD).fetchall())
    assert held[0] == held[1]
    assert len(held[0]) == len(EXPORTS)
