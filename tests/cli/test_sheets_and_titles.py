"""Where the table of a file is: on which sheet, below which title; every reader looks alike, and says what it left."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from support import workbooks
from support.providers import GOOD, write
from typer.testing import CliRunner

from rmanalytics import status_words
from rmanalytics.cli import app
from rmanalytics.config import load
from rmanalytics.dlt import codes as dlt_codes
from rmanalytics.errors import BadInput
from rmanalytics.relay import codes as relay_codes

ID = "1107000000000000101"
Table = tuple[tuple[object, ...], tuple[object, ...]]

MESSAGES: Table = (
    ("msisdn", "body", "campaign_id", "template_id", "header", "message_id"),
    ("919800000001", "Hi", "c1", ID, "ACMEBK", "m1"),
)
TEMPLATES: Table = (("template_id", "content"), (ID, "Hi"))
DLRS: Table = (("sMessageId", "sStatus", "sMobileNo"), ("g1", "DELIVRD", "919800000001"))
REPORT: Table = (("campaign_id", "n_sent", "day"), ("c1", "10", "2025-01-15"))
ERRORS: Table = (("campaign_id", "error"), ("c1", "timeout"))

READERS: dict[str, tuple[Table, tuple[str, ...], str]] = {
    "send": (MESSAGES, ("send", "FILE", "--dry-run"), "--"),
    "provider render": (MESSAGES, ("provider", "render", "p.json", "--batch", "FILE"), "--"),
    "import messages": (MESSAGES, ("import", "messages", "FILE", "--dry-run"), "--"),
    "import dlrs": (DLRS, ("import", "dlrs", "FILE", "--dry-run"), "--"),
    "import templates": (TEMPLATES, ("import", "templates", "FILE", "--dry-run"), "--"),
    "import clevertap-report": (REPORT, ("import", "clevertap-report", "FILE", "--dry-run"), "--"),
    "import clevertap-errors": (ERRORS, ("import", "clevertap-errors", "FILE", "--dry-run"), "--"),
    "dlt check --messages": (
        MESSAGES,
        ("dlt", "check", "--templates", "t.csv", "--messages", "FILE"),
        "--messages-",
    ),
    "dlt check --templates": (
        TEMPLATES,
        ("dlt", "check", "--templates", "FILE", "--messages", "m.csv"),
        "--",
    ),
    "dlt find": (TEMPLATES, ("dlt", "find", "Hi", "--templates", "FILE"), "--"),
}
"""What each reader reads, its command, and how its options begin."""

NOTES = [("what this file is about",)]
OTHER = [("nothing", "of", "use"), ("a", "b", "c")]


def asked(reader: str, path: Path, *options: str) -> tuple[int, str]:
    """Return the exit code and what was said on stderr, the path of the file left out."""
    folder = path.parent
    (folder / "t.csv").write_text(f"template_id,content\n{ID},Hi\n")
    (folder / "m.csv").write_text(f"template_id,body\n{ID},Hi\n")
    write(folder / "p.json", GOOD, {})
    names = {"FILE": str(path), **{name: str(folder / name) for name in ("t.csv", "m.csv", "p.json")}}
    command = [names.get(word, word) for word in READERS[reader][1]]
    home = ("--home", str(folder / "data")) if command[0] != "dlt" else ()
    done = CliRunner().invoke(app, [*command, *options, *home])
    said = done.stderr + (str(done.exception) if isinstance(done.exception, BadInput) else "")
    return (2 if isinstance(done.exception, BadInput) else done.exit_code), said.replace(f"{path}: ", "")


Sheets = Callable[[Table], dict[str, Sequence[Sequence[object]]]]
SHEETS: dict[str, tuple[Sheets, tuple[str, ...], str]] = {
    "two with rows": (
        lambda table: {"A": table, "B": table},
        (),
        "read sheet A (1 of 2); not read: B; {}sheet reads another",
    ),
    "a hidden one in front": (
        lambda table: {"Old": OTHER, "Data": table},
        ("Old",),
        "read sheet Data (2 of 2); hidden: Old; {}sheet reads another",
    ),
    "an empty one in front": (
        lambda table: {"Cover": [], "Data": table, "Sheet3": []},
        (),
        "read sheet Data (2 of 3); empty: Cover",
    ),
    "one with a title only in front": (
        lambda table: {"Cover": NOTES, "Data": table},
        (),
        "read sheet Data (2 of 2); not read: Cover; {}sheet reads another",
    ),
    "empty ones behind": (lambda table: {"Sheet1": table, "Sheet2": [], "Sheet3": []}, (), ""),
}


@pytest.mark.parametrize("sheets, hidden, said", SHEETS.values(), ids=SHEETS)
@pytest.mark.parametrize("reader", READERS)
def test_which_sheet(reader: str, sheets: Sheets, hidden: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """The first sheet that people see with a table on it is read, and what else there is is said."""
    table, _, flags = READERS[reader]
    workbooks.write(tmp_path / "x.xlsx", sheets(table), hidden=hidden)
    code, text = asked(reader, tmp_path / "x.xlsx")
    assert code == 0, text
    assert said.format(flags) in text
    assert ("read sheet" in text) is bool(said)


@pytest.mark.parametrize("reader", READERS)
def test_no_sheet(reader: str, tmp_path: Path) -> None:
    """Nothing is not zero rows: empty sheets and hidden ones are refused with what to do."""
    table, _, flags = READERS[reader]
    workbooks.write(tmp_path / "x.xlsx", {"A": [], "B": []})
    assert asked(reader, tmp_path / "x.xlsx") == (2, "no sheet has rows (A, B)")
    workbooks.write(tmp_path / "x.xlsx", {"A": [], "B": table}, hidden=["B"])
    code, text = asked(reader, tmp_path / "x.xlsx")
    assert (code, f"unhide the one to read, or name it with {flags}sheet" in text) == (2, True)
    assert asked(reader, tmp_path / "x.xlsx", f"{flags}sheet", "B")[0] == 0


TITLE = [("Report of November",), (), ("made", "today")]
TITLES: dict[str, tuple[Sheets, str]] = {
    "below a title": (lambda table: {"Export": [*TITLE, *table]}, "line 4 has them: use {}skip-rows 3"),
    "on another sheet": (
        lambda table: {"Notes": OTHER, "My data": table},
        "sheet My data has them: use {}sheet 'My data'",
    ),
    "below a title on another sheet": (
        lambda table: {"Notes": OTHER, "Data": [*TITLE, *table]},
        "sheet Data has them on line 4: use {0}sheet Data {0}skip-rows 3",
    ),
}


@pytest.mark.parametrize("sheets, said", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("reader", READERS)
def test_where_the_names_are(reader: str, sheets: Sheets, said: str, tmp_path: Path) -> None:
    """Where the columns are further down or on another sheet, the error says with which option they are read."""
    table, _, flags = READERS[reader]
    workbooks.write(tmp_path / "x.xlsx", sheets(table))
    code, text = asked(reader, tmp_path / "x.xlsx")
    assert (code, said.format(flags) in text) == (2, True), text
    options = said.format(flags).partition(": use ")[2].replace("'", "").replace("My data", "My-data").split()
    assert asked(reader, tmp_path / "x.xlsx", *(one.replace("My-data", "My data") for one in options))[0] == 0


@pytest.mark.parametrize("reader", READERS)
def test_where_the_names_of_text_are(reader: str, tmp_path: Path) -> None:
    """So does the error about a text file, also when too many lines are skipped or the names are mapped."""
    table, _, flags = READERS[reader]
    path = tmp_path / "x.csv"
    lines = [",".join(map(str, row)) for row in (*TITLE, *table)]
    path.write_text("\r\n".join(lines))
    for options in ((), (f"{flags}skip-rows", "4")):
        code, text = asked(reader, path, *options)
        assert (code, f"line 4 has them: use {flags}skip-rows 3" in text) == (2, True), text
    assert asked(reader, path, f"{flags}skip-rows", "3")[0] == 0
    ours, theirs = table[0][-1], table[0][-1]
    code, text = asked(reader, path, f"{flags}map", f"{ours}={theirs}")
    if "is not one of our columns" not in text:
        assert f"{flags}map {ours}={theirs}: the file has no column {theirs}: line 4 has them" in text


def test_a_title_of_two_lines(tmp_path: Path) -> None:
    """An error is one line, whatever is in the place of the names."""
    (tmp_path / "x.csv").write_text(
        '"Report\nof November"\n' + "\n".join(",".join(map(str, row)) for row in MESSAGES)
    )
    code, text = asked("import messages", tmp_path / "x.csv")
    assert (code, "(it has Report of November): line 3 has them: use --skip-rows 2" in text) == (2, True), (
        text
    )


def test_some_of_the_columns(tmp_path: Path) -> None:
    """A row with more of the columns is named, though the file lacks one altogether."""
    (tmp_path / "x.csv").write_text("Report\nmsisdn,body\n919800000001,Hi\n")
    code, text = asked("send", tmp_path / "x.csv")
    assert (code, "line 2 has more of them: use --skip-rows 1" in text) == (2, True), text


NO_IDS = {
    "a date": (date(2026, 11, 29), "holds the date 2026-11-29, which is no id"),
    "a truth value": (True, "holds the truth value TRUE, which is no id"),
}
ID_COLUMNS = {
    "send": ("msisdn", "campaign_id", "template_id", "message_id"),
    "provider render": ("message_id",),
    "import messages": ("msisdn", "campaign_id", "template_id", "message_id"),
    "import dlrs": ("sMessageId", "sMobileNo"),
    "import templates": ("template_id",),
    "import clevertap-report": ("campaign_id",),
    "import clevertap-errors": ("campaign_id",),
    "dlt check --messages": ("message_id", "template_id"),
    "dlt check --templates": ("template_id",),
    "dlt find": ("template_id",),
}


@pytest.mark.parametrize("value, said", NO_IDS.values(), ids=NO_IDS)
@pytest.mark.parametrize(
    "reader, column", [(reader, column) for reader, some in ID_COLUMNS.items() for column in some]
)
def test_what_is_no_id(reader: str, column: str, value: object, said: str, tmp_path: Path) -> None:
    """What a spreadsheet made of an id such as 29/11/26 is refused in every column of ids, never taken as text."""
    (names, row), _, _ = READERS[reader]
    spoilt = [value if name == column else cell for name, cell in zip(names, row, strict=True)]
    workbooks.write(tmp_path / "x.xlsx", {"A": (names, row, spoilt)})
    if reader != "send":  # it lists bad rows in its plan, on stdout
        assert f"{column} {said}" in asked(reader, tmp_path / "x.xlsx")[1]
    workbooks.write(tmp_path / "x.xlsx", {"A": (names, spoilt)})
    assert f"{column} {said}" in asked(reader, tmp_path / "x.xlsx")[1]


CODES: dict[str, tuple[Table, Callable[[Path], object]]] = {
    "RMANALYTICS_DLT_CODES": (
        (("namespace", "code", "meaning"), ("mine", "1", "no credit")),
        lambda path: [row.code for row in dlt_codes.table().extended(path) if row.namespace == "mine"],
    ),
    "RMANALYTICS_STATUS_WORDS": (
        (("word", "status"), ("ARRIVED", "delivered")),
        lambda path: [one.word for one in status_words.own(load(home=path.parent / "d", status_words=path))],
    ),
    "RMANALYTICS_RELAY_CODES": (
        (("field", "value", "code", "description"), ("error_code", "x1", "900", "no credit")),
        lambda path: [row.value for row in relay_codes.table(path) if row.value == "x1"],
    ),
}


@pytest.mark.parametrize("table, read", CODES.values(), ids=CODES)
def test_tables_of_settings(table: Table, read: Callable[[Path], list[object]], tmp_path: Path) -> None:
    """A setting's table has no options: of two sheets with its columns none wins, and a title is to be removed."""
    path = tmp_path / "x.xlsx"
    workbooks.write(path, {"Old": OTHER, "Cover": [], "Mine": table, "Notes": OTHER}, hidden=["Old"])
    assert len(read(path)) == 1
    for sheets, said in (
        ({"A": table, "B": table}, "sheet B has these columns too: keep one of the sheets"),
        ({"Notes": OTHER, "A": table}, "sheet A has them: save that sheet as a file of its own"),
        ({"A": [*TITLE, *table]}, "line 4 has them: remove the lines above"),
    ):
        workbooks.write(path, sheets)
        with pytest.raises(Exception, match=said):
            read(path)


NO_JSON = {
    "NaN": ('{"message_id": NaN', "holds NaN, which JSON does not have: write null"),
    "Infinity": ('{"message_id": -Infinity', "holds Infinity, which JSON does not have: write null"),
    "half of an emoji": ('{"message_id": "\\ud83d"', "holds half of a character (a lone surrogate)"),
    "Python's quotes": ("{'message_id': 1", "is not JSON from character 2 on"),
    "a line that ends too soon": ('{"message_id": "a', "is not JSON from character"),
    "a list": ("[1", "is not a JSON object: write one object per line"),
}


@pytest.mark.parametrize("line, said", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("reader", ["send", "import messages", "provider render", "dlt check --messages"])
def test_why_a_line_is_no_json(reader: str, line: str, said: str, tmp_path: Path) -> None:
    """The reason is what is wrong with the line, be it the first or another one."""
    path = tmp_path / "x.jsonl"
    names, row = MESSAGES
    good = json.dumps(dict(zip(map(str, names), row, strict=True)))
    path.write_text(f"\n{line}{']' if line[0] == '[' else '}'}\n")
    code, text = asked(reader, path)
    assert code == 2
    if line[0] == "{":
        assert f"line 2: {said}" in text
    path.write_text(f"{good}\n{line}{']' if line[0] == '[' else '}'}\n")
    code, text = asked(reader, path)
    if reader != "send":
        assert said in text
