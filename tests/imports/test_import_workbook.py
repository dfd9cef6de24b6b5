"""Workbooks: text is text, whole numbers keep their digits, spoilt ones are named."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from rmanalytics import config
from rmanalytics.imports import Options, bring_in

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def write_xlsx(path: Path, *rows: tuple[str | float, ...]) -> None:
    """Write the least workbook that spreadsheets open."""
    cells = [
        "".join(
            f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            if isinstance(cell, str)
            else f"<c><v>{cell!r}</v></c>"
            for cell in row
        )
        for row in rows
    ]
    sheet = "".join(f'<row r="{n}">{line}</row>' for n, line in enumerate(cells, 1))
    with ZipFile(path, "w") as book:
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        )


def test_a_workbook(settings: config.Settings, tmp_path: Path) -> None:
    """A long id that was kept as a number is rejected with its line and the fix, never rounded."""
    head = ("message_id", "campaign_id", "msisdn")
    good = ("1107000000000000001", "7", 919800000001.0)
    write_xlsx(tmp_path / "a.xlsx", head, good, (1.107e18, "7", "9800000002"))
    read = bring_in(settings, "messages", tmp_path / "a.xlsx", options=Options(is_dry_run=True))
    assert [(row["message_id"], row["msisdn"]) for row in read.first_rows] == [
        ("1107000000000000001", "919800000001")
    ]
    assert [reject.line for reject in read.rejects] == [3]
    assert "lost digits: format the column as text and export again" in read.rejects[0].reason
