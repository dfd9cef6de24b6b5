"""The file `sent.index`: a block for each segment of the journal, that says what a look back may find there.

A block is a head, a table with the first key and the checksum of each page, and pages of sorted keys. The head and the
table have a checksum as well, so that no more is read than the pages that a look back is about. Blocks are only ever
added; a torn one counts for nothing, nor does anything behind it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import orjson

PAGE = 512
"""Keys of a page: 4 KiB, as the machine reads them."""

_VERSION = 1
_HEAD = 256
_SUM = 4
_WORD = 8

Keys = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

_NO_BYTES: Bytes = np.empty(0, np.uint8)


class Damaged(Exception):
    """A page is not what was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The keys of a segment, and when and of how many bytes (0 when compressed) it was as they were taken from it.

    It says nothing about a segment with lines that are no records (not `is_sure`).
    """

    segment: str
    mtime_ns: int
    n_bytes: int
    is_sure: bool
    data: Bytes
    n_keys: int

    def is_of(self, stat: os.stat_result, *, is_compressed: bool) -> bool:
        """Return whether the segment is as it was; compressing keeps the time of its last line."""
        return stat.st_mtime_ns == self.mtime_ns and (is_compressed or stat.st_size == self.n_bytes)

    def may_have(self, wanted: Keys) -> bool:
        """Return whether any of the wanted keys (ascending) is among these; raise Damaged where that is unknown."""
        if not self.n_keys or not len(wanted):
            return False
        table = self.data[_HEAD : _HEAD + 2 * _WORD * _pages(self.n_keys)].view(np.uint64)
        first, sums = table[: len(table) // 2], table[len(table) // 2 :]
        pages = [self._page(number, sums) for number in _about(first, wanted)]
        found = pages[0] if len(pages) == 1 else np.concatenate(pages or [_NO_KEYS])
        return _share_one(wanted, found) if len(wanted) < len(found) else _share_one(found, wanted)

    def _page(self, number: int, sums: Keys) -> Keys:
        start = _HEAD + 2 * _WORD * len(sums) + number * PAGE * _WORD
        page = self.data[start : start + PAGE * _WORD]
        if crc32(page.data) != sums[number]:
            raise Damaged
        return page.view(np.uint64)


_NO_KEYS: Keys = np.empty(0, np.uint64)


def _pages(n_keys: int) -> int:
    return -(-n_keys // PAGE)


def _about(first: Keys, wanted: Keys) -> Iterable[int]:
    """Return the pages in which the wanted keys would be; all of them for more keys than pages have."""
    if len(first) == 1 or len(wanted) > len(first) * PAGE:
        return range(len(first))
    pages: list[int] = np.unique(np.searchsorted(first, wanted, "right")).tolist()
    return [page - 1 for page in pages if page]


def _share_one(few: Keys, many: Keys) -> bool:
    """Return whether one of a few keys is among many, which are ascending."""
    if not len(few):
        return False
    places = np.searchsorted(many, few).clip(max=len(many) - 1)
    return bool((many[places] == few).any())


def block(segment: str, stat: os.stat_result, keys: Keys | None, *, is_compressed: bool) -> Block:
    """Return the block of a segment; without keys it is one that must always be read."""
    head: dict[str, Any] = {
        "version": _VERSION,
        "segment": segment,
        "mtime_ns": stat.st_mtime_ns,
        "n_bytes": 0 if is_compressed else stat.st_size,
        "is_sure": keys is not None,
        "n_keys": 0 if keys is None else len(keys),
    }
    keys = _NO_KEYS if keys is None else keys
    pages = [keys[start : start + PAGE] for start in range(0, len(keys), PAGE)]
    table = np.array([page[0] for page in pages] + [crc32(page.tobytes()) for page in pages], np.uint64)
    text = orjson.dumps(head).ljust(_HEAD - _SUM)
    total = crc32(table.tobytes(), crc32(text)).to_bytes(_SUM, "little")
    return _read(np.frombuffer(text + total + table.tobytes() + keys.tobytes(), np.uint8))


def _read(data: Bytes) -> Block:
    """Return the block at the beginning of the bytes; raise ValueError or TypeError where none is whole."""
    text, total = data[: _HEAD - _SUM].tobytes(), data[_HEAD - _SUM : _HEAD].tobytes()
    head = orjson.loads(text)
    n_keys = int(head.pop("n_keys"))
    table_end = _HEAD + 2 * _WORD * _pages(n_keys)
    end = table_end + n_keys * _WORD
    if n_keys < 0 or len(data) < end or head.pop("version") != _VERSION:
        raise ValueError("torn, or of another version")
    if crc32(data[_HEAD:table_end].data, crc32(text)) != int.from_bytes(total, "little"):
        raise ValueError("changed")
    return Block(data=data[:end], n_keys=n_keys, **head)


def read(place: Path) -> tuple[dict[str, Block], int]:
    """Return the blocks by segment, the last of each, and how many bytes of the file are whole blocks."""
    found: dict[str, Block] = {}
    offset, data = 0, _mapped(place)
    while offset + _HEAD <= len(data):
        try:
            one = _read(data[offset:])
        except (ValueError, TypeError, KeyError, AttributeError):
            break
        found[one.segment] = one
        offset += len(one.data)
    return found, offset


def _mapped(place: Path) -> Bytes:
    """Return the file's bytes, read when they are looked at; none where there is no file that can be read."""
    with suppress(OSError, ValueError):  # an empty file cannot be mapped
        return np.asarray(np.memmap(place, dtype=np.uint8, mode="r"))
    return _NO_BYTES


def append(place: Path, n_good: int, blocks: Iterable[Block]) -> int:
    """Put blocks behind what was read of the file, and return how long it is then.

    Raises OSError where another process is writing, or has written: its blocks are as good. Nothing is synced: what
    a power failure takes is missed by its checksum.
    """
    with place.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if file.tell() != n_good:
            raise BlockingIOError
        file.writelines(one.data.data for one in blocks)
        return file.tell()


def rewrite(place: Path, blocks: Mapping[str, Block]) -> int:
    """Put a file of these blocks in the place of the one that is there, and return its length.

    No file is ever cut: another process may have it mapped.
    """
    part = place.with_name(f"{place.name}.part")
    with part.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file.fileno()), part.stat()):
            raise BlockingIOError  # by now it is the file in place
        file.truncate(0)
        file.writelines(one.data.data for one in blocks.values())
        file.flush()
        part.replace(place)
        return file.tell()
