"""The sealed segments of a home into the lake, each verified there before its seal says that it is there.

Nothing is remembered here of what was shipped: the lake's own list says it, so that a shipper can be killed at any
moment, and two at once only do some work twice.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from rmanalytics import journal
from rmanalytics.config import Settings
from rmanalytics.errors import LakeFault
from rmanalytics.lake.catalog import Lake, LakeSegment
from rmanalytics.lake.home import claim, has_shipped, host_name, lake_of
from rmanalytics.lake.store import Retrying
from rmanalytics.support import full_disk
from rmanalytics.support.wording import count

OnShipped = Callable[[int, int], None]
"""Called with the bytes of content done so far, and with all of them."""


@dataclass(slots=True, kw_only=True)
class Shipment:
    """What one run shipped, what was there already, what is still written, and what could not be shipped and why."""

    lake: str
    host: str
    n_segments: int = 0
    n_bytes: int = 0
    n_packed_bytes: int = 0
    n_there: int = 0
    n_open: int = 0
    faults: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)

    def describe(self) -> str:
        """Return it as text, one fact per line."""
        lines = [
            f"shipped to {self.lake} as {self.host}: {count(self.n_segments, 'segment')}, "
            f"{count(self.n_bytes, 'byte')} as {self.n_packed_bytes:,}; {self.n_there:,} already there"
        ]
        if self.n_open:
            lines.append(f"{count(self.n_open, 'segment')} still being written, to be shipped when sealed")
        lines += [f"{name}: not shipped: {reason}" for name, reason in self.faults.items()]
        return "\n".join(lines)


def ship(
    settings: Settings,
    url: str,
    *,
    retrying: Retrying | None = None,
    on_progress: OnShipped = lambda _done, _all: None,
) -> Shipment:
    """Ship all closed segments that the lake does not have; return what was done.

    Raises LakeFault where the lake cannot be used or another home ships as this host, LakeUnavailable where it does
    not answer for a minute: what was shipped until then is there.
    """
    lake, host = lake_of(settings, url, retrying), host_name(settings)
    done, there = Shipment(lake=lake.name, host=host), {one.name for one in lake.segments(host)}
    waiting = [path for path in _segments(settings.journal_dir) if journal.identity(path) not in there]
    if waiting:
        claim(settings, lake, host)
    total, n_bytes = sum(map(_size, waiting)), 0
    for path in waiting:
        on_progress(n_bytes, total)
        n_bytes += _size(path)
        _ship_one(lake, host, path, done)
    on_progress(total, total)
    done.n_there = len(there)
    return done


def _ship_one(lake: Lake, host: str, path: Path, done: Shipment) -> None:
    """Ship a segment, or note why not; a full disk here stops all."""
    name = journal.identity(path)
    try:
        if (seal := journal.seal_closed(path)) is None:
            done.n_open += bool(_size(path))
            return
        with _packed(path, seal) as file:
            n_packed = _put(lake, host, path, file, seal)
    except FileNotFoundError:
        return  # purged meanwhile
    except OSError as error:
        if full_disk.why(error):
            raise
        done.faults[name] = error.strerror or str(error)
        return
    done.n_segments, done.n_bytes = done.n_segments + 1, done.n_bytes + seal.n_bytes
    done.n_packed_bytes += n_packed


def _put(lake: Lake, host: str, path: Path, file: IO[bytes], seal: journal.Seal) -> int:
    """Put the content there, read it back, then write its seal; return its bytes there."""
    name, n_packed = journal.identity(path), file.seek(0, 2)
    stream = next(stream for stream in journal.STREAMS if name.startswith(f"{stream}-"))
    segment = LakeSegment(stream=stream, host=host, name=name, n_packed=n_packed)
    lake.store.write(segment.path, file)
    if lake.store.size(segment.path) != n_packed or lake.store.measure(segment.path) != seal:
        raise LakeFault(
            f"{lake.name}/{segment.path}: what was read back differs from what was sent: run this again"
        )
    lake.write_seal(segment, seal)
    return n_packed


@contextmanager
def _packed(path: Path, seal: journal.Seal) -> Iterator[IO[bytes]]:
    """Yield the compressed segment; raise OSError where its content is not what its seal says."""
    if path.name.endswith(journal.COMPRESSED):
        _check(journal.measure(journal.blocks(path)), seal)
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile(dir=path.parent) as file:  # has no name, so no kill leaves it behind
        same = os.fdopen(os.dup(file.fileno()), "wb")  # for Arrow closes what it writes to
        with pa.CompressedOutputStream(pa.PythonFile(same, "wb"), "zstd") as sink:
            _check(journal.measure(_copied(journal.blocks(path), sink)), seal)
        yield file


def _copied(blocks: Iterable[bytes], sink: Any) -> Iterator[bytes]:
    for block in blocks:
        sink.write(block)
        yield block


def _check(found: journal.Seal, seal: journal.Seal) -> None:
    if found != seal:
        raise OSError(
            "its content has changed since it was closed: restore it from a copy, or remove its seal"
        )


def unshipped(settings: Settings, paths: Iterable[Path], retrying: Retrying | None = None) -> dict[str, str]:
    """Return why segments of the home must stay here, by name: they are not in the lake, or not as they are here."""
    if not settings.lake:
        return {}
    paths, names = list(paths), dict[str, str]()
    if not has_shipped(settings, settings.lake):
        return {journal.identity(path): f"not shipped to {settings.lake}" for path in paths}
    lake, host = lake_of(settings, settings.lake, retrying), host_name(settings)
    there = {one.name: one for one in lake.segments(host)}
    for path in paths:
        if (segment := there.get(journal.identity(path))) is None:
            names[journal.identity(path)] = f"not shipped to {lake.name}"
        elif lake.seal(segment) != journal.read_seal(path):
            names[journal.identity(path)] = f"differs from its copy in {lake.name}"
    return names


def _segments(directory: Path) -> list[Path]:
    return [path for stream in journal.STREAMS for path in journal.segments(directory, stream)]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
