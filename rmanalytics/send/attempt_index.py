"""Which segments of the journal may speak of a batch, so that a send need not read all of them.

The index only ever says which segments can be left out: what was sent is read from the segments themselves. A segment
is left out only as long as its length and the time of its last write are those at which its keys were taken; all
that is missing, torn, changed or of another journal is made again from the segments, or they are read.

By what each look back finds its rows, and why none is lost:

- `unreadable`: a segment with a line that is neither attempt nor answer is never left out.
- `old`: by the id that a row has today, without count, which is hashed anew for ids of batch and line. All rows that
  are counted together have the same one, so all are read or none.
- `attempted`: by id, and by id without mark; a plain send asks for the latter, a resend for the former. The ids of
  `old` are asked for too, therefore that is read first.
- `planned`: by id, those of `old` included.
- `rounds`: by the id without count and mark; then once more by the marks that this found, because a round is whole
  only if no row of another batch is in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import time
from typing import Any

import duckdb
import numpy as np

from rmanalytics import journal
from rmanalytics.send import index_file
from rmanalytics.send.index_file import Block, Damaged, Keys
from rmanalytics.support.literal import literal
from rmanalytics.support.resources import sql

NAME = "sent.index"
GROUP_BYTES = 256 << 20
_GROUP_SEGMENTS = 1_000
_PACKED = 10
"""How many times longer a compressed segment becomes, about."""

MOST_LINE_BYTES = 4 << 20
"""Longest line of a journal that is read again: a request of 1,000 messages with the longest ids takes a quarter."""

_SETTLED_S = 3600.0
"""Seconds after its last write from which a segment without a seal is taken for closed."""

_STREAMS = (journal.MESSAGES, journal.SUBMISSIONS)
COLUMNS: Mapping[str, Mapping[str, str]] = {
    journal.MESSAGES: journal.records.columns(
        journal.MESSAGES, "message_id", "batch_id", "msisdn", "campaign_id", "body"
    ),
    journal.SUBMISSIONS: journal.records.columns(
        journal.SUBMISSIONS, "attempt_id", "message_ids", "responses", responses=("message_id", "result")
    ),
}

Connect = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
Indexing = Callable[[int, int], None]
"""Gets how many bytes of how many were indexed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A segment that holds something; `identity` is its name whether it is compressed or not."""

    path: Path
    identity: str
    is_compressed: bool
    stat: os.stat_result

    @property
    def n_bytes(self) -> int:
        """About how long it is when it is read."""
        return self.stat.st_size * (_PACKED if self.is_compressed else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptIndex:
    """The segments of a journal that hold something, by stream, and what is known of them."""

    place: Path
    segments: Mapping[str, Sequence[_Segment]]
    blocks: dict[str, Block]

    def speaking_of(self, stream: str, wanted: Keys) -> list[Path]:
        """Return the segments of a stream that may speak of any of the wanted keys (ascending), oldest first."""
        damaged: list[str] = []
        found = [one.path for one in self.segments[stream] if self._may_have(one, wanted, damaged)]
        if damaged:  # the next send makes them again
            for name in damaged:
                del self.blocks[name]
            with suppress(OSError):
                index_file.rewrite(self.place, self.blocks)
        return found

    def first(self, stream: str) -> list[Path]:
        """Return the oldest segment of a stream that holds something, if there is one."""
        return [one.path for one in self.segments[stream][:1]]

    def _may_have(self, segment: _Segment, wanted: Keys, damaged: list[str]) -> bool:
        known = _known(self.blocks, segment)
        try:
            return known is None or not known.is_sure or known.may_have(wanted)
        except Damaged:
            damaged.append(segment.identity)
            return True


def without(directory: Path) -> AttemptIndex:
    """Return an index of a journal by which every segment is read."""
    return AttemptIndex(place=directory.parent / NAME, segments=_listed(directory), blocks={})


def current(directory: Path, connect: Connect, indexing: Indexing = lambda done, total: None) -> AttemptIndex:
    """Return the index of a journal; what is missing is made and, where the disk allows, kept for the next send.

    It is made and kept a group of segments at a time: killed meanwhile, the next send makes the rest.
    """
    place = directory.parent / NAME
    blocks, n_good = index_file.read(place)
    listed = _listed(directory)
    unknown = [one for of in listed.values() for one in of if _known(blocks, one) is None]
    if missing := list(_closed(directory, unknown)):
        with suppress(OSError):
            n_good = _tidied(place, blocks, n_good, listed)
        with connect() as connection:
            unkept = _kept(place, n_good, _made(connection, missing, indexing))
        blocks = index_file.read(place)[0] | unkept  # mapped, not in memory
        listed = _listed(directory)  # some may have been compressed meanwhile
    return AttemptIndex(place=place, segments=listed, blocks=blocks)


def _kept(place: Path, n_good: int, groups: Iterator[list[Block]]) -> dict[str, Block]:
    """Write the groups into the file as they are made; return the blocks that could not be written."""
    unkept: dict[str, Block] = {}
    for made in groups:
        try:
            n_good = index_file.append(place, n_good, made)
        except OSError:
            unkept |= {one.segment: one for one in made}
    return unkept


def _known(blocks: Mapping[str, Block], segment: _Segment) -> Block | None:
    """Return what was taken from the segment as it is now, if anything was."""
    block = blocks.get(segment.identity)
    return block if block and block.is_of(segment.stat, is_compressed=segment.is_compressed) else None


def _listed(directory: Path) -> dict[str, list[_Segment]]:
    return {stream: list(_statted(journal.segments(directory, stream))) for stream in _STREAMS}


def _statted(paths: Sequence[Path]) -> Iterator[_Segment]:
    for path in paths:
        with suppress(FileNotFoundError):  # purged since it was listed
            found = _segment(path)
            if found.stat.st_size:
                yield found


def _segment(path: Path) -> _Segment:
    identity = journal.identity(path)
    try:
        return _Segment(path=path, identity=identity, is_compressed=path.name != identity, stat=path.stat())
    except FileNotFoundError:  # perhaps compressed since it was listed
        packed = path.with_name(identity + journal.COMPRESSED)
        return _Segment(path=packed, identity=identity, is_compressed=True, stat=packed.stat())


def _closed(directory: Path, unknown: Sequence[_Segment]) -> Iterator[_Segment]:
    """Yield the segments that nobody writes to: sealed ones, and those that have not been written for long."""
    sealed, settled = journal.sealed(directory) if unknown else set(), time() - _SETTLED_S
    for one in unknown:
        if one.identity in sealed or one.stat.st_mtime < settled:
            yield one


def _tidied(
    place: Path, blocks: Mapping[str, Block], n_good: int, listed: Mapping[str, Sequence[_Segment]]
) -> int:
    """Rewrite a file that ends in a torn block, or of which most is about segments that are gone or have changed."""
    alive = {
        one.identity: block
        for of in listed.values()
        for one in of
        if (block := _known(blocks, one)) is not None
    }
    n_alive = sum(len(block.data) for block in alive.values())
    is_torn = place.exists() and place.stat().st_size > n_good
    return (
        index_file.rewrite(place, alive) if is_torn or n_good > 2 * n_alive + GROUP_BYTES // 256 else n_good
    )


def _made(
    connection: duckdb.DuckDBPyConnection, missing: Sequence[_Segment], indexing: Indexing
) -> Iterator[list[Block]]:
    """Yield the blocks of segments, group by group."""
    done, total = 0, sum(one.n_bytes for one in missing)
    for group in _groups(missing):
        indexing(done, total)
        try:
            yield _blocks(connection, group)
        except duckdb.Error:  # one of them cannot be read; the send itself says so
            for one in group:
                with suppress(duckdb.Error):
                    yield _blocks(connection, [one])
        done += sum(one.n_bytes for one in group)
        indexing(done, total)


def _groups(missing: Sequence[_Segment]) -> Iterator[list[_Segment]]:
    """Yield the segments in groups of one stream that can be read at once; a long one is a group."""
    group: list[_Segment] = []
    n_bytes = 0
    for one in missing:
        is_full = n_bytes + one.n_bytes > GROUP_BYTES or len(group) == _GROUP_SEGMENTS
        if group and (is_full or _stream(group[0]) != _stream(one)):
            yield group
            group, n_bytes = [], 0
        group.append(one)
        n_bytes += one.n_bytes
    if group:
        yield group


def lines_of(segments: Iterable[Path], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return what the statements in `sql/` are given to read segments."""
    return {
        "segments": [literal(path) for path in segments] or [os.devnull],
        "columns": columns,
        "most_line_bytes": MOST_LINE_BYTES,
    }


def _stream(segment: _Segment) -> str:
    return segment.identity.partition("-")[0]


def _blocks(connection: duckdb.DuckDBPyConnection, group: Sequence[_Segment]) -> list[Block]:
    """Return the blocks of segments of one stream."""
    stream = _stream(group[0])
    values = lines_of([one.path for one in group], COLUMNS[stream])
    rows = connection.execute(sql("rmanalytics.send", f"keys_{stream}"), values).fetchnumpy()
    is_key = ~np.ma.getmaskarray(np.ma.asarray(rows["key"]))
    keys, owners = np.asarray(rows["key"], np.uint64), np.asarray(rows["segment"], np.int64)
    unsure = set(np.unique(owners[~is_key]).tolist())
    keys, owners = keys[is_key], owners[is_key]
    order = np.lexsort((keys, owners))
    keys, owners = keys[order], owners[order]
    bounds = np.searchsorted(owners, np.arange(len(group) + 1))
    return [
        index_file.block(
            one.identity,
            one.stat,
            None if place in unsure else np.unique(keys[bounds[place] : bounds[place + 1]]),
            is_compressed=one.is_compressed,
        )
        for place, one in zip(count(), group, strict=False)
    ]
