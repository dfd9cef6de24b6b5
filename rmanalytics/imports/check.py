"""Rows of an export, checked: the whole file becomes one Parquet file by our names, rejects with their reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rmanalytics import gateways
from rmanalytics.config import Settings
from rmanalytics.dlt import files
from rmanalytics.errors import BadInput
from rmanalytics.imports import sql_functions
from rmanalytics.imports.kinds import Kind
from rmanalytics.imports.source import Source
from rmanalytics.support.resources import sql

_AS_IS = frozenset({"body", "content"})
_WHY = {
    "MISSING COLUMNS": "has fewer fields than the first line names",
    "TOO MANY COLUMNS": "has more fields than the first line names: put quotes around text that holds a delimiter",
    "UNQUOTED VALUE": "has a quote that is opened and never closed, or text behind a closed one",
    "INVALID ENCODING": "is not UTF-8: save the file as CSV UTF-8",
    "LINE SIZE OVER MAXIMUM": "is too long: no message is",
}
_TEMPLATES = pa.schema(
    [
        ("line", pa.int64()),
        ("reason", pa.string()),
        *((name, pa.string()) for name in ("template_id", "content", "header", "entity_id", "category")),
        ("variable_tags", pa.list_(pa.string())),
        ("status", pa.string()),
        ("links", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that is not taken in: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What a check found: rows and rejects are read from `staged` when they are asked for."""

    connection: duckdb.DuckDBPyConnection
    staged: Path
    n_rows: int
    n_rejected: int
    unread: tuple[tuple[int, int, str], ...]
    """Rows that are no CSV: which row of the file (the names are the first), height in lines, reason."""
    has_breaks: bool

    def rejects(self, n: int | None = None) -> list[Reject]:
        """Return the first `n` rejects (None: all), by line."""
        found = self.connection.execute(
            "SELECT line, reason FROM read_parquet($1) WHERE reason IS NOT NULL ORDER BY line"
            + ("" if n is None else f" LIMIT {n}"),
            [str(self.staged)],
        ).fetchall()
        breaks = self._breaks()
        rejects = [
            Reject(line=record + breaks(record - i) + self._extra(i), reason=reason)
            for i, (record, _, reason) in enumerate(self.unread[:n])
        ]
        for line, reason in found:
            i = self._before(line)
            rejects.append(Reject(line=line + i + breaks(line) + self._extra(i), reason=reason))
        return sorted(rejects, key=lambda reject: reject.line)[:n]

    def _breaks(self) -> Callable[[int], int]:
        """Return a function from a row's `line` to the line breaks inside of the fields before it."""
        if not self.has_breaks:
            return lambda _line: 0
        path = str(self.staged).replace("'", "''")
        found = self.connection.sql(
            f"SELECT line, n_breaks FROM read_parquet('{path}') WHERE n_breaks > 0 ORDER BY line"
        ).to_arrow_table()
        lines, sums = found["line"].to_numpy(), np.cumsum(found["n_breaks"].to_numpy())
        return lambda line: int(sums[at - 1]) if (at := np.searchsorted(lines, line)) else 0

    def _before(self, line: int) -> int:
        """Return how many unreadable rows stand before the readable row that would be on `line` without them."""
        n_before = 0
        while n_before < len(self.unread) and self.unread[n_before][0] <= line + n_before:
            n_before += 1
        return n_before

    def _extra(self, n_unread: int) -> int:
        return sum(height - 1 for _, height, _ in self.unread[:n_unread])

    def first_rows(self, n: int) -> list[dict[str, Any]]:
        """Return the first rows as they would be taken in."""
        if not n:
            return []
        path = str(self.staged).replace("'", "''")
        rows = self.connection.sql(
            f"SELECT * EXCLUDE (reason, n_breaks) FROM read_parquet('{path}') WHERE reason IS NULL "
            f"ORDER BY line LIMIT {n}"
        )
        return list(rows.to_arrow_table().to_pylist())


def check(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    source: Source,
    found: Mapping[str, str],
    staged: Path,
    settings: Settings,
    gateway: str,
    is_accepted: bool,
) -> CheckedFile:
    """Write the rows as they would be taken in to `staged`, rejects among them; raise BadInput for a spoilt file."""
    sql_functions.register(connection, gateways.reading(gateway, settings).zone)
    try:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW given AS {_given(connection, kind, source, found)}")
        if kind.name == "templates":
            _stage_templates(connection, staged, found)
        else:
            query = sql("rmanalytics.imports", f"check_{kind.name}").rstrip().rstrip(";")
            target = str(staged).replace("'", "''")
            connection.execute("SET VARIABLE gateway = $1", [gateway])
            connection.execute("SET VARIABLE is_accepted = $1", [is_accepted])
            connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.Error as error:
        raise BadInput(f"{source.path}: cannot be read: {str(error).splitlines()[0]}") from None
    unread = _unread(connection)
    n_rows, n_rejected, n_breaks = connection.execute(
        "SELECT count(*), count(reason), coalesce(max(n_breaks), 0) FROM read_parquet($1)", [str(staged)]
    ).fetchall()[0]
    return CheckedFile(
        connection=connection,
        staged=staged,
        n_rows=n_rows + len(unread),
        n_rejected=n_rejected + len(unread),
        unread=unread,
        has_breaks=n_breaks > 0,
    )


def _given(
    connection: duckdb.DuckDBPyConnection, kind: Kind, source: Source, found: Mapping[str, str]
) -> str:
    """Return the query that gives the file's rows by our names; what it does not have is null."""
    query = f"SELECT * FROM ({source.query})"
    has_broken = "broken" in [column for column, *_ in connection.execute(f"DESCRIBE {query}").fetchall()]
    fields = [_field(ours, source.place(found[ours]) if ours in found else None) for ours in kind.spellings]
    others = [name for name in source.columns if name and name not in found.values()]
    pairs = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}', {source.place(name)}" for name in others)
    breaks = " + ".join(
        f"CASE WHEN contains({source.place(name)}, chr(10)) "
        f"THEN length({source.place(name)}) - length(replace({source.place(name)}, chr(10), '')) ELSE 0 END"
        for name in dict.fromkeys(source.columns)
    )
    return (
        f"SELECT n + {source.first_line - 1} AS line, {'broken' if has_broken else 'NULL::VARCHAR'} AS broken, "
        f"({breaks if source.first_line == 2 else '0'})::BIGINT AS n_breaks, "
        f"json_object({pairs})::VARCHAR AS other, {', '.join(fields)} FROM ({source.query})"
    )


def _field(ours: str, place: str | None) -> str:
    if place is None:
        return f"NULL::VARCHAR AS {ours}"
    return f"nullif({place if ours in _AS_IS else sql_functions.trimmed(place)}, '') AS {ours}"


def _unread(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[int, int, str], ...]:
    """Return the rows that the CSV reader could not read, one for each line."""
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchall():
        return ()
    rows = connection.execute(
        "SELECT line, max(1 + length(csv_line) - length(replace(csv_line, chr(10), ''))), min(error_type::VARCHAR) "
        "FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    return tuple((line, int(height or 1), _WHY.get(kind, kind.lower())) for line, height, kind in rows)


def _stage_templates(connection: duckdb.DuckDBPyConnection, staged: Path, found: Mapping[str, str]) -> None:
    lines: dict[str, int] = {}
    rows = (
        connection.sql("SELECT * FROM given ORDER BY line").to_arrow_table().to_batches(max_chunksize=1_000)
    )
    with pq.ParquetWriter(staged, _TEMPLATES.append(pa.field("n_breaks", pa.int64()))) as writer:
        for batch in rows:
            read = [_template(row, lines) | {"n_breaks": row["n_breaks"]} for row in batch.to_pylist()]
            writer.write_table(pa.Table.from_pylist(read, writer.schema))


def _template(row: dict[str, Any], lines: dict[str, int]) -> dict[str, Any]:
    """Return a template as it stands in the relation, or its id and what is wrong with it."""
    line = row["line"]
    rejected = {"line": line, "template_id": row["template_id"], "content": row["content"]}
    if row["broken"]:
        return rejected | {"reason": row["broken"]}
    try:
        template = files.template_of(row, {name: name for name in files.ALIASES}, "", line)
    except BadInput as error:
        return rejected | {"reason": str(error).removeprefix(": ")}
    first = lines.setdefault(template.template_id, line)
    if first != line:
        return rejected | {"reason": f"template_id {template.template_id} stands on line {first} already"}
    return {
        "line": line,
        "template_id": template.template_id,
        "content": template.content,
        "header": ", ".join(template.headers) or None,
        "entity_id": template.entity_id,
        "category": template.category,
        "variable_tags": list(template.variable_tags),
        "status": template.status,
        "links": list(template.links),
    }
