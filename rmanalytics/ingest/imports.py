"""Evidence of imports: one Parquet file per accepted import in the journal, and its way into the database.

A file is named `imports-<kind>-<UTC time>-<digest>.parquet` and has a row per row of the original file: its
`line`, why it was rejected (`reason`, null for the others), and its values by our names. The digest is of the
original file, its kind and the mapping of its columns, so that the same import is ingested once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from rmanalytics import callbacks, gateways
from rmanalytics.config import Settings
from rmanalytics.ingest import matching, progress, times, upkeep
from rmanalytics.support.literal import literal, quoted
from rmanalytics.support.resources import sql

MARK = "import-"
"""Begins the batch_id of messages, the attempt_id of submissions and the callback_id of DLRs that imports report."""

ROWS = 1_000_000
"""Rows ingested at once: what bounds the memory, and the time that readers wait. Of DLRs, a slice."""

SLICE_ROWS = 250_000
"""Rows of DLRs read at once: a row has some 13 fields, so this is what a slice of callbacks may come to."""

_NAME = re.compile(r"imports-([a-z-]+)-(\d{8}T\d{12}Z)-([0-9a-f]{16})\.parquet")


_PLANNED = """
    SELECT message_id AS id, planned_at AS message_at,
        NULL::TIMESTAMPTZ AS submitted_at, NULL::TIMESTAMPTZ AS received_at
    FROM new_messages
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEvidence:
    """An accepted import in the journal: its kind, when it was accepted, and the digest of what it read."""

    kind: str
    at: datetime
    digest: str
    path: Path

    @property
    def n_bytes(self) -> int:
        """Size of the file; `ingested.next_offset` has it once all is ingested, 0 before."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Up to `ROWS` rows of an import, behind the first `n_before`; each is ingested in its own transaction."""

    evidence: ImportEvidence
    n_before: int


def name(kind: str, at: datetime, digest: str) -> str:
    """Return the file name of an import's evidence.

    >>> name("templates", datetime(2025, 1, 15, 4, 50, tzinfo=UTC), "0123456789abcdef")
    'imports-templates-20250115T045000000000Z-0123456789abcdef.parquet'
    """
    return f"imports-{kind}-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}Z-{digest}.parquet"


def every(directory: Path) -> list[ImportEvidence]:
    """Return the imports of a journal, oldest first."""
    found = [
        (match, path) for path in directory.glob("imports-*.parquet") if (match := _NAME.fullmatch(path.name))
    ]
    return sorted(
        (
            ImportEvidence(
                kind=match[1],
                at=datetime.strptime(match[2], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC),
                digest=match[3],
                path=path,
            )
            for match, path in found
        ),
        key=lambda evidence: (evidence.at, evidence.path.name),
    )


def waiting(connection: duckdb.DuckDBPyConnection, directory: Path) -> Iterator[Part]:
    """Yield what comes next of each import that the database does not hold completely, oldest first."""
    query = "SELECT segment, next_offset, n_lines FROM ingested WHERE segment LIKE 'imports-%'"
    reached = {name: (offset, n_rows) for name, offset, n_rows in connection.execute(query).fetchall()}
    for evidence in every(directory):
        offset, n_before = reached.get(evidence.path.name, (0, 0))
        if offset < evidence.n_bytes:
            yield Part(evidence=evidence, n_before=n_before)


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings, part: Part) -> Part | None:
    """Make the temporary tables that `take_in` inserts from; return the part behind this one, None at the end.

    Raises duckdb.Error or OSError when the file is not readable.
    """
    evidence = part.evidence
    n_after = part.n_before + (min(ROWS, SLICE_ROWS) if evidence.kind == "dlrs" else ROWS)
    path = quoted(literal(evidence.path))
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW evidence AS SELECT * EXCLUDE (file_row_number), '{evidence.digest}' AS digest, "
        f"{_instant(evidence.at)} AS imported_at "
        f"FROM read_parquet({path}, hive_partitioning = false, file_row_number = true) "
        f"WHERE file_row_number >= {part.n_before} AND file_row_number < {n_after}"
    )
    if evidence.kind == "messages":
        times.locate(connection, "SELECT message_id AS id FROM evidence WHERE reason IS NULL")
    for statement in _statements(f"prepare_{evidence.kind}"):
        connection.execute(statement)
    if evidence.kind == "messages":
        times.place(connection, _PLANNED)
    if evidence.kind == "dlrs":
        _translate(connection, settings)
        query = sql("rmanalytics.ingest", "imports/new_dlrs").format(near=_near(connection))
        connection.execute(query, {"imported_at": evidence.at})
        matching.match(connection, "new_dlrs", matching.Windows.of(settings))
        matching.place(connection, None)
    n_rows = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({path})").fetchall()[0][0]
    return Part(evidence=evidence, n_before=n_after) if n_after < n_rows else None


def take_in(connection: duckdb.DuckDBPyConnection, part: Part, *, is_last: bool) -> int:
    """Insert what was prepared, inside the caller's transaction; return how many rows of relations changed."""
    n_changed = 0
    inserts = [sql("rmanalytics.ingest", "insert_dlrs")] if part.evidence.kind == "dlrs" else None
    for statement in inserts or _statements(f"insert_{part.evidence.kind}"):
        n_rows = int(connection.execute(statement).fetchall()[0][0])
        n_changed += n_rows if "INSERT INTO" in statement else 0
    if part.evidence.kind in ("messages", "dlrs"):
        times.settle(connection)
        upkeep.call_pass(connection)
    ((n_lines,),) = connection.execute("SELECT count(*) FROM evidence").fetchall()
    progress.reached(connection, part.evidence.path.name, part.evidence.n_bytes if is_last else 0, n_lines)
    return n_changed


def _translate(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the temporary table `new_dlrs`: the rows read as each gateway reads its callbacks, in slices."""
    names = connection.execute("SELECT DISTINCT gateway FROM told ORDER BY gateway NULLS LAST").fetchall()
    callbacks.empty(connection)
    for (name,) in names:
        gateway = gateways.reading(name or "", settings)
        said = f"CREATE OR REPLACE TEMP TABLE said AS {_callbacks(gateway.profile, name)}"
        n_rows = int(connection.execute(said).fetchall()[0][0])
        for first in range(0, n_rows, SLICE_ROWS):
            theirs = "SELECT *, rowid AS place FROM said"
            callbacks.read(
                connection, settings, name or "", theirs, first, min(first + SLICE_ROWS, n_rows) - 1
            )
    connection.execute("DROP TABLE IF EXISTS said")


def _near(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a condition that DLRs which say the same meet anyway, by which others are skipped: when they are done."""
    query = (
        "SELECT min(done_at), max(done_at) FROM new_dlrs HAVING count(*) = count(done_at) AND count(*) > 0"
    )
    ends = connection.execute(query).fetchall()
    return f"d.done_at BETWEEN '{ends[0][0].isoformat()}' AND '{ends[0][1].isoformat()}'" if ends else "true"


def _callbacks(spoken: gateways.GatewayProfile, name: str | None) -> str:
    """Return the query of a gateway's rows as callbacks that say them in its own words."""
    said = "NULL" if name is None else "'" + name.replace("'", "''") + "'"
    spelt = {name: spoken.dlr_fields.get(name, (name,))[0] for name in gateways.dlr_fields()}
    pairs = ", ".join(f"'{theirs}=' || field({ours})" for ours, theirs in spelt.items())
    return (
        "SELECT callback_id, received_at, gateway, 'GET' AS method, '' AS content_type, '' AS body, "
        f"concat_ws('&', {pairs}) AS query FROM told WHERE gateway IS NOT DISTINCT FROM {said}"
    )


def _instant(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


def _statements(name: str) -> list[str]:
    """Return the statements of a file, which end in a semicolon at the end of a line."""
    return [part for part in sql("rmanalytics.ingest", f"imports/{name}").split(";\n") if part.strip()]
