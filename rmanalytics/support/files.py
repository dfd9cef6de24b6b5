"""What a path is before it is opened: opening a pipe waits for ever, and some devices never end."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from rmanalytics.errors import BadInput

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def no_file(path: Path) -> str | None:
    """Return what a path is instead of a file; None for a file, for the null device, and where nothing is.

    >>> no_file(Path("/dev/zero")), no_file(Path("/dev/null")), no_file(Path("/tmp"))
    ('a device, not a file', None, 'a folder, not a file')
    """
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    if stat.S_ISCHR(found.st_mode) and os.path.samestat(found, Path(os.devnull).stat()):
        return None
    return next((f"{kind}, not a file" for is_kind, kind in _KINDS if is_kind(found.st_mode)), None)


def refuse_other(option: str, path: Path, begins: bytes, home: Path) -> None:
    """Raise BadInput where an output has the place of the home, or of a file that does not begin as that does.

    It may be an input, a database, a segment of the journal, or anything else that is not to be lost.
    """
    if path.absolute() in (home.absolute(), *home.absolute().parents):
        raise BadInput(f"{option} {path}: is the place of the home: name a file")
    try:
        with path.open("rb") if path.is_file() else nullcontext(None) as file:
            found = file.read(len(begins)) if file else b""
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be written: {error.strerror}") from None
    if found and found != begins:
        raise BadInput(f"{option} {path}: is another file, which would be lost: name a new one")


def unwritable_log(path: str) -> str | None:
    """Return why nothing can be added to a file, None where it can; nothing is made."""
    file = Path(path)
    if what := no_file(file):
        return f"is {what}"
    try:
        if not file.parent.is_dir():
            return "no such folder"
        return None if os.access(file if file.exists() else file.parent, os.W_OK) else "not writable"
    except (OSError, ValueError) as error:
        return str(error)
