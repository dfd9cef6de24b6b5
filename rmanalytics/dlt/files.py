"""Template and message files: CSV, XLSX, JSON lines and Parquet; ids stay text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.dlt.engine.skeleton import LONGEST_TEXT, MOST_CHARACTERS, MOST_SLOTS
from rmanalytics.dlt.registry import Registry
from rmanalytics.dlt.template import Category, Template
from rmanalytics.errors import BadInput
from rmanalytics.support import table_model
from rmanalytics.support.ids import REASON as LOST
from rmanalytics.support.ids import WHY_NO_VALUE, has_lost_digits, is_no_text, why_no_value, why_unfit
from rmanalytics.support.table_model import Table
from rmanalytics.support.tables import (
    PLAIN,
    LeftOut,
    ReadOptions,
    exact,
    named_rows,
    open_table,
    recognise,
)

ALIASES = {
    "template_id": ("dlt_template_id", "dlt_te_id", "te_id", "tempid", "dlt_id", "templateid"),
    "content": ("template_content", "template", "template_message", "message", "text", "body"),
    "header": ("headers", "sender", "sender_id", "senderid", "header_name", "source", "cli"),
    "entity_id": ("pe_id", "peid", "entityid", "principal_entity_id"),
    "category": ("template_type", "type", "communication_type", "template_category"),
    "variable_tags": ("tags", "variable_types", "variables"),
    "status": ("template_status", "approval_status"),
    "links": ("whitelisted_links", "cta", "urls", "links_whitelisted"),
}
"""Names that exports use for our columns, compared without case, spaces and punctuation."""

_MESSAGES = dict.fromkeys(
    ("message_id", "campaign_id", "msisdn", "route", "header", "entity_id", "template_id", "body"), ()
)

_IDS = ("message_id", "campaign_id", "msisdn", "template_id", "entity_id")

CATEGORIES = {
    "p": Category.PROMOTIONAL,
    "t": Category.TRANSACTIONAL,
    "si": Category.SERVICE_IMPLICIT,
    "se": Category.SERVICE_EXPLICIT,
    "g": Category.GOVERNMENT,
    "implicit": Category.SERVICE_IMPLICIT,
    "explicit": Category.SERVICE_EXPLICIT,
    **{category.value: category for category in Category},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFile:
    """The messages of a file, all columns text, with their lines; `rejects` are the rows that cannot be read."""

    rows: pa.Table
    lines: pa.ChunkedArray
    rejects: list[tuple[int, str]]


def read_templates(
    path: Path,
    columns: Mapping[str, str] | None = None,
    reading: ReadOptions = PLAIN,
    left_out: LeftOut | None = None,
) -> Registry:
    """Return the registry of a file; `columns` maps our names to the file's, others are recognised by name.

    Raises BadInput naming file, line, field and fix. With `left_out` that gets the line and the fault of each template
    that is none, and the others are read.
    """
    reading = replace(reading, columns={**reading.columns, **(columns or {})})
    table = open_table(path, reading)
    names = recognise(table, ALIASES, reading, required=("template_id", "content"))
    ids = exact(table, names, ("template_id", "entity_id"))
    registry = Registry.of(_templates(table, names, ids, left_out))
    if not registry.templates and left_out is None:
        raise BadInput(f"{path}: no templates in it: it needs the columns template_id and content")
    return registry


def _templates(
    table: Table, names: Mapping[str, str], ids: frozenset[str], left_out: LeftOut | None
) -> Iterator[Template]:
    for line, row in named_rows(table, ids, left_out):
        try:
            yield template_of(row, names, f"{table.path}: line {line}", line)
        except BadInput as error:
            if left_out is None:
                raise
            left_out(line, str(error).removeprefix(f"{table.path}: line {line}: "))


def read_messages(
    path: Path, columns: Mapping[str, str] | None = None, reading: ReadOptions = PLAIN
) -> pa.Table:
    """Return the messages of a CSV, XLSX, JSONL or Parquet file, all columns text.

    Raises BadInput naming file and fix, also when there is no column `body` or a row cannot be read.
    """
    read = read_message_file(path, columns, reading)
    for line, why in read.rejects:
        raise BadInput(f"{path}: line {line}: {why}")
    return read.rows


def read_message_file(
    path: Path, columns: Mapping[str, str] | None = None, reading: ReadOptions = PLAIN
) -> MessageFile:
    """Return the messages of a file as `read_messages` does, and beside them the rows that cannot be read."""
    reading = replace(reading, columns={**reading.columns, **(columns or {})})
    table = open_table(path, reading)
    found = recognise(table, _MESSAGES, reading, required=("body", "template_id"))
    ours = {theirs: name for name, theirs in found.items()}
    places = {name: n for n, name in reversed(list(enumerate(table.columns))) if name}
    form = table_model.schema(len(table.columns))
    every = pa.Table.from_batches(table.rows(exact(table, found, _IDS)), form)
    is_whole = pc.is_null(every["broken"])
    read, bad = every.filter(is_whole), every.filter(pc.invert(is_whole))
    return MessageFile(
        rows=pa.table({ours.get(name, name): read[f"c{n}"] for name, n in reversed(places.items())}),
        lines=read["line"],
        rejects=list(zip(bad["line"].to_pylist(), bad["broken"].to_pylist(), strict=True)),
    )


def template_of(row: Mapping[str, Any], names: Mapping[str, str], place: str, line: int) -> Template:
    """Return the template of a row; raise BadInput, beginning with `place`, when it is none."""

    def text(name: str) -> str:
        return _as_text(row.get(names.get(name, "")))

    template_id, entity_id = text("template_id").strip().strip("'\"`"), text("entity_id").strip()
    if not template_id:
        raise BadInput(f"{place}: template_id is empty: give the registered id")
    for name, given in (("template_id", template_id), ("entity_id", entity_id)):
        if has_lost_digits(given):
            raise BadInput(f"{place}: {name} {given} {LOST}")
        if reason := why_unfit(given) or why_no_value(given):
            raise BadInput(f"{place}: {name} {reason}")
    if is_no_text(text("content").strip()):
        raise BadInput(f"{place}: content {WHY_NO_VALUE}")
    if not re.fullmatch(r"[0-9A-Za-z_-]+", template_id):
        fix = "write its digits, with the column formatted as text"
        raise BadInput(f"{place}: template_id {template_id!r} is not an id: {fix}")
    if not text("content"):
        raise BadInput(f"{place}: content is empty: give the registered text")
    template = Template(
        template_id=template_id,
        content=text("content"),
        headers=tuple(part for part in re.split(r"[\s,;|]+", text("header")) if part),
        entity_id=entity_id or None,
        category=CATEGORIES.get(_plain(text("category"))),
        variable_tags=tuple(tag.strip("{}#") for tag in _list(row.get(names.get("variable_tags", "")))),
        status=text("status").strip() or None,
        links=_list(row.get(names.get("links", ""))),
        line=line,
    )
    if fault := _size_fault(template):
        raise BadInput(f"{place}: {fault}")
    return template


def _size_fault(template: Template) -> str | None:
    """Return why the template is larger than any that a portal registers, None when it is not."""
    if len(template.content) > LONGEST_TEXT:
        return (
            f"content has {len(template.content):,} characters, at most {LONGEST_TEXT:,} are read "
            f"(portals register {MOST_CHARACTERS:,}): give the registered text"
        )
    if (n := len(template.slots)) > MOST_SLOTS:
        return f"content has {n:,} variables, at most {MOST_SLOTS} are read: give the registered text"
    return None


def _list(value: Any) -> tuple[str, ...]:
    """Return a JSON list, or text separated by commas, as names."""
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    text = _as_text(value).strip()
    if text.startswith("["):
        try:
            return tuple(map(str, json.loads(text)))
        except (json.JSONDecodeError, TypeError, RecursionError):
            text = text.strip("[]")
    return tuple(part for part in re.split(r"[\s,;|]+", text) if part)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return (
        value
        if isinstance(value, str)
        else orjson.dumps(value).decode()
        if isinstance(value, list | dict)
        else str(value)
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
