"""The reader of table files: the rows of `csv` at any block size, encodings, lines, and absurd sizes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import workbooks

from rmanalytics.errors import BadInput
from rmanalytics.support import delimited, parquet, text_files
from rmanalytics.support.table_model import LONGEST_FIELD
from rmanalytics.support.tables import ReadOptions, exact, open_table

HEAD = "a,b,c\n"


def rows(path: Path, reading: ReadOptions | None = None) -> list[tuple[Any, ...]]:
    """Return the rows as line, texts and what is wrong."""
    table = open_table(path, reading or ReadOptions())
    return [tuple(row.values()) for batch in table.rows() for row in batch.to_pylist()]


FIELDS = st.text(st.sampled_from('a,;"\r\n é'), max_size=4)


@given(
    table=st.lists(st.lists(FIELDS, min_size=2, max_size=4), max_size=8),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    block=st.integers(1, 40),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_csv_reads_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: list[list[str]],
    end: str,
    block: int,
    quoting: Any,
) -> None:
    """Whatever the size of blocks, rows and their lines are those of `csv`, none left out."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator=end, quoting=quoting)
    writer.writerows([["a", "b", "c"], *table])
    (tmp_path / "t.csv").write_bytes(file.getvalue().encode())
    reader = csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)
    expected, line = [], 1
    for fields in reader:
        if line > 1 and any(fields):
            whole = len(fields) == 3 or (len(fields) > 3 and not any(fields[3:]))
            expected.append((line, *[*fields, "", ""][:3], whole))
        line = reader.line_num + 1
    monkeypatch.setattr(delimited, "BLOCK", block)
    assert [(*row[:4], row[4] is None) for row in rows(tmp_path / "t.csv")] == expected


RAGGED = {
    "too few": ("1,2\n", (2, "1", "2", "", "has 2 fields but the first line names 3")),
    "too many": (
        "1,2,3,4\n",
        (
            2,
            "1",
            "2",
            "3",
            "has 4 fields but the first line names 3: put quotes around text that contains a delimiter",
        ),
    ),
    "text behind a quote": (
        '1,"2"x,3\n',
        (2, "", "", "", "has text after a closing quote: double quotes that are inside quotes"),
    ),
    "a field without end": (f"1,{'x' * 200_000},3\n", (2, "", "", "", "is too long for a message")),
}


@pytest.mark.parametrize("text, expected", RAGGED.values(), ids=RAGGED)
def test_a_row_that_is_none(tmp_path: Path, text: str, expected: tuple[Any, ...]) -> None:
    """A row that cannot be read is kept with its line and why; those after it are read."""
    (tmp_path / "t.csv").write_text(HEAD + text + "7,8,9\n")
    assert rows(tmp_path / "t.csv") == [expected, (3, "7", "8", "9", None)]


ENCODINGS = {
    "utf-8": (),
    "utf-8-sig": (),
    "utf-16": ("read as UTF-16",),
    "utf-16-le": ("read as UTF-16",),
    "utf-16-be": ("read as UTF-16",),
    "utf-32": ("read as UTF-32",),
    "utf-32-le": ("read as UTF-32",),
    "utf-32-be": ("read as UTF-32",),
    "cp1252": ("read as Windows-1252",),
}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings(tmp_path: Path, encoding: str, ending: str) -> None:
    """Each encoding of spreadsheets is recognised, and said where it is not UTF-8."""
    path, said = tmp_path / f"t.{ending}", list[str]()
    text = HEAD + "1,café – ok,3\n" if ending == "csv" else '{"a": "1", "b": "café – ok", "c": "3"}\n'
    path.write_bytes(text.encode(encoding))
    assert [row[1:4] for row in rows(path, ReadOptions(say=said.append))] == [("1", "café – ok", "3")]
    assert said == [f"{path}: {note}" for note in ENCODINGS[encoding]]


def test_parquet_types(tmp_path: Path) -> None:
    """Numbers keep their digits, times are written out, lists are JSON, and floats are named."""
    from datetime import UTC, datetime

    at = datetime(2025, 1, 15, 10, 20, 30, tzinfo=UTC)
    record = {"id": 1107000000000000001, "at": at, "n": 5.0, "list": ["a"], "yes": True, "none": None}
    pq.write_table(pa.Table.from_pylist([record]), tmp_path / "t.parquet")
    expected = (1, "1107000000000000001", "2025-01-15 10:20:30Z", "5", '["a"]', "true", None, None)
    assert rows(tmp_path / "t.parquet") == [expected]
    assert open_table(tmp_path / "t.parquet").decimals == {"n"}


def test_sheets(tmp_path: Path) -> None:
    """The first tab is read, whatever its file is called; another one by its name, below its title."""
    path = tmp_path / "t.xlsx"
    workbooks.write(path, {"One": [["a"], ["first\r\nline"]], "Two": [["Title"], [], ["b"], [7], [], ["x"]]})
    assert rows(path) == [(2, "first\r\nline", None)]
    assert rows(path, ReadOptions(sheet="Two", skip_rows=1)) == [(4, "7", None), (6, "x", None)]
    with pytest.raises(BadInput, match=r"has no sheet Three: it has One, Two"):
        rows(path, ReadOptions(sheet="Three"))


def test_columns_that_are_set(tmp_path: Path) -> None:
    """A column that the file lacks gets one value; one that it has is not overwritten."""
    (tmp_path / "t.csv").write_text(HEAD + "1,2,3\n")
    assert rows(tmp_path / "t.csv", ReadOptions(values={"d": "x"})) == [(2, "1", "2", "3", "x", None)]
    with pytest.raises(BadInput, match="--set A: the file already has this column"):
        rows(tmp_path / "t.csv", ReadOptions(values={"A": "x"}))


def _zipped(name: str) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(name, "a,b\n")
    return file.getvalue()


REFUSED = {
    "a title above the names": ("t.csv", b"\n,,\na,b\n1,2\n", "has no column names: skip a title"),
    "too many columns": ("t.csv", b",".join([b"a"] * 100_000) + b"\n", "has 100,000 columns: at most 2,000"),
    "an old workbook": ("t.csv", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
    "a packed file": ("t.jsonl", b"\x1f\x8b", "unpack it"),
    "another ending": ("t.xls", b"\xd0\xcf\x11\xe0", "has .xls: a table file ends in"),
    "an open quote": ("t.csv", b'a,b\n1,"2\n3,4\n', "line 2: a quote is never closed"),
    "an open quote at the end": ("t.csv", b'a,b\n1,"2\n3,4', "line 2: a quote is never closed"),
    "too many keys": (
        "t.jsonl",
        orjson.dumps({f"k{n}": n for n in range(16_000)}) + b"\n",
        "has more than 2,000 keys: at most that many",
    ),
    "rows under a key": (
        "t.json",
        b'{"data": [{"a": 1}, {"a": 2}]}',
        "list under data: write one object per line",
    ),
    "a zip file": ("t.csv", _zipped("a.csv"), "is a zip file: unpack it"),
    "a workbook named .csv": ("t.csv", _zipped("xl/workbook.xml"), "an XLSX workbook: name it .xlsx"),
    "a zip file named .xlsx": ("t.xlsx", _zipped("a.csv"), "is a zip file without a workbook: unpack it"),
    "no workbook": ("t.xlsx", b"PK\x03\x04x", "or is damaged: export it again, or as CSV ("),
    "no Parquet": ("t.parquet", b"PAR1 PAR1", "or is damaged: export it again ("),
    "psql's aligned output": ("t.txt", b" a | b \n---+---\n 1 | 2\n", "is a table drawn for reading"),
    "MySQL's box": ("t.txt", b"+---+---+\n| a | b |\n+---+---+\n| 1 | 2 |\n", "is a table drawn for reading"),
    "Markdown": ("t.txt", b"| a | b |\n|---|:--|\n| 1 | 2 |\n", "is a table drawn for reading"),
    "psql's expanded output": ("t.csv", b"-[ RECORD 1 ]---\nmsisdn | 9\n", "is psql's expanded output"),
    "half a letter of UTF-32": ("t.csv", b"\xff\xfe\0\0a\0\0\0,\0\0\0b\0", "is damaged UTF-32"),
    "half a letter of UTF-16": ("t.csv", b"\xff\xfea\x00,\x00b", "is damaged UTF-16"),
}


@pytest.mark.parametrize("name, data, words", REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    """A file that is no table is refused in one line with the fix."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        rows(tmp_path / name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_twice(tmp_path: Path) -> None:
    """An object with two texts under one key is no row; the same signs in a text are no key."""
    lines = ['{"a": "1", "b": "x", "a" :"2"}', '{"a": "\\"a\\": 1", "b": ""}', '{"a": {"c": 1}, "b": "z"}']
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    assert rows(tmp_path / "t.jsonl") == [
        (1, "2", "x", "has the key a twice: remove one of them"),
        (2, '"a": 1', "", None),
        (3, '{"c":"1"}', "z", None),
    ]


def test_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that no memory should hold is refused before it is read as a line."""
    monkeypatch.setattr(text_files, "LONGEST_LINE", 8 << 20)
    with (tmp_path / "t.csv").open("wb") as file:
        file.write(HEAD.encode() + b"1,2,3\n1,")
        file.truncate(20 << 20)
    with pytest.raises(BadInput, match="line 3: is longer than 8 MiB"):
        rows(tmp_path / "t.csv")


def _long(folder: Path, ending: str) -> Path:
    """Write a table whose first row has a text that is too long, its second the longest that is read."""
    path = folder / f"t.{ending}"
    texts = ["x" * (LONGEST_FIELD + 1), "é" * LONGEST_FIELD]
    table = [{"a": "1", "b": text} for text in texts]
    if ending == "csv":
        path.write_text("a,b\n" + "".join(f"1,{text}\n" for text in texts))
    elif ending == "jsonl":
        path.write_bytes(b"\n".join(map(orjson.dumps, table)))
    elif ending == "parquet":
        pq.write_table(pa.Table.from_pylist(table), path)
    else:
        workbooks.write(path, {"a": [["a", "b"], *(list(row.values()) for row in table)]})
    return path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_a_text_that_is_too_long(tmp_path: Path, ending: str) -> None:
    """In every form the same text is too long, its row is named, and the next one is read."""
    broken, whole = rows(_long(tmp_path, ending))
    assert broken[1:] == ("", "", "is too long for a message")
    assert whole[1:] == ("1", "é" * LONGEST_FIELD, None)


def _repeated(kind: pa.DataType, text: str, n: int) -> pa.Array:
    """Return a column that means one text in every row, or has it in a list, an object or a map."""
    one = pa.array([text])
    if pa.types.is_struct(kind):
        return pa.StructArray.from_arrays([one.take(pa.array([0] * n))], ["a"])
    if pa.types.is_map(kind):
        return pa.MapArray.from_arrays(range(n + 1), pa.array(["k"] * n), one.take(pa.array([0] * n)))
    if pa.types.is_list(kind):
        return pa.ListArray.from_arrays(pa.array(range(n + 1), pa.int32()), one.take(pa.array([0] * n)))
    return pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), one)


KINDS = {
    "a dictionary": pa.string(),
    "a list": pa.list_(pa.string()),
    "an object": pa.struct({"a": pa.string()}),
    "a map": pa.map_(pa.string(), pa.string()),
}


@pytest.mark.parametrize("n", [600, 6_000])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_parquet_that_expands(tmp_path: Path, kind: pa.DataType, n: int) -> None:
    """A text that a dictionary has once and every row means is never written out for more rows than fit."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": _repeated(kind, "y" * 120_000, n)}), path, compression="zstd")
    assert path.stat().st_size < 20_000
    sizes = [(batch["broken"].null_count, batch.nbytes) for batch in open_table(path).rows()]
    assert sum(n_rows for n_rows, _ in sizes) == n
    assert max(n_bytes for _, n_bytes in sizes) < 2 * parquet.MOST_BATCH_BYTES


def test_parquet_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8, declared as text or as bytes, also in lists, are named with their column and rows."""
    data = pa.array([b"Caf\xe9", b"ok"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 2, data.buffers())
    places = pa.array([0, 1, 2], pa.int32())
    for column in (data, text, *(pa.ListArray.from_arrays(places, one) for one in (data, text))):
        pq.write_table(pa.table({"a": ["1", "2"], "b": column}), tmp_path / "t.parquet")
        with pytest.raises(
            BadInput, match=r"t\.parquet: rows 1 to 2: column b: cannot be read as text: "
        ) as caught:
            rows(tmp_path / "t.parquet")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "cell", ['<c r="XFD1048576">', "<c r='XFD1048576'>"], ids=["double quotes", "single quotes"]
)
@pytest.mark.parametrize("folder", ["worksheets", "other"])
def test_a_workbook_that_spans_too_much(tmp_path: Path, cell: str, folder: str) -> None:
    """Two cells far apart are refused, wherever the sheet lies: it is held whole, empty cells too."""
    path = tmp_path / "t.xlsx"
    workbooks.write(path, {"a": [["x"]]})
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    far = f'<row r="1048576">{cell}<v>1</v></c></row></sheetData>'.encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, data in parts.items():
            data = data.replace(b"worksheets/", folder.encode() + b"/").replace(b"</sheetData>", far)
            book.writestr(name.replace("worksheets/", f"{folder}/"), data)
    with pytest.raises(BadInput, match="a sheet spans 16,384 columns and 1,048,576 rows"):
        rows(path)


def _rewritten(path: Path, change: Callable[[bytes], bytes], shared: str = "") -> Path:
    """Write a workbook of one cell with its sheet changed, and with shared texts."""
    workbooks.write(path, {"a": [["x"]]})
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    related = (
        f'<Relationship Id="s" Type="{workbooks.OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Rel'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, data in parts.items():
            data = data.replace(b"</Rel", related.encode()) if "workbook.xml.rels" in name else data
            book.writestr(name, change(data) if "sheet" in name else data)
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{workbooks.MAIN}">{shared}</sst>')
    return path


ESCAPES = {
    "any character": ("_x20B9_5 _xD83D__xDE00_", "₹5 😀"),
    "a control character": ("a_x000d_b_x0009_", "a\rb\t"),
    "an underscore": ("_x005F_x20B9_", "_x20B9_"),
    "none": ("_x41_ x_y_", "_x41_ x_y_"),
}


@pytest.mark.parametrize("written, text", ESCAPES.values(), ids=ESCAPES)
def test_escapes_of_a_workbook(tmp_path: Path, written: str, text: str) -> None:
    """A character that a cell holds by its number is read as itself."""
    workbooks.write(tmp_path / "t.xlsx", {"a": [["x"], [written]]})
    assert rows(tmp_path / "t.xlsx") == [(2, text, None)]


def test_a_row_twice(tmp_path: Path) -> None:
    """Of two rows with one number none is lost in silence: they are named."""
    path, row = tmp_path / "t.xlsx", '<row r="{0}"><c r="A{0}"><v>{1}</v></c></row>'
    _rewritten(path, _behind(row.format(3, 1) + row.format(2, 2) + row.format(3, 4)))
    why = "is in the sheet twice: remove one of the rows, or save the workbook in Excel"
    assert [(found[0], found[-1]) for found in rows(path)] == [(2, None), (3, why)]


@pytest.mark.parametrize("name", ["file:///tmp/x.csv", "s3://bucket/x.csv", "https://example.com/x.parquet"])
def test_a_url(name: str) -> None:
    """A URL is called one."""
    with pytest.raises(BadInput, match="URLs are not read: download the file"):
        open_table(Path(name))


def _behind(more: str) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", more.encode() + b"</sheetData>")


SHOWN = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(2, 3_002))
ABSURD = {
    "cells without a place": (_behind('<row r="200000">' + "<c/>" * 16_000 + "<c><v>1</v></c></row>"), ""),
    "rows without a number": (
        _behind('<row r="999999"><c><v>1</v></c></row>' + "<row/>" * 99 + "<row>" + "<c/>" * 99 + "</row>"),
        "",
    ),
    "a large text shown often": (_behind(SHOWN), "<si/><si><t>" + "y" * 500_000 + "</t></si>"),
}


@pytest.mark.parametrize("change, shared", ABSURD.values(), ids=ABSURD)
def test_a_workbook_that_would_not_fit(tmp_path: Path, change: Callable[[bytes], bytes], shared: str) -> None:
    """What a small workbook would take in memory is known before its cells are read."""
    path = _rewritten(tmp_path / "t.xlsx", change, shared)
    assert path.stat().st_size < 50_000
    with pytest.raises(BadInput, match=r"a sheet (spans|takes) [0-9,]+ .*export it as CSV"):
        rows(path)


def test_a_workbook_that_fits(tmp_path: Path) -> None:
    """A large text that is shown once does not make short ones beside it too large."""
    shared = "<si><t>" + "y" * 500_000 + "</t></si><si><t>ok</t></si>"
    assert len(rows(_rewritten(tmp_path / "t.xlsx", _behind(SHOWN), shared))) == 3_000


NO_IDS = {
    "an object of MongoDB": {"$oid": "65f0aa"},
    "a long number of MongoDB": {"$numberLong": "8123456789012345678"},
    "a list": ["g4"],
}


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("value", NO_IDS.values(), ids=NO_IDS)
def test_an_object_is_no_id(value: object, ending: str, tmp_path: Path) -> None:
    """An object or a list in the place of an id is named; beside ids it is nobody's business."""
    path = tmp_path / f"x.{ending}"
    record = {"message_id": value, "other": value}
    if ending == "jsonl":
        path.write_bytes(orjson.dumps(record) + b"\n")
    else:
        pq.write_table(pa.Table.from_pylist([record]), path)
    table = open_table(path)
    try:
        ids = exact(table, {"message_id": "message_id"}, ["message_id"])
        said = pa.Table.from_batches(table.rows(ids)).column("broken").to_pylist()[0]
    except BadInput as error:
        said = str(error)
    assert "holds" in said and "no id" in said
    assert pa.Table.from_batches(table.rows()).column("broken").to_pylist() == [None]
