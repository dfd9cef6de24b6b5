"""Which registered templates a message is checked against: those known when it was planned.

Every import of templates is evidence with its time, so the same journal gives the same registries, whenever they are
ingested. A template counts from its first import on, and before that too: exports often come after the messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from rmanalytics.ingest import imports
from rmanalytics.support.literal import literal
from rmanalytics.support.resources import sql

Row = Mapping[str, Any]
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRegistry:
    """The rows of `templates` that count for messages planned at `since` or later, and what tells them from others."""

    since: datetime
    identity: str
    rows: tuple[Row, ...]


def dated(connection: duckdb.DuckDBPyConnection, directory: Path | None) -> list[DatedRegistry]:
    """Return the registries in order of time; only today's where no `directory` of imports explains it."""
    current = connection.sql(_of_templates("FROM templates")).to_arrow_table().to_pylist()
    today = _registry(BEGINNING, current)
    found = list(_changes(_states(connection, directory))) if directory else []
    return found if found and found[-1].identity == today.identity else [today]


def version(connection: duckdb.DuckDBPyConnection, directory: Path | None) -> str:
    """Return what changes whenever `dated` may."""
    digest = str(connection.execute(sql("rmanalytics.ingest", "template_checks/digest")).fetchall()[0][0])
    names = [evidence.path.name for evidence in _ingested(connection, directory)] if directory else []
    return md5(f"{digest} {names}".encode(), usedforsecurity=False).hexdigest()[:12] if names else digest


def as_table(registries: Iterable[DatedRegistry]) -> pa.Table:
    """Return `since` and `identity` of each as a table for SQL."""
    rows = [(registry.since, registry.identity) for registry in registries]
    since = pa.array([at for at, _ in rows], pa.timestamp("us", "UTC"))
    return pa.table({"since": since, "identity": [identity for _, identity in rows]})


def _ingested(connection: duckdb.DuckDBPyConnection, directory: Path) -> list[imports.ImportEvidence]:
    query = "SELECT segment FROM ingested WHERE segment LIKE 'imports-templates-%' AND next_offset > 0"
    names = {name for (name,) in connection.execute(query).fetchall()}
    return [evidence for evidence in imports.every(directory) if evidence.path.name in names]


def _states(
    connection: duckdb.DuckDBPyConnection, directory: Path
) -> Iterator[tuple[datetime, dict[str, Row]]]:
    """Yield the templates by id after each import; what comes later is there from the first on."""
    firsts: dict[str, Row] = {}
    held: dict[str, Row] = {}
    states: list[tuple[datetime, dict[str, Row]]] = []
    for evidence in _ingested(connection, directory):
        query = _of_templates("FROM read_parquet($1, hive_partitioning = false) WHERE reason IS NULL")
        read = connection.sql(query, params=[literal(evidence.path)]).to_arrow_table().to_pylist()
        new = {row["template_id"]: row for row in read}
        firsts, held = new | firsts, held | new
        states.append((evidence.at if states else BEGINNING, held))
    yield from ((since, firsts | known) for since, known in states)


def _changes(states: Iterable[tuple[datetime, dict[str, Row]]]) -> Iterator[DatedRegistry]:
    before = None
    for since, templates in states:
        registry = _registry(since, templates.values())
        if registry.identity != before:
            yield registry
        before = registry.identity


def _registry(since: datetime, rows: Iterable[Row]) -> DatedRegistry:
    ordered = sorted(rows, key=orjson.dumps)
    identity = md5(orjson.dumps(ordered), usedforsecurity=False).hexdigest()[:12]
    return DatedRegistry(since=since, identity=identity, rows=tuple(ordered))


def _of_templates(source: str) -> str:
    return f"SELECT template_id, content, header, entity_id, category, variable_tags, status, links {source}"
