"""Segments out of the lake, a batch at a time, each held to its seal before anybody reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from rmanalytics import journal
from rmanalytics.errors import LakeFault, LakeUnavailable
from rmanalytics.lake.catalog import Lake, LakeSegment

BATCH_BYTES = 512 << 20
"""Of compressed content that is here at once: some 5 GB of lines."""

AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A batch that lies in a folder: the whole bytes of each segment, and what could not be had, and why."""

    wholes: Mapping[str, int]
    faults: Mapping[str, str]


def fetched(
    lake: Lake,
    offsets: Mapping[str, int],
    wholes: Mapping[str, int],
    folder: Path,
    *,
    batch_bytes: int = BATCH_BYTES,
) -> Iterator[Fetched]:
    """Yield batches of what is not taken in yet: the folder holds one, with its seals, until the next is asked for.

    `offsets` say how far each segment was taken in, `wholes` how far that is at most, where it is known. Messages of
    all hosts come first, so that a DLR finds its message. A segment that several hosts shipped comes once.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lake") as pool:
        due = [
            one for one in _once(lake.segments()) if offsets.get(one.name, 0) < wholes.get(one.name, 1 << 62)
        ]
        for batch in _batches(due, batch_bytes):
            results = list(pool.map(lambda one: _fetch(lake, one, offsets.get(one.name, 0), folder), batch))
            got = dict(zip((one.name for one in batch), results, strict=True))
            yield Fetched(
                wholes={name: whole for name, whole in got.items() if isinstance(whole, int)},
                faults={name: fault for name, fault in got.items() if isinstance(fault, str)},
            )
            for path in folder.iterdir():
                path.unlink()


def _fetch(lake: Lake, segment: LakeSegment, offset: int, folder: Path) -> int | str:
    """Return the segment's whole bytes, its content in the folder where there is more than that; or its fault."""
    path = folder / f"{segment.name}{journal.COMPRESSED}"
    try:
        seal = lake.seal(segment)
        if offset >= seal.n_whole_bytes:
            return seal.n_whole_bytes
        lake.store.download(segment.path, path)
        (folder / f"{segment.name}{journal.SEAL}").write_bytes(journal.line(asdict(seal)))
    except LakeUnavailable:
        raise
    except LakeFault as error:
        return str(error)
    if journal.fault_of(path):
        path.unlink()
        return (
            f"{lake.name}/{segment.path}: does not fit its seal: remove both from the lake, and {segment.host} ships "
            "it again; or restore it from a copy"
        )
    return seal.n_whole_bytes


def _once(segments: Iterable[LakeSegment]) -> Iterator[LakeSegment]:
    seen = set[str]()
    for segment in segments:
        if segment.name not in seen:
            seen.add(segment.name)
            yield segment


def _batches(segments: Iterable[LakeSegment], most: int) -> Iterator[list[LakeSegment]]:
    batch, n_bytes = list[LakeSegment](), 0
    for segment in segments:
        if batch and n_bytes + segment.n_packed > most:
            yield batch
            batch, n_bytes = [], 0
        batch.append(segment)
        n_bytes += segment.n_packed
    if batch:
        yield batch
