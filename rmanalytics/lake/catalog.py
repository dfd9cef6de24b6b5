"""What is in a lake: its format, the hosts, their segments."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import IO, Any

import orjson

from rmanalytics import journal
from rmanalytics.errors import LakeFault
from rmanalytics.lake.store import Retrying, Store, store

FORMAT = 1
"""Raised when what is written can no longer be read by an older version."""

_VERSION = "lake.json"
_JOURNAL = "journal"
_HOSTS = "hosts"


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSegment:
    """A whole segment of the lake: its stream, the host that shipped it, its name, its bytes there."""

    stream: str
    host: str
    name: str
    n_packed: int

    @property
    def path(self) -> str:
        """Return where its content is, below the lake's root."""
        return f"{_JOURNAL}/{self.stream}/{self.host}/{self.name}{journal.COMPRESSED}"

    @property
    def seal_path(self) -> str:
        """Return where its seal is, below the lake's root."""
        return f"{_JOURNAL}/{self.stream}/{self.host}/{self.name}{journal.SEAL}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """A lake of a format that this version knows."""

    store: Store

    @property
    def name(self) -> str:
        """Its URL or path, without options."""
        return self.store.name

    def segments(self, host: str | None = None) -> Iterator[LakeSegment]:
        """Yield the whole segments, of all hosts or of one, in the order in which they are ingested."""
        for stream in journal.STREAMS:
            sizes = self.store.sizes(f"{_JOURNAL}/{stream}" + (f"/{host}" if host else ""))
            found = [
                LakeSegment(stream=stream, host=host_, name=name, n_packed=size)
                for path, size in sizes.items()
                if (parsed := _parsed(path, stream))
                and path.removesuffix(journal.COMPRESSED) + journal.SEAL in sizes
                for host_, name in [parsed]
            ]
            yield from sorted(found, key=lambda one: (one.name, one.host))

    def seal(self, segment: LakeSegment) -> journal.Seal:
        """Return the seal of a segment; raise LakeFault for one that cannot be read."""
        data = self.store.read(segment.seal_path)
        try:
            return journal.Seal(**orjson.loads(data or b""))
        except (orjson.JSONDecodeError, TypeError):
            raise LakeFault(
                f"{self.name}/{segment.seal_path}: the seal is damaged: remove it, then ship from {segment.host} again"
            ) from None

    def hosts(self) -> list[str]:
        """Return the names under which homes ship."""
        names = self.store.sizes(_HOSTS, deep=False)
        return sorted(
            name.removeprefix(f"{_HOSTS}/").removesuffix(".json") for name in names if name.endswith(".json")
        )

    def host(self, name: str) -> dict[str, Any] | None:
        """Return what a home wrote down of itself under a host's name; None where nobody has."""
        return _object(self.store.read(f"{_HOSTS}/{name}.json"), f"{self.name}/{_HOSTS}/{name}.json")

    def note_host(self, name: str, about: dict[str, Any]) -> None:
        """Write down who ships under a host's name."""
        with _file(orjson.dumps(about, option=orjson.OPT_APPEND_NEWLINE)) as file:
            self.store.write(f"{_HOSTS}/{name}.json", file)

    def write_seal(self, segment: LakeSegment, seal: journal.Seal) -> None:
        """Write a seal: from now on the segment is there."""
        with _file(orjson.dumps(asdict(seal), option=orjson.OPT_APPEND_NEWLINE)) as file:
            self.store.write(segment.seal_path, file)


def open_lake(url: str, *, create: bool = False, retrying: Retrying | None = None) -> Lake:
    """Return the lake of a path or URL, made where there is none and `create` says so.

    Raises LakeFault for a place that is no lake, cannot be used or is of a newer version, LakeUnavailable for one
    that does not answer.
    """
    place = store(url, retrying)
    there = place.sizes(
        "", deep=False
    )  # what an object store refuses is named in the answer to a listing only
    data = place.read(_VERSION) if _VERSION in there else None
    if data is None and not create:
        raise LakeFault(f"{place.name}: there is no lake: check the URL; `rmanalytics lake ship` makes one")
    if data is None:
        place.prepare()
        _write_version(place)
    else:
        _check_version(place.name, data)
    return Lake(store=place)


def _write_version(place: Store) -> None:
    about = {"format": FORMAT, "made_by": "rmanalytics", "made_at": datetime.now(UTC)}
    with _file(journal.line(about)) as file:
        place.write(_VERSION, file)


def _check_version(name: str, data: bytes) -> None:
    found = _object(data, f"{name}/{_VERSION}") or {}
    if not isinstance(found.get("format"), int):
        raise LakeFault(f"{name}/{_VERSION}: says no format: this is no lake of rmanalytics: check the URL")
    if found["format"] > FORMAT:
        raise LakeFault(
            f"{name}: the lake has format {found['format']}, this version knows {FORMAT}: upgrade rmanalytics here"
        )


def _object(data: bytes | None, where: str) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise LakeFault(f"{where}: is damaged: restore it from a copy, or check the URL")
    return found


def _parsed(path: str, stream: str) -> tuple[str, str] | None:
    """Return host and name of a path below the root; None for what is no segment of the stream."""
    parts = path.split("/")
    is_one = (
        len(parts) == 4
        and parts[3].startswith(f"{stream}-")
        and parts[3].endswith(f".jsonl{journal.COMPRESSED}")
    )
    return (parts[2], parts[3].removesuffix(journal.COMPRESSED)) if is_one else None


@contextmanager
def _file(data: bytes) -> Iterator[IO[bytes]]:
    """Yield a file with a small content."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file
