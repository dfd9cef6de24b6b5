"""What the reference says of codes and words, and the tables that follow from it, agree."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from rmanalytics.gateways.gupshup import codes as gupshup
from rmanalytics.gateways.route_mobile.codes import CODES, FIELDS, STATUS

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "data" / "reference"


def words(name: str, heading: str) -> set[str]:
    """The words of a section, with spans of numbers spelled out."""
    text = (REFERENCE / name).read_text(encoding="utf-8").split(f"\n## {heading}")[1].split("\n## ")[0]
    spans = re.findall(r"\b(\d+) to (\d+)\b", text)
    return set(re.findall(r"\w+", text)) | {str(n) for a, b in spans for n in range(int(a), int(b) + 1)}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table that the package ships."""
    with (ROOT / "rmanalytics" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


TABLES = {
    "submit codes": (CODES, "route_mobile.md", "4. Submit codes"),
    "status words": (STATUS, "route_mobile.md", "6. Status words"),
    "DLR fields": ([spellings[0] for spellings in FIELDS.values()], "route_mobile.md", ""),
    "Gupshup's submit codes": (
        [code for code in gupshup.CODES if code.isdigit()],
        "gupshup.md",
        "3. Submit codes",
    ),
    "Gupshup's answer": ([gupshup.ACCEPTED], "gupshup.md", "2. Answer"),
    "Gupshup's status words": (gupshup.STATUS, "gupshup.md", "4. DLR"),
    "Gupshup's DLR fields": (
        [name for names in gupshup.FIELDS.values() for name in names],
        "gupshup.md",
        "4. DLR",
    ),
    "Gupshup's DLR codes": (gupshup.DLR_CODES, "gupshup.md", "5. DLR codes"),
}


@pytest.mark.parametrize("names, file, heading", TABLES.values(), ids=TABLES)
def test_tables(names: list[str], file: str, heading: str) -> None:
    """Each line of a gateway's tables stands in the reference with how sure it is."""
    known = words(file, heading) if heading else set(re.findall(r"\w+", (REFERENCE / file).read_text()))
    assert [name for name in names if name not in known] == []


def test_clevertap_codes() -> None:
    """Each CleverTap code and what it stands for is in the reference."""
    known = words("clevertap.md", "4. Its codes")
    given = rows("relay/codes.csv")
    assert {row["code"] for row in given} <= known
    kannel = {"2", "16", "UNDELIVERABLE", "REJECTED"}
    assert {row["value"] for row in given} - kannel <= known


def test_dlt_namespaces() -> None:
    """The reference names each namespace of the shipped codes, and how many codes there are."""
    text = (REFERENCE / "dlt.md").read_text(encoding="utf-8")
    codes = rows("dlt/data/dlt_codes.csv")
    namespaces = {code["namespace"] for code in codes}
    assert [name for name in namespaces if f"`{name}`" not in text] == []
    assert f"{len(namespaces)} namespaces with {len(codes)} codes" in text


def test_no_mark_is_missing() -> None:
    """The reference explains each of its marks."""
    text = (REFERENCE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \*\*(.)\*\*", text, re.M) == ["D", "O", "I", "C", "?"]
