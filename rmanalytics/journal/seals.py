"""Seals: what a segment was when it was closed, so that damage done later is seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import orjson

from rmanalytics.journal.names import BLOCK, STREAMS, identity, names, open_at, segments, sync_directory

SUFFIX = ".seal"
_OTHERS = (".gz", ".bz2", ".xz", ".lz4", ".zip", ".Z", ".7z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Of a segment's content: bytes, those in whole lines, whole lines, and SHA-256 of all bytes."""

    n_bytes: int
    n_whole_bytes: int
    n_lines: int
    sha256: str


def seal_path(path: Path) -> Path:
    """Return where the seal of a segment is, whichever form the segment has.

    >>> seal_path(Path("callbacks-1.jsonl.zst")).name
    'callbacks-1.jsonl.seal'
    """
    return path.with_name(identity(path) + SUFFIX)


def write_seal(path: Path, seal: Seal) -> None:
    """Put the seal next to its segment, durable and whole or not at all; raises OSError."""
    target = seal_path(path)
    part = target.with_name(f"{target.name}.part")
    with part.open("wb") as file:
        file.write(orjson.dumps(asdict(seal), option=orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    sync_directory(target.parent)


def read_seal(path: Path) -> Seal | None:
    """Return the segment's seal, None where it has none.

    Raises OSError for a seal that cannot be read.
    """
    try:
        return Seal(**orjson.loads(seal_path(path).read_bytes()))
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, TypeError):
        raise OSError(
            f"{seal_path(path).name} is damaged: remove it to accept the segment as it is"
        ) from None


def measure(blocks: Iterator[bytes]) -> Seal:
    """Return the seal of a content that comes in blocks."""
    digest, n_bytes, n_whole, n_lines = sha256(), 0, 0, 0
    for block in blocks:
        digest.update(block)
        if ends := block.count(b"\n"):
            n_whole, n_lines = n_bytes + block.rfind(b"\n") + 1, n_lines + ends
        n_bytes += len(block)
    return Seal(n_bytes=n_bytes, n_whole_bytes=n_whole, n_lines=n_lines, sha256=digest.hexdigest())


def blocks(path: Path, limit: int | None = None) -> Iterator[bytes]:
    """Yield a segment's content, up to `limit` bytes of it; raises OSError where it is cut."""
    with open_at(path) as source:
        left = limit
        while block := source.read(BLOCK if left is None else min(left, BLOCK)):
            left = None if left is None else left - len(block)
            yield block


def fault_of(path: Path) -> str | None:
    """Return what happened to a segment since it was sealed; None where all is well, or it has no seal.

    Lines that were appended to a sealed segment are no fault: what the seal speaks of is still there.
    """
    try:
        seal = read_seal(path)
        found = measure(blocks(path, seal.n_bytes)) if seal else None
    except OSError as error:
        return error.strerror or str(error)
    if seal == found or seal is None or found is None:
        return None
    if found.n_bytes < seal.n_bytes:
        return f"damaged: only {found.n_bytes:,} of {seal.n_bytes:,} bytes are left: restore it from a copy"
    fix = f"restore it from a copy, or remove {seal_path(path).name} to accept it as it is"
    return f"damaged: content has changed since it was closed: {fix}"


def promises(path: Path, offset: int) -> bool:
    """Return whether the seal speaks of whole lines behind the offset; raises OSError for a damaged seal."""
    seal = read_seal(path)
    return seal is not None and offset < seal.n_whole_bytes


def sealed(directory: Path) -> set[str]:
    """Return the names of the segments that have a seal, there or not; no seal is read."""
    return {name.removesuffix(SUFFIX) for name in names(directory) if name.endswith(SUFFIX)}


def gone(directory: Path) -> dict[str, str]:
    """Return the segments that cannot be read from here, with what to do: `purge` takes a segment with its seal.

    Of some only the seal is left; others were packed in a way of their own, as by logrotate.
    """
    there, packed = set(), dict[str, str]()
    for path in directory.glob("*.jsonl*"):
        name, _, ending = path.name.partition(".jsonl")
        if ending.startswith(_OTHERS):
            packed[f"{name}.jsonl"] = f"packed as {path.name} by something else: unpack it"
        elif not ending.startswith(SUFFIX) and not ending.endswith(".part"):
            there.add(f"{name}.jsonl")
    missing = dict.fromkeys(sealed(directory), "missing, only its seal is left: restore it from a copy")
    return {name: what for name, what in (missing | packed).items() if name not in there}


def verify(directory: Path) -> dict[str, str]:
    """Return what is wrong with the sealed segments of a journal, by segment name; reads all of them.

    A seal whose segment is gone counts: evidence was removed by something else than `purge`.
    """
    paths = [path for stream in STREAMS for path in segments(directory, stream)]
    faults = {identity(path): fault for path in paths if (fault := fault_of(path))}
    return faults | gone(directory)
