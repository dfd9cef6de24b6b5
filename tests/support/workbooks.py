"""Writes the least workbook that spreadsheets open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


DATES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)
"""The second style is that of dates."""


def write(
    path: Path, sheets: Mapping[str, Iterable[Sequence[object]]], *, hidden: Collection[str] = ()
) -> None:
    """Write sheets in their order; the first one lies in the file that is named last."""
    parts = {name: f"sheet{n}.xml" for n, name in zip(range(len(sheets), 0, -1), sheets, strict=True)}
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        named = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}"{_HIDDEN * (name in hidden)} r:id="r{n}"/>'
            for n, name in enumerate(parts, 1)
        )
        book.writestr("xl/styles.xml", DATES)
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>',
        )
        related = "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/{part}"/>'
            for n, part in enumerate(parts.values(), 1)
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
        )
        for name, rows in sheets.items():
            book.writestr(f"xl/worksheets/{parts[name]}", _sheet(rows))


_HIDDEN = ' state="hidden"'


def _sheet(rows: Iterable[Sequence[object]]) -> str:
    lines = "".join(
        f'<row r="{n}">{"".join(_cell(f"{_letter(k)}{n}", cell) for k, cell in enumerate(row))}</row>'
        for n, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(place: str, cell: object) -> str:
    if cell in ("", None):
        return ""
    if isinstance(cell, str):
        text = escape(cell).replace("\r", "_x000D_")
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{cell:d}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def _letter(n: int) -> str:
    return chr(65 + n)
