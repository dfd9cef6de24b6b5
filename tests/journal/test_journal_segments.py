"""The life of a segment: rotated, sealed, checked, compressed; at any moment there is one good copy."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from rmanalytics import journal
from rmanalytics.journal import CALLBACKS, Writer

LINES = [b'{"callback_id":"cb-%d"}\n' % n for n in range(2_000)]
AT = datetime(2025, 1, 15, tzinfo=UTC)


def closed(directory: Path, lines: list[bytes] = LINES) -> Path:
    """A segment whose writer has closed it."""
    with Writer(directory, CALLBACKS) as writer:
        writer.append(lines)
        assert writer.path is not None
        return writer.path


def text(path: Path) -> bytes:
    """All whole lines of a segment in either form."""
    return b"".join(line.encode() for line in journal.read_chunk(path, 0).lines.to_pylist())


def test_segments_rotate_by_age(tmp_path: Path) -> None:
    """A line that comes when the segment is old goes to the next one."""
    now = [0.0]
    with Writer(tmp_path, CALLBACKS, segment_s=60, clock=lambda: now[0]) as writer:
        for second in (0, 59, 60, 61, 500):
            now[0] = second
            writer.append([b"%d\n" % second])
    assert [text(path) for path in journal.segments(tmp_path, CALLBACKS)] == [
        b"0\n59\n",
        b"60\n61\n",
        b"500\n",
    ]


@pytest.mark.parametrize("n_later", [0, 1], ids=["then quiet", "one line later"])
def test_a_quiet_writer_closes_its_segment_by_age(tmp_path: Path, n_later: int) -> None:
    """Without another line a segment is sealed when it is old, each of those that follow likewise."""

    async def commit() -> None:
        commits = journal.GroupCommit(Writer(tmp_path, CALLBACKS, segment_s=0.2))
        await commits.commit(b"first\n")
        for n in range(n_later):
            await until(lambda n=n: len(journal.sealed(tmp_path)) > n)  # type: ignore[misc]
            await commits.commit(b"later\n")
        await until(lambda: len(journal.sealed(tmp_path)) > n_later)
        assert not any(map(journal.is_open, journal.segments(tmp_path, CALLBACKS)))
        await commits.close()

    asyncio.run(commit())
    assert [text(path) for path in journal.segments(tmp_path, CALLBACKS)] == [b"first\n", b"later\n"][
        : 1 + n_later
    ]
    assert journal.verify(tmp_path) == {}


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so, ten seconds at most."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


CLOCKS = {
    "an hour back": [AT, AT - timedelta(hours=1), AT + timedelta(seconds=1)],
    "it stands": [AT, AT, AT],
    "a year ahead and back": [AT, AT + timedelta(days=365), AT],
}


@pytest.mark.parametrize("times", CLOCKS.values(), ids=CLOCKS)
def test_names_sort_by_age_whatever_the_clock_does(tmp_path: Path, times: list[datetime]) -> None:
    """A writer's later segment sorts behind its earlier one, also when the clock stepped back."""
    clock = iter(times)
    with Writer(tmp_path, CALLBACKS, segment_bytes=1, now=lambda: next(clock)) as writer:
        for n in range(3):
            writer.append([b"%d\n" % n])
    assert [text(path) for path in journal.segments(tmp_path, CALLBACKS)] == [b"0\n", b"1\n", b"2\n"]


def test_a_closed_segment_has_its_seal(tmp_path: Path) -> None:
    """Closing records bytes, lines and checksum; a later look agrees."""
    path = closed(tmp_path, [b"a\n", b"b\n", b"torn"])
    seal = journal.read_seal(path)
    assert seal is not None
    assert (seal.n_bytes, seal.n_whole_bytes, seal.n_lines) == (8, 4, 2)
    assert journal.verify(tmp_path) == {}


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a bit": (flipped, "damaged: content has changed"),
    "cut": (cut, "bytes are left"),
    "gone": (Path.unlink, "missing, only its seal is left"),
    "packed by others": (
        lambda path: path.rename(f"{path}.gz") and None,
        ".jsonl.gz by something else: unpack it",
    ),
    "its seal": (
        lambda path: path.with_name(f"{path.name}.seal").write_bytes(b"{") and None,
        "seal is damaged",
    ),
}


@pytest.mark.parametrize("damage, said", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    """A closed segment that changed is named with what happened; its neighbour is fine; it is never compressed."""
    bad, good = closed(tmp_path), closed(tmp_path)
    damage(bad)
    faults = journal.verify(tmp_path)
    assert list(faults) == [bad.name]
    assert said in faults[bad.name]
    offsets = {path.name: 1 << 30 for path in (bad, good)}
    tidied = journal.tidy(tmp_path, offsets, older_than_s=-1, now=time.time())
    assert (tidied.n_segments, list(tidied.faults)) == (1, [bad.name] if bad.exists() else [])


@pytest.mark.parametrize("damage", [flipped, cut])
def test_damage_of_a_compressed_segment_is_named(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """Compressed or not, the content is held to the seal."""
    packed = journal.compress(closed(tmp_path))
    assert packed is not None
    damage(packed)
    assert list(journal.verify(tmp_path)) == [journal.identity(packed)]


def test_compressed_it_reads_alike(tmp_path: Path) -> None:
    """Same identity, lines, offsets and end; the file is smaller and keeps its time."""
    path = closed(tmp_path, [*LINES, b"torn"])
    os.utime(path, (1e9, 1e9))
    before = [journal.read_chunk(path, offset, 1_000) for offset in (0, len(LINES[0]), 10**6)]
    tails, size = [journal.tail_bytes(path, offset) for offset in (0, 5, 10**6)], path.stat().st_size
    packed = journal.compress(path)
    assert packed == path.with_name(f"{path.name}.zst")
    assert (journal.segments(tmp_path, CALLBACKS), journal.identity(packed)) == ([packed], path.name)
    for place in (packed, path):  # a reader may have listed it before
        after = [journal.read_chunk(place, offset, 1_000) for offset in (0, len(LINES[0]), 10**6)]
        assert [chunk.lines.to_pylist() for chunk in after] == [chunk.lines.to_pylist() for chunk in before]
        assert [journal.tail_bytes(place, offset) for offset in (0, 5, 10**6)] == tails
        assert not journal.ends_in_newline(place)
    assert (packed.stat().st_mtime, packed.stat().st_size < size / 3) == (1e9, True)
    assert journal.backlog_bytes(tmp_path, {path.name: sum(map(len, LINES))}) == len(b"torn")


def test_duckdb_reads_compressed_segments(tmp_path: Path) -> None:
    """`read_json` over the folder finds every line, compressed beside plain."""
    journal.compress(closed(tmp_path))
    closed(tmp_path, LINES[:10])
    with duckdb.connect() as connection:
        for pattern, n in (("*.jsonl.zst", 2_000), ("*.jsonl*(.zst)", 2_010), ("*.jsonl", 10)):
            if "(" in pattern:
                files = [str(path) for path in journal.segments(tmp_path, CALLBACKS)]
            else:
                files = [str(tmp_path / pattern)]
            found = connection.execute("SELECT count(callback_id) FROM read_json($files)", {"files": files})
            assert found.fetchall() == [(n,)]


def test_an_open_segment_is_left_alone(tmp_path: Path) -> None:
    """As long as its writer lives a segment is not compressed, however old it looks."""
    with Writer(tmp_path, CALLBACKS) as writer:
        writer.append(LINES)
        assert writer.path is not None
        assert journal.is_open(writer.path)
        assert journal.compress(writer.path) is None
    assert not journal.is_open(writer.path)
    assert journal.compress(writer.path) is not None


def test_only_what_is_ingested_and_old_is_compressed(tmp_path: Path) -> None:
    """A line that is not ingested yet, or a young segment, keeps it plain."""
    ingested, waiting, young = (closed(tmp_path) for _ in range(3))
    n_bytes, now = ingested.stat().st_size, time.time()
    offsets = {ingested.name: n_bytes, waiting.name: n_bytes - 1, young.name: n_bytes}
    for path in (ingested, waiting):
        os.utime(path, (now - 7200, now - 7200))
    tidied = journal.tidy(tmp_path, offsets, older_than_s=3600, now=now)
    assert (tidied.n_segments, tidied.n_bytes, tidied.faults) == (1, n_bytes, {})
    assert [path.suffix for path in journal.segments(tmp_path, CALLBACKS)] == [".zst", ".jsonl", ".jsonl"]


COMPRESS = """
import sys, pathlib
from rmanalytics import journal
print("ready", flush=True)
sys.stdin.readline()
for path in journal.segments(pathlib.Path(sys.argv[1]), journal.CALLBACKS):
    if path.suffix != ".zst":
        journal.compress(path)
"""


def test_compressing_killed_at_any_moment_leaves_one_good_copy(tmp_path: Path) -> None:
    """After SIGKILL each segment is listed once with all its lines, and the next time all are compressed."""
    draw, expected = Random(5), {}
    for n in range(60):
        lines = [b'{"n":%d,"of":%d}\n' % (line, n) for line in range(20_000)]
        expected[closed(tmp_path, lines).name] = b"".join(lines)
    for _ in range(4):
        command = [sys.executable, "-c", COMPRESS, str(tmp_path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdout.readline()
            process.stdin.write(b"\n")
            process.stdin.flush()
            time.sleep(draw.uniform(0.01, 0.15))
            process.send_signal(signal.SIGKILL)
        found = journal.segments(tmp_path, CALLBACKS)
        assert {journal.identity(path): text(path) for path in found} == expected
        assert journal.verify(tmp_path) == {}
    tidied = journal.tidy(
        tmp_path, dict.fromkeys(expected, 1 << 30), older_than_s=-1, now=time.time(), within_s=60
    )
    assert tidied.faults == {}
    assert {path.suffix for path in journal.segments(tmp_path, CALLBACKS)} == {".zst"}
    assert not list(tmp_path.glob("*.part"))
