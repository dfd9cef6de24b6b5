"""Source: batch files of every kind become the same text rows, each with its line in the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rmanalytics.errors import BadInput
from rmanalytics.send import batch_file
from rmanalytics.support import delimited

HEAD = "msisdn,body,campaign_id"
ROWS = [(2, "919800000001", "Hello", "c1"), (3, "919800000002", "Hi", "c1")]
Found = list[tuple[Any, ...]]


def _read(path: Path, *columns: str) -> Found:
    opened = batch_file.open_source(path)
    table = pa.Table.from_batches(opened.chunks, batch_file.SCHEMA)
    return [
        tuple(row.values()) for row in table.select(["line", *(columns or batch_file.REQUIRED)]).to_pylist()
    ]


CSV = {
    "plain": (f"{HEAD}\n919800000001,Hello,c1\n919800000002,Hi,c1\n", ROWS),
    "byte order mark": (f"\ufeff{HEAD}\n919800000001,Hello,c1\n919800000002,Hi,c1\n", ROWS),
    "CRLF": (f"{HEAD}\r\n919800000001,Hello,c1\r\n919800000002,Hi,c1\r\n", ROWS),
    "no newline at the end": (f"{HEAD}\n919800000001,Hello,c1\n919800000002,Hi,c1", ROWS),
    "semicolons": ("msisdn;body;campaign_id\n919800000001;Hello;c1\n919800000002;Hi;c1\n", ROWS),
    "tabs": ("msisdn\tbody\tcampaign_id\n919800000001\tHello\tc1\n919800000002\tHi\tc1\n", ROWS),
    "other case, other order": (
        "Campaign_ID, BODY ,msisdn\nc1,Hello,919800000001\nc1,Hi,919800000002\n",
        ROWS,
    ),
    "empty fields at the end": (f"{HEAD},,\n919800000001,Hello,c1,,\n919800000002,Hi,c1,,,\n", ROWS),
    "blank lines": (
        f"\n{HEAD}\n\n919800000001,Hello,c1\n\n\n919800000002,Hi,c1\n\n",
        [(4, "919800000001", "Hello", "c1"), (7, "919800000002", "Hi", "c1")],
    ),
    "line breaks in quotes": (
        f'{HEAD}\n919800000001,"a\nb\r\nc",c1\n919800000002,"say ""hi"", now",c1\n919800000003,x,c1\n',
        [
            (2, "919800000001", "a\nb\r\nc", "c1"),
            (5, "919800000002", 'say "hi", now', "c1"),
            (6, "919800000003", "x", "c1"),
        ],
    ),
    "a header of two lines": (
        f'{HEAD},"no\nte"\n919800000001,Hello,c1,x\n',
        [(3, "919800000001", "Hello", "c1")],
    ),
    "ids stay text": (f"{HEAD}\n00919800000001,007,1e5\n", [(2, "00919800000001", "007", "1e5")]),
}


@pytest.mark.parametrize(("text", "expected"), CSV.values(), ids=CSV)
def test_csv(text: str, expected: Found, tmp_path: Path) -> None:
    """A CSV file's rows are its text, with the physical line on which each starts."""
    path = tmp_path / "batch.csv"
    path.write_bytes(text.encode())
    assert _read(path) == expected


def test_csv_lines_across_chunks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lines are counted on through chunks, also behind one with line breaks in quotes."""
    monkeypatch.setattr(batch_file, "CHUNK", 2)
    monkeypatch.setattr(delimited, "BLOCK", 7)
    path = tmp_path / "batch.csv"
    path.write_text(f'{HEAD}\n1,"a\nb",c\n2,b,c\n\n3,c,c\n4,"d\n\n",c\n5,e,c\n')
    assert [(line, number) for line, number, *_ in _read(path)] == [
        (2, "1"), (4, "2"), (6, "3"), (7, "4"), (10, "5")
    ]  # fmt: skip


JSONL = {
    "plain": (
        '{"msisdn":"919800000001","body":"Hello","campaign_id":"c1"}\n'
        '\n{"campaign_id":"c1","body":"Hi","msisdn":"919800000002"}',
        [(1, "919800000001", "Hello", "c1"), (3, "919800000002", "Hi", "c1")],
    ),
    "numbers keep their digits": (
        '{"msisdn":919800000001,"body":"Hello","campaign_id":1107000000000000001}\n'
        '{"msisdn":919800000002,"body":"Hi","campaign_id":11070000000000000012345.10}\n',
        [
            (1, "919800000001", "Hello", "1107000000000000001"),
            (2, "919800000002", "Hi", "11070000000000000012345.10"),
        ],
    ),
    "other case, null, unknown key": (
        '\ufeff{"MSISDN":"919800000001","body":null,"campaign_id":"c1","city":"Pune"}\r\n',
        [(1, "919800000001", None, "c1")],
    ),
    "no object": (
        '"text"\n[1]\n{"msisdn":"919800000001"\n{"msisdn":"919800000001","body":"x","campaign_id":"c"}',
        [(1, None, None, None), (2, None, None, None), (3, None, None, None), (4, "919800000001", "x", "c")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), JSONL.values(), ids=JSONL)
def test_jsonl(text: str, expected: Found, tmp_path: Path) -> None:
    """A JSONL file's rows are its objects, with their lines."""
    path = tmp_path / "batch.jsonl"
    path.write_bytes(text.encode())
    assert _read(path) == expected


LISTS = {
    "text of a list": '["1234"]',
    "a list": ["1234", "a\u0301"],
    "none": None,
}


@pytest.mark.parametrize("value", LISTS.values(), ids=LISTS)
def test_lists_become_json(value: Any, tmp_path: Path) -> None:
    """template_variables may be a list or its JSON text, in JSONL and Parquet alike."""
    record = {"msisdn": "919800000001", "body": "x", "campaign_id": "c", "template_variables": value}
    table = pa.Table.from_pylist([record])
    pq.write_table(table, tmp_path / "batch.parquet")
    (tmp_path / "batch.jsonl").write_bytes(orjson.dumps(record))
    expected = value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
    assert _read(tmp_path / "batch.parquet", "template_variables") == [(1, expected)]
    assert _read(tmp_path / "batch.jsonl", "template_variables") == [(1, expected)]


PARQUET = {
    "text": pa.array(["919800000001", None], pa.string()),
    "large text": pa.array(["919800000001", None], pa.large_string()),
    "dictionary": pa.array(["919800000001", None], pa.string()).dictionary_encode(),
    "whole numbers": pa.array([919800000001, None], pa.int64()),
    "bytes": pa.array([b"919800000001", None], pa.binary()),
}


@pytest.mark.parametrize("numbers", PARQUET.values(), ids=PARQUET)
def test_parquet(numbers: Any, tmp_path: Path) -> None:
    """Each type that keeps its digits becomes text; the line is the row's number."""
    path = tmp_path / "batch.parquet"
    pq.write_table(pa.table({"body": ["a", "b"], "msisdn": numbers, "campaign_id": ["c", "c"]}), path)
    assert _read(path) == [(1, "919800000001", "a", "c"), (2, None, "b", "c")]


BAD_FILES = {
    "no such file": ("none.csv", None, "cannot be read: No such file or directory"),
    "a folder": (
        "",
        None,
        "has no extension: a table file ends in .*",
    ),
    "another extension": ("a.pdf", b"x", "has .pdf: a table file ends in .*"),
    "empty": ("a.csv", b"", "is empty"),
    "only names": ("a.csv", HEAD.encode(), "has no rows below the column names"),
    "only blank lines": ("a.jsonl", b"\n\n", "has no rows: write one object per line"),
    "missing columns": (
        "a.csv",
        b"phone,body\n1,x\n",
        "line 1: no column msisdn, campaign_id (it has phone, body): rename it, or map it",
    ),
    "a column twice": (
        "a.csv",
        f"{HEAD},BODY\n1,x,c,y\n".encode(),
        "line 1: body and BODY could each be body: choose one with --map body=body",
    ),
    "damaged UTF-8": (
        "a.csv",
        f"{HEAD}\n919800000001,caf\u00e9 \u0905\u0906,c\n1,".encode() + b"\xa4,c\n",
        "line 3: is not UTF-8: save the file as CSV UTF-8",
    ),
    "only names in UTF-16": ("a.csv", HEAD.encode("utf-16"), "has no rows below the column names"),
    "a quote never closed": (
        "a.csv",
        f'{HEAD}\n1,x,c\n2,"y,c\n3,z,c\n'.encode(),
        "line 3: a quote is never closed: close it, or double it inside quotes",
    ),
    "a quote closed many rows on": (
        "a.csv",
        f'{HEAD}\n1,"x,c\n2,y,c\n3,"z",c\n'.encode(),
        "line 2: a quote is never closed: close it, or double it inside quotes",
    ),
    "a JSON array": ("a.jsonl", b' [{"msisdn":"1"}]', "line 1: is a JSON array: write one object per line"),
    "no Parquet": (
        "a.parquet",
        b"PAR1 not",
        "is not a readable Parquet file, or is damaged: export it again .*",
    ),
}


@pytest.mark.parametrize(("name", "content", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file(name: str, content: bytes | None, reason: str, tmp_path: Path) -> None:
    """A file that is no batch is refused in one line that names it and the fix."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    pattern = reason if reason.endswith(".*") else re.escape(reason)
    with pytest.raises(BadInput, match=f"^{re.escape(str(path))}: {pattern}$"):
        _read(path)


def test_decimal_ids_in_parquet(tmp_path: Path) -> None:
    """A number column that has lost digits already is refused."""
    path = tmp_path / "batch.parquet"
    pq.write_table(pa.table({"msisdn": [9.198e11], "body": ["x"], "campaign_id": ["c"]}), path)
    with pytest.raises(
        BadInput, match=re.escape("column msisdn: holds decimal numbers, which lose digits: make it text")
    ):
        _read(path)


def test_file_changed_meanwhile(tmp_path: Path) -> None:
    """A file that is written while it is read is refused: its batch_id would be a lie."""
    path = tmp_path / "batch.csv"
    path.write_text(f"{HEAD}\n1,x,c\n")
    opened = batch_file.open_source(path)
    next(opened.chunks)
    path.write_text(f"{HEAD}\n1,x,c\n2,y,c\n")
    with pytest.raises(BadInput, match="changed while it was being read: run the command again"):
        list(opened.chunks)


def test_batch_id_is_the_content(tmp_path: Path) -> None:
    """The same content is the same batch under any name; other content is another."""
    for name, text in {"a.csv": "1,x,c", "b.csv": "1,x,c", "c.csv": "1,x,d"}.items():
        (tmp_path / name).write_text(f"{HEAD}\n{text}\n")
    first, same, other = (batch_file.open_source(tmp_path / f"{name}.csv").batch_id for name in "abc")
    assert first == same != other


def test_unknown_columns(tmp_path: Path) -> None:
    """Columns nobody reads are named."""
    (tmp_path / "a.csv").write_text(f"{HEAD},City,,note\n1,x,c,Pune,,n\n")
    (tmp_path / "a.jsonl").write_text('{"msisdn":"1","body":"x","campaign_id":"c","city":"Pune"}\n')
    found = {}
    for name in ("a.csv", "a.jsonl"):
        opened = batch_file.open_source(tmp_path / name)
        list(opened.chunks)
        found[name] = opened.unknown
    assert found == {"a.csv": {"City", "note"}, "a.jsonl": {"city"}}
