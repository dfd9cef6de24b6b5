"""Text files of any usual encoding: recognised, never guessed where bytes may be damaged."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rmanalytics.errors import BadInput

LONGEST_LINE = 64 << 20
"""Bytes beyond which a line is not read into memory; no message comes near it."""

_PIECE = 4 << 20
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_NAMES = {**{name: name[:6].upper() for name in _WIDE.values()}, "cp1252": "Windows-1252"}
_NAMED = 64
"""Bytes at the start of a file which are ASCII in any encoding: the names of columns."""

_DAMAGED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")


def recognise(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the file's encoding, and what to say about it where it is no UTF-8.

    Raises BadInput, naming line and fix, when the bytes are of no encoding or a line is absurdly long.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    encoding = next((name for mark, name in _WIDE.items() if head.startswith(mark)), None) or _by_zeros(head)
    if encoding:
        _check(path, encoding)
    else:
        encoding = _utf8_or_windows(path)
    notes = () if encoding == "utf-8-sig" else (f"read as {_NAMES[encoding]}",)
    return encoding, notes


def open_text(path: Path, encoding: str, at: int = 0) -> IO[str]:
    """Return the file opened as text, line ends kept, behind a byte order mark or from byte `at` on."""
    file = path.open(encoding=encoding, newline="")
    if at:
        file.seek(at)
    elif encoding in _WIDE.values() and file.read(1) != "\ufeff":
        file.seek(0)
    return file


def _by_zeros(head: bytes) -> str | None:
    """Return the wide encoding that text without a mark seems to be in: of ASCII it leaves the same bytes zero."""
    head = head[:_NAMED]
    for width, names in ((4, ("utf-32-le", "utf-32-be")), (2, ("utf-16-le", "utf-16-be"))):
        n = len(head) // width
        zeros = [head[place : n * width : width].count(0) for place in range(width)]
        for name, used in zip(names, (0, width - 1), strict=True):
            others = zeros[:used] + zeros[used + 1 :]
            if n * width > 8 and not zeros[used] and min(others) > n // 2:
                return name
    return None


def _utf8_or_windows(path: Path) -> str:
    try:
        return _check(path, "utf-8-sig")
    except UnicodeDecodeError:
        pass
    n_damaged = n_foreign = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for piece in _pieces(path):
        text = decoder.decode(piece)
        n_damaged, n_foreign = (
            n_damaged + len(_DAMAGED.findall(text)),
            n_foreign + len(_FOREIGN.findall(text)),
        )
    try:
        if n_foreign < n_damaged:  # else it is UTF-8 in which bytes are damaged
            return _check(path, "cp1252")
    except UnicodeDecodeError:
        pass
    raise BadInput(f"{path}: line {_undecodable(path)}: is not UTF-8: save the file as CSV UTF-8")


def _check(path: Path, encoding: str) -> str:
    """Return the encoding; raise UnicodeDecodeError when the file is not in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in _pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if encoding in _WIDE.values():
            raise BadInput(f"{path}: is damaged {_NAMES[encoding]}: save the file as CSV UTF-8") from None
        raise
    return encoding


def _pieces(path: Path) -> Iterator[bytes]:
    n_open, n_lines = 0, 1
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
            n_open = n_open + len(piece) if end < 0 else len(piece) - end
            n_lines += max(piece.count(b"\n"), piece.count(b"\r"))
            if n_open > LONGEST_LINE:
                raise BadInput(
                    f"{path}: line {n_lines}: is longer than {LONGEST_LINE >> 20} MiB: "
                    "check that the file is a table of messages"
                )
            yield piece


def _undecodable(path: Path) -> int:
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        return next((number for number, line in enumerate(file, 1) if _DAMAGED.search(line)), 1)
