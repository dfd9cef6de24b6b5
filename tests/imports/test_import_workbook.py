"""Workbooks: text is text, whole numbers keep their digits, spoilt ones are named."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from support import workbooks

from rmanalytics import config
from rmanalytics.errors import BadInput
from rmanalytics.imports import Options, bring_in


def test_a_workbook(settings: config.Settings, tmp_path: Path) -> None:
    """A long id that was kept as a number is rejected with its line and the fix, never rounded."""
    head = ("message_id", "campaign_id", "msisdn")
    good = ("1107000000000000001", "7", 919800000001.0)
    workbooks.write(tmp_path / "a.xlsx", {"a": [head, good, (1.107e18, "7", "9800000002")]})
    read = bring_in(settings, "messages", tmp_path / "a.xlsx", options=Options(is_dry_run=True))
    assert [(row["message_id"], row["msisdn"]) for row in read.first_rows] == [
        ("1107000000000000001", "919800000001")
    ]
    assert [reject.line for reject in read.rejects] == [3]
    assert (
        "message_id holds the number 1107000000000000000, which lost digits: format the column as text and export again"
        in read.rejects[0].reason
    )


NO_FORMULA_VALUE = "cell C2 holds a formula without its value: open and save the workbook in Excel"
CELLS = {
    "a formula that was never computed": (
        '<c r="C2"><f>"Dear "&amp;"Ravi"</f><v /></c>',
        NO_FORMULA_VALUE,
    ),
    "a formula without anything": ('<c r="C2" t="str"><f>NOW()</f></c>', NO_FORMULA_VALUE),
    "a shared formula": ('<c r="C2"><f t="shared" si="0"/><v></v></c>', NO_FORMULA_VALUE),
    "an error": ('<c r="C2" t="e"><f>NA()</f><v>#N/A</v></c>', "cell C2 holds the error #N/A"),
    "an error without a formula": ("<c t='e' r='C2'><v>#REF!</v></c>", "cell C2 holds the error #REF!"),
    "a formula with its text": ('<c r="C2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>', "ab"),
    "a formula with a number": ('<c r="C2"><f>A1</f><v>7</v></c>', "7"),
    "a formula that gives no text": ('<c r="C2" t="str"><f>A9&amp;""</f><v></v></c>', None),
    "an empty cell before one": ('<c r="B9" s="1"/><c r="C2" t="b"><v>1</v></c>', "TRUE"),
}


def with_cell(path: Path, cell: str, place: str = "C2") -> Path:
    """Write a workbook of one message whose cell at a place is that XML."""
    good = ("c", 919800000001.0, "here", "m1")
    head = ("campaign_id", "msisdn", "body", "message_id")
    workbooks.write(
        path.with_name("plain.xlsx"), {"a": [head, good, (*good[:3], "m2")], "b": [head, ("c", 1.1e18)]}
    )
    with ZipFile(path.with_name("plain.xlsx")) as plain, ZipFile(path, "w") as book:
        for name in plain.namelist():
            before, found, after = plain.read(name).decode().partition(f'<c r="{place}"')
            is_here = found and "here" in after
            book.writestr(
                name, f"{before}{cell}{after.partition('</c>')[2]}" if is_here else before + found + after
            )
    return path


@pytest.mark.parametrize("cell, expected", CELLS.values(), ids=CELLS)
def test_cells_without_a_value(
    settings: config.Settings, tmp_path: Path, cell: str, expected: str | None
) -> None:
    """A cell is read as spreadsheets show it; where the file does not say what that is, its row is refused."""
    path = with_cell(tmp_path / "a.xlsx", cell)
    read = bring_in(settings, "messages", path, options=Options(is_dry_run=True))
    if read.rejects:
        assert [(one.line, one.reason.startswith(expected or "-")) for one in read.rejects] == [(2, True)]
    else:
        assert read.first_rows[0]["body"] == expected


def test_a_column_name_without_a_value(settings: config.Settings, tmp_path: Path) -> None:
    """A workbook whose column names are not in the file is refused as a whole."""
    path = with_cell(tmp_path / "a.xlsx", '<c r="C1"><f>"bo"&amp;"dy"</f><v/></c>', "C1")
    with pytest.raises(BadInput, match="line 1: cell C1 holds a formula without its value"):
        bring_in(settings, "messages", path)
