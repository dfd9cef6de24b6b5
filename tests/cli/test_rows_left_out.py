"""A row that cannot be read: every reader says its line and why, reads the rest, and fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.providers import GOOD, write
from typer.testing import CliRunner

from rmanalytics.cli import app
from rmanalytics.errors import BadInput

ID = "1107000000000000101"
MESSAGES = (
    "msisdn,body,campaign_id,template_id,header,message_id",
    f"919800000001,Hi,c1,{ID},ACMEBK,m1",
)
TEMPLATES = ("template_id,content", f"{ID},Hi")
READERS: dict[str, tuple[tuple[str, str], tuple[str, ...], int]] = {
    "send": (MESSAGES, ("send", "FILE", "--dry-run"), 1),
    "send, asked to skip": (MESSAGES, ("send", "FILE", "--dry-run", "--skip-bad"), 0),
    "provider render": (MESSAGES, ("provider", "render", "p.json", "--batch", "FILE"), 1),
    "import messages": (MESSAGES, ("import", "messages", "FILE"), 1),
    "import dlrs": (("sMessageId,sStatus", "g1,DELIVRD"), ("import", "dlrs", "FILE"), 1),
    "import templates": (TEMPLATES, ("import", "templates", "FILE"), 1),
    "import clevertap-report": (
        ("campaign_id,n_sent,day", "c1,10,2025-01-15"),
        ("import", "clevertap-report", "FILE"),
        1,
    ),
    "import clevertap-errors": (
        ("campaign_id,error", "c1,timeout"),
        ("import", "clevertap-errors", "FILE"),
        1,
    ),
    "dlt check --messages": (
        MESSAGES,
        ("dlt", "check", "--templates", "t.csv", "--messages", "FILE"),
        1,
    ),
    "dlt check --templates": (
        TEMPLATES,
        ("dlt", "check", "--templates", "FILE", "--messages", "m.csv"),
        1,
    ),
    "dlt find": (TEMPLATES, ("dlt", "find", "Hi", "--templates", "FILE"), 0),
}
"""What each reader reads, its command, and its exit code where one row of two is good."""


def read(reader: str, lines: list[str], folder: Path, *options: str) -> tuple[int, str, str]:
    """Return the exit code of a reader of these lines, its stdout, and all that it said."""
    files = {"t.csv": TEMPLATES, "m.csv": ("template_id,body", f"{ID},Hi"), "FILE": lines}
    for name, text in files.items():
        (folder / name).with_suffix(".csv").write_text("\n".join(text) + "\n")
    write(folder / "p.json", GOOD, {})
    paths = {name: str((folder / name).with_suffix(".csv")) for name in files} | {
        "p.json": str(folder / "p.json")
    }
    command = [paths.get(word, word) for word in READERS[reader][1]]
    home = ("--home", str(folder / "data")) if command[0] != "dlt" else ()
    done = CliRunner().invoke(app, [*command, *options, *home])
    said = str(done.exception) if isinstance(done.exception, BadInput) else ""
    return 2 if said else done.exit_code, done.stdout, done.output + said


@pytest.mark.parametrize("reader", READERS)
def test_a_row_of_two(reader: str, tmp_path: Path) -> None:
    """The good row is read, the other one said by its line."""
    (names, row), _, expected = READERS[reader]
    code, _, said = read(reader, [names, f"{row},x,y", row], tmp_path)
    assert code == expected, said
    n, row_ = names.count(",") + 1, "row " * reader.startswith(("send", "provider render"))
    assert f"line 2: {row_}has {n + 2} fields but the first line names {n}" in said


@pytest.mark.parametrize("reader", READERS)
def test_no_row_left(reader: str, tmp_path: Path) -> None:
    """Where no row is good the file is refused, and so is one without rows."""
    (names, row), _, _ = READERS[reader]
    code, _, said = read(reader, [names, f"{row},x,y"], tmp_path)
    assert (code, "line 2: " in said) == (2, True), said
    code, _, said = read(reader, [names], tmp_path)
    assert (code, "has no rows below the column names" in said) == (2, True), said


ROWS = {
    "a good one": (f"{ID},Hi,919800000001,", 0, {"n_messages": 1, "n_ok": 1}),
    "another country": (f"{ID},Hi,14155550100,", 0, {"n_messages": 0, "n_international": 1}),
    "by its route": (f"{ID},Hi,,International", 0, {"n_messages": 0, "n_international": 1}),
    "no number": (f"{ID},Hi,hello,", 0, {"n_messages": 1, "n_international": 0}),
    "spoilt": (f"{ID},Hi, there,919800000001,domestic", 1, {"n_messages": 0, "n_rejected": 1}),
    "a mismatch behind": (f"{ID},Ho,919800000001,", 1, {"n_mismatched": 1}),
}


@pytest.mark.parametrize("row, code, counts", ROWS.values(), ids=ROWS)
def test_dlt_check_counts_every_row(row: str, code: int, counts: dict[str, int], tmp_path: Path) -> None:
    """Each row of the file is a match, a mismatch, international or spoilt; the last line of the file is reached."""
    lines = ["template_id,body,msisdn,route", row, f"{ID},Hi,919800000002,"]
    found = read("dlt check --messages", lines, tmp_path, "--json")
    data = json.loads(found[1])
    assert found[0] == code
    assert data["n_messages"] + data["n_international"] + data["n_rejected"] == 2
    others = {"n_messages": 1, "n_ok": 1}
    assert {name: data[name] - others.get(name, 0) for name in counts} == counts
    shown = read("dlt check --messages", lines, tmp_path)[1]
    assert ("1 row not checked: international" in shown) is (data["n_international"] == 1)
    assert ("1 row not checked: cannot be read" in shown) is (data["n_rejected"] == 1)


def test_a_mismatch_is_found_by_its_line(tmp_path: Path) -> None:
    """Without a message_id a mismatch is named by its line in the file, whatever was left out above it."""
    lines = ["template_id,body,msisdn,route", f"{ID},Hi,14155550100,", f"{ID},Hi, x,y,z", f"{ID},Ho,,"]
    code, shown, _ = read("dlt check --messages", lines, tmp_path)
    assert (code, f"line 4  template {ID}" in shown) == (1, True)
