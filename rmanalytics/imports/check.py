"""Rows of an export, checked: the whole file becomes one Parquet file by our names, rejects with their reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from rmanalytics import gateways
from rmanalytics.config import Settings
from rmanalytics.dlt import files
from rmanalytics.dlt.template import WARNED_OF
from rmanalytics.errors import BadInput
from rmanalytics.imports import existing_messages, sql_functions
from rmanalytics.imports.kinds import Kind
from rmanalytics.sms import row_values
from rmanalytics.support import full_disk, ids, table_model
from rmanalytics.support.literal import from_here, literal, quoted
from rmanalytics.support.resources import sql
from rmanalytics.support.table_model import Table
from rmanalytics.support.tables import exact
from rmanalytics.support.wording import count, first_line

_MOST_ODD = 20
_SHOWN = 40
_AS_IS = frozenset({"body", "content"})
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

_STAGED = "read_parquet($1, hive_partitioning = false)"
"""Else a folder called `status=x` above it would be a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A rejected row: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedRow:
    """A row whose key an earlier row of the file has: its line, and that row's."""

    line: int
    first_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What a check found: rows and rejects are read from `staged` when they are asked for.

    `n_repeated` good rows have a `key` that an earlier one has: they become one.
    `counts_from` is the earliest `as_of` that sees a row; None: only those from the import on.
    """

    connection: duckdb.DuckDBPyConnection
    staged: Path
    n_rows: int
    n_rejected: int
    counts_from: datetime | None = None
    n_repeated: int = 0
    key: tuple[str, ...] = ()

    def rejects(self, n: int | None = None) -> list[Reject]:
        """Return the first `n` rejects (None: all), by line."""
        found = self.connection.execute(
            f"SELECT line, reason FROM {_STAGED} WHERE reason IS NOT NULL ORDER BY line"
            + ("" if n is None else f" LIMIT {n}"),
            [literal(self.staged)],
        ).fetchall()
        return [Reject(line=line, reason=reason) for line, reason in found]

    def repeated(self, n: int) -> list[RepeatedRow]:
        """Return the first `n` rows that repeat an earlier one, by line."""
        if not self.n_repeated:
            return []
        found = self.connection.execute(
            sql("rmanalytics.imports", "repeated").format(key=", ".join(self.key)), [literal(self.staged), n]
        ).fetchall()
        return [RepeatedRow(line=line, first_line=first) for line, first in found]

    def first_rows(self, n: int) -> list[dict[str, Any]]:
        """Return the first rows as they would be imported."""
        if not n:
            return []
        rows = self.connection.sql(
            f"SELECT * EXCLUDE (reason) FROM {_STAGED} WHERE reason IS NULL ORDER BY line LIMIT $2",
            params=[literal(self.staged), n],
        )
        return list(rows.to_arrow_table().to_pylist())


def check(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    table: Table,
    found: Mapping[str, str],
    staged: Path,
    settings: Settings,
    gateway: str,
    is_accepted: bool,
    now: datetime,
    say: Callable[[str], None],
) -> CheckedFile:
    """Write the rows as they would be imported to `staged`, rejects included; raise BadInput for a damaged file.

    `say` gets what is odd about a row that is good.
    """
    sql_functions.register(connection, gateways.reading(gateway, settings).zone)
    given = {"gateway": gateway, "is_accepted": is_accepted, "now": now}
    try:
        _stage(connection, kind, table, found, staged, given, say)
    except duckdb.Error as error:
        if full_disk.why(error):
            raise
        raise BadInput(f"{table.path}: cannot be read: {first_line(error)}") from None
    n_rows, n_rejected, since, n_repeated = _judged(connection, kind, settings, staged, say)
    return CheckedFile(
        connection=connection,
        staged=staged,
        n_rows=n_rows,
        n_rejected=n_rejected,
        counts_from=since,
        n_repeated=n_repeated,
        key=kind.key,
    )


def _stage(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    table: Table,
    found: Mapping[str, str],
    staged: Path,
    variables: Mapping[str, Any],
    say: Callable[[str], None],
) -> None:
    """Write each row as it would be imported, or with what is wrong with it alone."""
    read = staged.with_name("read.parquet")
    _spool(table, read, exact(table, found, kind.exact))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW given AS {_given(kind, table, found, read)}")
    if kind.name == "templates":
        _stage_templates(connection, staged, say)
        return
    query = sql("rmanalytics.imports", f"check_{kind.name}").rstrip().rstrip(";")
    for name, value in variables.items():
        form = "::TIMESTAMPTZ" if name == "now" else ""
        connection.execute(f"SET VARIABLE {name} = $1{form}", [value])
    connection.execute(f"COPY ({query}) TO {quoted(from_here(staged))} (FORMAT parquet, COMPRESSION zstd)")


def _judged(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    settings: Settings,
    staged: Path,
    say: Callable[[str], None],
) -> tuple[Any, ...]:
    """Reject what contradicts other rows or the database; return the counts of `_counted`."""
    counted = _counted(connection, kind, staged)
    if counted[-1] and kind.says:
        _refuse_conflicts(connection, kind, staged)
        counted = _counted(connection, kind, staged)
    if kind.name != "messages":
        return counted
    if _refuse_known(connection, settings, staged, say):
        counted = _counted(connection, kind, staged)
    _warn_of_template_ids(connection, staged, say)
    return counted


def _counted(connection: duckdb.DuckDBPyConnection, kind: Kind, staged: Path) -> tuple[Any, ...]:
    """Return how many rows there are, are rejected, since when the good ones count, and how many of them repeat."""
    n_distinct = f"count(DISTINCT hash({', '.join(kind.key)}))" if kind.key else "count(*)"
    (counted,) = connection.execute(
        f"SELECT count(*), count(reason), min({kind.known_at}) FILTER (reason IS NULL), "
        f"count(*) FILTER (reason IS NULL) - {n_distinct} FILTER (reason IS NULL) FROM {_STAGED}",
        [literal(staged)],
    ).fetchall()
    return tuple(counted)


def _refuse_conflicts(connection: duckdb.DuckDBPyConnection, kind: Kind, staged: Path) -> None:
    """Reject the rows that say something else than an earlier one with their key."""
    query = sql("rmanalytics.imports", "conflicts").format(
        key=", ".join(kind.key), said=", ".join(kind.says), staged=quoted(literal(staged))
    )
    _judge(connection, staged, query)


def _refuse_known(
    connection: duckdb.DuckDBPyConnection, settings: Settings, staged: Path, say: Callable[[str], None]
) -> bool:
    """Reject the rows whose id the database has for another number; return whether there are any."""
    found = existing_messages.of_another_number(settings.database, staged, say)
    if not len(found):
        return False
    connection.register("known", found)
    _judge(
        connection, staged, sql("rmanalytics.imports", "known_numbers").format(staged=quoted(literal(staged)))
    )
    connection.unregister("known")
    return True


def _judge(connection: duckdb.DuckDBPyConnection, staged: Path, query: str) -> None:
    """Replace the staged rows by those of a query, which has more reasons."""
    judged = staged.with_name("judged.parquet")
    connection.execute(f"COPY ({query}) TO {quoted(from_here(judged))} (FORMAT parquet, COMPRESSION zstd)")
    judged.replace(staged)


def _spool(table: Table, path: Path, ids: frozenset[str]) -> None:
    """Write the table as it was read: DuckDB may look at it as often as it likes, on all cores."""
    form = table_model.schema(len(table.columns))
    with pq.ParquetWriter(
        from_here(path), form, compression="lz4", use_dictionary=False, write_statistics=False
    ) as writer:
        for rows in table.rows(ids):
            writer.write_batch(rows)


def _given(kind: Kind, table: Table, found: Mapping[str, str], read: Path) -> str:
    """Return the query that gives the file's rows by our names; what it does not have is null."""
    places = {name: f"c{n}" for n, name in reversed(list(enumerate(table.columns)))}
    fields = [_field(ours, places[found[ours]] if ours in found else None) for ours in kind.spellings]
    others = [name for name in places if name and name not in found.values()]
    pairs = ", ".join(
        f"{quoted(name)}, nullif({places[name]}, '')" for name in sorted(others, key=table.columns.index)
    )
    return (
        f"SELECT line, broken, json_object({pairs})::VARCHAR AS other, {', '.join(fields)} "
        f"FROM read_parquet({quoted(literal(read))}, hive_partitioning = false)"
    )


def _field(ours: str, place: str | None) -> str:
    if place is None:
        return f"NULL::VARCHAR AS {ours}"
    return f"nullif({place if ours in _AS_IS else ids.trimmed(place)}, '') AS {ours}"


def _stage_templates(connection: duckdb.DuckDBPyConnection, staged: Path, say: Callable[[str], None]) -> None:
    lines: dict[str, int] = {}
    odd: list[str] = []
    rows = (
        connection.sql("SELECT * FROM given ORDER BY line").to_arrow_table().to_batches(max_chunksize=1_000)
    )
    with pq.ParquetWriter(from_here(staged), _TEMPLATES) as writer:
        for batch in rows:
            read = [_template(row, lines, odd) for row in batch.to_pylist()]
            writer.write_table(pa.Table.from_pylist(read, writer.schema))
    _warn(odd, "`rmanalytics dlt check` lists them", say)


def _warn(odd: list[str], rest: str, say: Callable[[str], None]) -> None:
    for text in odd[:_MOST_ODD]:
        say(f"warning {text}")
    if len(odd) > _MOST_ODD:
        say(f"warning {len(odd) - _MOST_ODD:,} more: {rest}")


def _warn_of_template_ids(
    connection: duckdb.DuckDBPyConnection, staged: Path, say: Callable[[str], None]
) -> None:
    """Say which template ids of good rows are of another form than operators give."""
    found = connection.execute(
        sql("rmanalytics.imports", "unusual_template_ids"), [literal(staged), row_values.TEMPLATE_ID]
    ).fetchall()
    odd = [
        f"line {line}: template_id {text[:_SHOWN]!r} ({count(n, 'row')}): {row_values.TEMPLATE_ID_FIX}"
        for text, line, n in found
    ]
    _warn(odd, "template ids that are unusual", say)


def _template(row: dict[str, Any], lines: dict[str, int], odd: list[str]) -> dict[str, Any]:
    """Return a template as it is in the relation, or its id and what is wrong with it; add to what is `odd`."""
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
        return rejected | {"reason": f"template_id {template.template_id} is already on line {first}"}
    odd += [f"line {line}: {fault.describe()}" for fault in template.faults if fault.kind in WARNED_OF]
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
