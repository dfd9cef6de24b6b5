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
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_DAMAGED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")


def recognise(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the file's encoding, and what to say about it where it is no UTF-8.

    Raises BadInput, naming line and fix, when the bytes are of no encoding or a line is absurdly long.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    encoding = next((name for mark, name in _UTF16.items() if head.startswith(mark)), None) or _by_zeros(head)
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
    elif encoding.startswith("utf-16") and file.read(1) != "\ufeff":
        file.seek(0)
    return file


def _by_zeros(head: bytes) -> str | None:
    """Return the UTF-16 that text without a mark seems to be in: every other byte of ASCII is zero."""
    pairs = len(head) // 2
    high, low = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if pairs > 4 and max(high, low) > pairs // 2 and not min(high, low):
        return "utf-16-le" if low > high else "utf-16-be"
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
        if encoding.startswith("utf-16"):
            raise BadInput(f"{path}: is damaged UTF-16: save the file as CSV UTF-8") from None
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
