"""What operators' error codes mean: the same number means different things, so the key is (namespace, code)."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rmanalytics.errors import BadInput
from rmanalytics.support.ids import why_number
from rmanalytics.support.resources import text
from rmanalytics.support.tables import read_rows

DEFAULT_NAMESPACE = "platform6xx"
"""The 600-670 family, which most aggregators pass on."""

TEMPLATE_CATEGORIES = frozenset({"template_mismatch", "template_variable", "template_id"})
"""Categories in which an operator says that text and template do not agree."""

COLUMNS = ("namespace", "code", "symbol", "meaning", "category", "status", "source")
_NEAR = 0.8
"""Share of its letters from which on a namespace is a misspelt one of the table, not a user's own."""

_NEEDED = COLUMNS[:2] + COLUMNS[3:4]


class Meaning(NamedTuple):
    """A code as one namespace reads it; `status` says whether the source documents it or it was only seen."""

    namespace: str
    code: str
    symbol: str
    meaning: str
    category: str
    status: str
    source: str


class Codes:
    """A table of codes by (namespace, code)."""

    def __init__(self, meanings: Iterable[Meaning]) -> None:
        self._table = {(row.namespace, row.code): row for row in meanings}

    def __iter__(self) -> Iterator[Meaning]:
        return iter(self._table.values())

    def __len__(self) -> int:
        return len(self._table)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The names of the namespaces, in the table's order."""
        return tuple(dict.fromkeys(namespace for namespace, _ in self._table))

    def meaning(self, code: str | int | None, namespace: str = DEFAULT_NAMESPACE) -> Meaning | None:
        """Return what the code means in the namespace, None when the namespace does not have it.

        Raises BadInput for a namespace that is not in the table.
        """
        if namespace not in self.namespaces:
            raise BadInput(f"unknown code namespace {namespace!r}: use one of {', '.join(self.namespaces)}")
        text = "" if code is None else str(code).strip()
        return self._table.get((namespace, text)) or self._table.get((namespace, text.lstrip("0")))

    def readings(self, code: str | int) -> tuple[Meaning, ...]:
        """Return what the code means in every namespace that has it."""
        return tuple(row for row in self if row.code == str(code).strip())

    def extended(self, path: Path) -> Codes:
        """Return this table with the user's CSV laid over it (columns namespace, code, meaning, …).

        Raises BadInput naming file and line.
        """
        return Codes([*self, *_read(path, self)])

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that its codes are of, by name."""
        return tuple(sorted({row.category for row in self if row.category}))


@cache
def table() -> Codes:
    """Return the shipped codes: 13 namespaces, 241 codes (`data/reference/dlt.md`, part 5)."""
    shipped = text("rmanalytics.dlt", "data", "dlt_codes.csv")
    rows = csv.DictReader(shipped.splitlines())
    return Codes(_meaning(row, f"dlt_codes.csv:{rows.line_num}") for row in rows)


def meaning(code: str | int | None, namespace: str = DEFAULT_NAMESPACE) -> Meaning | None:
    """Return what the code means in the namespace of our own table.

    >>> meaning(633).symbol, meaning("614").category, meaning("614", "alt6xx_unattributed").category
    ('TEMPLATE_NOT_MATCHED', 'pe_tm', 'header')
    """
    return table().meaning(code, namespace)


def _read(path: Path, known: Codes) -> list[Meaning]:
    found: dict[tuple[str, str], int] = {}
    meanings = []
    for line, row in read_rows(path, COLUMNS, required=_NEEDED):
        one = _meaning(row, f"{path}: line {line}")
        if reason := _unmatched(one.code) or _misspelt(one, known):
            raise BadInput(f"{path}: line {line}: {reason}")
        same = one.code.lstrip("0") or "0"  # a code is looked up without its zeros too
        if (earlier := found.setdefault((one.namespace, same), line)) != line:
            raise BadInput(
                f"{path}: line {line}: code {one.code} is already on line {earlier}: remove one of them"
            )
        meanings.append(one)
    return meanings


def _unmatched(code: str) -> str | None:
    """Return why no operator's code can be this one."""
    if reason := why_number(code):
        return f"code {code} {reason}"
    if re.fullmatch(r"\d+(?:\s*(?:[-\u2010-\u2015\u2212,;/|]|to|\s)\s*\d+)+|\d+(?:[xX]+|\*)", code):
        return f"code {code} is several codes: give each its own line"
    return None if code.isascii() else f"code {code}: write it in plain ASCII digits and letters"


def _misspelt(one: Meaning, known: Codes) -> str | None:
    """Return what is wrong with names that the table does not know; a new namespace is the user's own."""
    if one.category and one.category not in known.categories:
        return f"category {one.category!r}: write one of {', '.join(known.categories)}, or nothing"
    plain = {name.lower(): name for name in known.namespaces}
    near = difflib.get_close_matches(one.namespace.lower(), plain, n=1, cutoff=_NEAR)
    if one.namespace not in known.namespaces and near:
        return (
            f"namespace {one.namespace!r} is almost {plain[near[0]]}: write one of {', '.join(known.namespaces)}, "
            "or a name of your own that is none of them"
        )
    return None


def _meaning(row: Mapping[str, str | None], place: str) -> Meaning:
    for column in _NEEDED:
        if not (row.get(column) or "").strip():
            raise BadInput(f"{place}: {column} is empty: give it a value, or remove the line")
    return Meaning(*((row.get(column) or "").strip() for column in COLUMNS))
