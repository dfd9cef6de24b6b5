"""One import from file to relations: read, check, keep as evidence, ingest."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from rmanalytics import status_words
from rmanalytics.config import Settings
from rmanalytics.errors import BadInput, JournalError
from rmanalytics.imports import check
from rmanalytics.imports.kinds import KINDS, Kind
from rmanalytics.ingest import imports as imported
from rmanalytics.ingest.run import ingest
from rmanalytics.models import USUAL
from rmanalytics.sms.msisdn import mask
from rmanalytics.support import engine, full_disk
from rmanalytics.support.files import refuse_other
from rmanalytics.support.folders import room
from rmanalytics.support.literal import quoted
from rmanalytics.support.table_model import Table
from rmanalytics.support.tables import PLAIN, ReadOptions, exact, open_table, recognise
from rmanalytics.support.wording import are, count

LISTED = 20
"""Rejects and rows that are listed; a rejects file has them all."""

MEMORY = "1500MB"
"""What the check of a file may use; beyond it DuckDB puts temporary tables on the home's disk."""

Confirm = Callable[[dict[str, str], list[str]], bool]
"""Asked with the mapping of the columns and the columns left out; False calls the import off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is imported. `gateway` is for rows that do not name one; `is_accepted`: all were accepted."""

    reading: ReadOptions = PLAIN
    gateway: str = USUAL
    is_accepted: bool = False
    is_strict: bool = False
    is_dry_run: bool = False
    is_bad_skipped: bool = False
    rejects_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of an import: `columns` maps ours to theirs, `rejects` and `first_rows` are the first few.

    `counts_from` is the earliest `as_of` that its rows change; None: only those from the import on.
    `n_repeated` of the good rows say what an earlier row of the file says too; `repeated` are the first few.
    """

    kind: str
    file: str
    columns: dict[str, str]
    left_out: list[str]
    n_rows: int = 0
    n_rejected: int = 0
    rejects: list[check.Reject] = field(default_factory=list)
    n_repeated: int = 0
    repeated: list[check.RepeatedRow] = field(default_factory=list)
    first_rows: list[dict[str, Any]] = field(default_factory=list)
    is_dry_run: bool = False
    is_bad_skipped: bool = False
    rejects_file: str | None = None
    is_known: bool = False
    evidence: str | None = None
    counts_from: datetime | None = None
    n_changed: int = 0
    ingested: dict[str, Any] | None = None

    @property
    def n_good(self) -> int:
        """Rows that were, or would be, imported."""
        return self.n_rows - self.n_rejected

    @property
    def exit_code(self) -> int:
        """1 when rows were left out, by the run that imported the file first, or would be; else 0."""
        return 1 if self.n_rejected and not self.is_bad_skipped else 0

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, the numbers of people masked."""
        rows = [
            row | {"msisdn": mask(row["msisdn"])} if row.get("msisdn") else row for row in self.first_rows
        ]
        more = {"n_good": self.n_good, "exit_code": self.exit_code, "first_rows": rows}
        return asdict(self) | more


def bring_in(
    settings: Settings,
    kind: str,
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    options: Options | None = None,
    confirm: Confirm | None = None,
    now: datetime | None = None,
) -> Imported:
    """Read an export, keep it in the journal and ingest it; return the result.

    Raises BadInput naming file, line, field and fix: then nothing was changed. With `is_strict` one reject
    refuses the file. A file that was imported before, under the same mapping, changes nothing; it is checked again
    all the same, so that a repeated job does not turn green over rows that are still left out.
    """
    status_words.own(settings)
    options = options or Options(reading=ReadOptions(columns=mapping or {}))
    if options.rejects_file:
        _refuse_own(path, options.rejects_file)
        refuse_other("--rejects", options.rejects_file, _REJECTS_BEGIN, settings.home)
    with _workspace(settings, is_dry_run=options.is_dry_run) as (connection, folder):
        table = open_table(path, options.reading)
        found = _recognised(KINDS[kind], table, options.reading)
        left_out = [name for name in table.columns if name and name not in found.values()]
        read = Imported(kind=kind, file=str(path), columns=found, left_out=left_out)
        if confirm is not None and not confirm(found, left_out):
            raise BadInput(f"{path}: nothing imported: map the columns with --map ours=theirs")
        digest = _digest(path, kind, found, options)
        known = None if options.is_dry_run else _known(settings, kind, digest)
        staged, at = folder / "staged.parquet", now or datetime.now(UTC)
        checked = check.check(
            connection,
            KINDS[kind],
            table,
            found,
            staged,
            settings,
            options.gateway,
            options.is_accepted,
            at,
            options.reading.say,
        )
        read = _judged(replace(read, is_known=known is not None), checked, options)
        if options.is_dry_run:
            return read
        evidence = known or _keep(staged, settings.journal_dir / imported.name(kind, at, digest))
    return replace(read, evidence=evidence.name, **_taken_in(settings))


def _judged(read: Imported, checked: check.CheckedFile, options: Options) -> Imported:
    """Add what the check found; raise BadInput when it leaves nothing to import."""
    rejects = checked.rejects(LISTED)
    if options.rejects_file and _write_rejects(options.rejects_file, checked):
        options.reading.say(f"{options.rejects_file}: replaced")
    read = replace(
        read,
        n_rows=checked.n_rows,
        n_rejected=checked.n_rejected,
        rejects=rejects,
        n_repeated=checked.n_repeated,
        repeated=checked.repeated(LISTED),
        first_rows=checked.first_rows(LISTED if options.is_dry_run else 0),
        is_dry_run=options.is_dry_run,
        is_bad_skipped=options.is_bad_skipped,
        rejects_file=str(options.rejects_file) if options.rejects_file else None,
        counts_from=checked.counts_from,
    )
    if not read.n_rows:
        raise BadInput(f"{read.file}: has no rows below the column names")
    if options.is_dry_run or read.is_known:
        return read
    if rejects and (options.is_strict or not read.n_good):
        first = rejects[0]
        raise BadInput(
            f"{read.file}: line {first.line}: {first.reason} ({read.n_rejected:,} of {count(read.n_rows, 'row')} "
            f"{are(read.n_rejected)} rejected, nothing was imported): see them all with --dry-run --rejects FILE"
        )
    return read


def _recognised(kind: Kind, table: Table, reading: ReadOptions) -> dict[str, str]:
    def columns(*required: str) -> dict[str, str]:
        return recognise(table, kind.spellings, reading, required=required, is_strict=kind.is_strict)

    found = columns(*kind.required)
    if kind.one_of and not any(name in found for name in kind.one_of):
        columns(*kind.one_of)
    exact(table, found, kind.exact)
    return found


def _digest(path: Path, kind: str, found: Mapping[str, str], options: Options) -> str:
    """Return what makes this import the same as another: content, kind, mapping, and how it is read."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    how = [kind, sorted(found.items()), options.gateway, options.is_accepted, *options.reading.as_list()]
    digest.update(json.dumps(how).encode())
    return digest.hexdigest()[:16]


def _known(settings: Settings, kind: str, digest: str) -> Path | None:
    imports = imported.every(settings.journal_dir)
    return next((one.path for one in imports if (one.kind, one.digest) == (kind, digest)), None)


def _taken_in(settings: Settings) -> dict[str, Any]:
    done = ingest(settings)
    return {"ingested": done.as_dict(), "n_changed": done.n_imported}


_FULL = "nothing was imported; free disk space and import again"


@contextmanager
def _workspace(settings: Settings, *, is_dry_run: bool) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Yield a connection and a temporary folder next to the journal, on the same disk."""
    try:
        if not is_dry_run:
            settings.journal_dir.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix="import-", dir=room(settings.home))
    except OSError as error:
        raise JournalError(f"{settings.home}: {error.strerror}: nothing was imported") from None
    with folder as name, engine.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = {quoted(name)}")
        with full_disk.naming(Path(name).parent, _FULL):
            yield connection, Path(name)


def _keep(staged: Path, target: Path) -> Path:
    """Make the file durable under its name in the journal: there whole, or not at all."""
    try:
        _sync(staged, os.O_RDONLY)
        staged.chmod(0o640)
        staged.rename(target)
        _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise JournalError(
            f"{target}: {error.strerror}: nothing was imported; free or repair the disk"
        ) from None
    return target


def _sync(path: Path, flags: int) -> None:
    fd = os.open(path, flags)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


_REJECTS_BEGIN = b"line,reason"


def _write_rejects(path: Path, checked: check.CheckedFile) -> bool:
    """Write all rejects; return whether that replaced a list: by the whole one, or it stays as it was."""
    was_there = path.is_file() and path.stat().st_size > 0
    whole = Path(os.path.realpath(path))
    part = whole.with_name(f".{whole.name}.part")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device: written to as it is
            _list_rejects(path, checked)
        else:
            _list_rejects(part, checked)
            part.replace(whole)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None
    return was_there


def _list_rejects(path: Path, checked: check.CheckedFile) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason"])
        writer.writerows((reject.line, reject.reason) for reject in checked.rejects())


def _refuse_own(path: Path, rejects_file: Path) -> None:
    """Raise BadInput where the list of rejects would take the place of the file that is imported."""
    with suppress(OSError):  # one of the two is not there: whoever opens it says so
        if rejects_file.samefile(path):
            raise BadInput(f"--rejects {rejects_file}: is the file that is imported: name another one")
