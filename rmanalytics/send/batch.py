"""A batch file as checked: rows that can be sent wait on disk, so that a batch of any size takes little memory."""

from __future__ import annotations

import gc
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.models import Route
from rmanalytics.send import bad_values, batch_file, row_ids, rows
from rmanalytics.send.rows import BadRow, Defaults
from rmanalytics.support import full_disk
from rmanalytics.support.folders import room

MOST_FAULTS = 10_000
"""Faults kept to be listed; further ones are counted."""

Lines = npt.NDArray[np.int64]
"""Lines of the batch file, ascending."""

NO_LINES: Lines = np.empty(0, np.int64)


@dataclass(slots=True, kw_only=True)
class Faults:
    """What is wrong with the rows: how many rows, how often each reason, and the first ones in full."""

    n_rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    listed: list[BadRow] = field(default_factory=list)

    def add(self, faults: Iterable[BadRow]) -> None:
        """Add faults, all those of a row together."""
        last = None
        for fault in faults:
            self.n_rows += fault.line != last
            last = fault.line
            self.counts[f"{fault.field} {fault.reason}"] += 1
            if len(self.listed) < MOST_FAULTS:
                self.listed.append(fault)


class Batch:
    """The rows of a file that can be sent (columns of `rows.SCHEMA`, by line) and the faults of the rest.

    The rows lie in a file without a name: however the process ends, nothing is left behind. `suffix` is added to
    ids that the file did not give.
    """

    def __init__(self, path: Path, batch_id: str, spool: IO[bytes]) -> None:
        self.path = path
        self.batch_id = batch_id
        self.n_rows = 0
        self.faults = Faults()
        self.unknown: tuple[str, ...] = ()
        self.unusual_template_ids: dict[str, int] = {}
        self.suffix = ""
        self._repetitions = row_ids.NONE
        self._spool = spool

    def take_in(self, opened: batch_file.BatchFile, defaults: Defaults) -> None:
        """Check all rows of the file; raise BadInput for a file that cannot be read."""
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        counter = row_ids.Counter()
        with pa.ipc.new_file(self._spool, rows.SCHEMA, options=options) as spool, _without_gc():
            for n_rows, checked in _check(opened.chunks, defaults):
                spool.write_batch(checked.good)
                made = checked.good.filter(checked.is_made)
                counter.add(made["line"], made["message_id"])
                self.faults.add(checked.faults)
                self._note_template_ids(checked.good, defaults.registered)
                self.n_rows += n_rows
        self._repetitions = counter.repetitions()
        self.unknown = tuple(sorted(opened.unknown))

    def _note_template_ids(self, good: pa.RecordBatch, registered: frozenset[str]) -> None:
        """Keep the first lines of unusual template ids; an international message needs none."""
        domestic = good.filter(pc.equal(good["route"], Route.DOMESTIC.value))
        found = bad_values.unusual_template_ids(domestic["line"], domestic["template_id"], registered)
        self.unusual_template_ids = dict([*found.items(), *self.unusual_template_ids.items()][:MOST_FAULTS])

    def chunks(self, without: Lines = NO_LINES, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the rows that can be sent, without those of some lines; no `columns` are all."""
        fields = [rows.SCHEMA.get_field_index(name) for name in columns or rows.SCHEMA.names]
        options = pa.ipc.IpcReadOptions(included_fields=fields)
        spool = pa.ipc.open_file(self._spool, options=options)
        for number in range(spool.num_record_batches):
            chunk = spool.get_batch(number)
            wanted = ~is_among(chunk["line"].to_numpy(), without)
            yield self._named(chunk if wanted.all() else chunk.filter(pa.array(wanted)))

    def _named(self, chunk: pa.RecordBatch) -> pa.RecordBatch:
        """Return the chunk with whole ids: what repeats a row has its count, what is resent its suffix."""
        place = chunk.schema.get_field_index("message_id")
        if place < 0:
            return chunk
        found = self._repetitions.counted(chunk["line"].to_numpy(), chunk["message_id"])
        if self.suffix:
            found = row_ids.with_suffix(found, self.suffix)
        return chunk.set_column(place, chunk.schema.field(place), found)


@contextmanager
def read(opened: batch_file.BatchFile, defaults: Defaults, directory: Path) -> Iterator[Batch]:
    """Yield the checked batch file, its rows kept in `directory` if there; raise BadInput for a file that is none."""
    directory = room(directory)
    with full_disk.naming(directory, _FULL):
        spool = TemporaryFile(dir=directory)  # noqa: SIM115 closed below, where that may fail
    try:
        batch = Batch(opened.path, opened.batch_id, spool)
        with full_disk.naming(directory, _FULL):
            batch.take_in(opened, defaults)
            spool.flush()
        yield batch
    finally:
        with suppress(OSError):  # what a full disk did not take is written once more
            spool.close()


_FULL = "nothing was sent; free disk space and run this again"


def _check(chunks: Iterable[pa.RecordBatch], defaults: Defaults) -> Iterator[tuple[int, rows.CheckedRows]]:
    """Yield the checked chunks with the rows they had; while one is checked, the next is read."""
    with ThreadPoolExecutor(1, thread_name_prefix="check") as thread:
        ahead: deque[tuple[int, Future[rows.CheckedRows]]] = deque()
        for chunk in chunks:
            ahead.append((len(chunk), thread.submit(rows.check, chunk, defaults)))
            if len(ahead) > 1:
                n_rows, checked = ahead.popleft()
                yield n_rows, checked.result()
        for n_rows, checked in ahead:
            yield n_rows, checked.result()


def is_among(lines: Lines, among: Lines) -> npt.NDArray[np.bool_]:
    """Return for each of the lines whether it is among others (ascending)."""
    if not len(among):
        return np.zeros(len(lines), np.bool_)
    found: Lines = among[np.searchsorted(among, lines).clip(max=len(among) - 1)]
    return np.equal(found, lines, dtype=np.bool_)


@contextmanager
def _without_gc() -> Iterator[None]:
    """Millions of rows make no cycles; looking for some takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
