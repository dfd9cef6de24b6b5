"""The journal: what was appended is on disk, whole lines come back, and a failure tells everybody."""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmanalytics import journal
from rmanalytics.errors import JournalError
from rmanalytics.journal import CALLBACKS, GroupCommit, Writer, read_chunk

LINES = {
    "a record": ({"id": "a", "n": 1}, b'{"id":"a","n":1}\n'),
    "UTC times": (
        {"at": datetime(2025, 1, 15, 5, 30, 0, 7, tzinfo=UTC)},
        b'{"at":"2025-01-15T05:30:00.000007Z"}\n',
    ),
    "a newline inside is escaped": ({"body": "a\nb"}, b'{"body":"a\\nb"}\n'),
    "text stays UTF-8": ({"body": "नमस्ते"}, '{"body":"नमस्ते"}\n'.encode()),
}


@contextmanager
def file_size_limit(n_bytes: int) -> Iterator[None]:
    """Let the kernel refuse to grow a file beyond `n_bytes`, as a full disk would; Python ignores SIGXFSZ."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents(directory: Path) -> list[bytes]:
    """What each segment holds, oldest first."""
    return [path.read_bytes() for path in journal.segments(directory, CALLBACKS)]


@pytest.mark.parametrize("record, expected", LINES.values(), ids=LINES)
def test_line(record: object, expected: bytes) -> None:
    """A record is one line of JSON."""
    assert journal.line(record) == expected


def test_append_is_readable_at_once(tmp_path: Path) -> None:
    """What append returned for is in the segment, in order."""
    with Writer(tmp_path, CALLBACKS) as writer:
        writer.append([b"1\n", b"2\n"])
        writer.append([b"3\n"])
        assert contents(tmp_path) == [b"1\n2\n3\n"]


def test_segments_rotate_by_size(tmp_path: Path) -> None:
    """A segment that has reached its size is followed by another, and the names sort by age."""
    with Writer(tmp_path, CALLBACKS, segment_bytes=4) as writer:
        for part in ([b"1\n", b"2\n"], [b"3\n"], [b"4\n"], [b"5\n"]):
            writer.append(part)
    assert contents(tmp_path) == [b"1\n2\n", b"3\n4\n", b"5\n"]


def test_writers_share_a_directory_not_a_segment(tmp_path: Path) -> None:
    """Two writers of one stream never touch each other's lines."""
    with Writer(tmp_path, CALLBACKS) as one, Writer(tmp_path, CALLBACKS) as other:
        for n in range(3):
            one.append([b"one%d\n" % n])
            other.append([b"other%d\n" % n])
    assert sorted(contents(tmp_path)) == [b"one0\none1\none2\n", b"other0\nother1\nother2\n"]


def test_a_failed_append_leaves_nothing(tmp_path: Path) -> None:
    """Lines that did not fit are taken back whole, earlier ones stay, and the writer recovers by itself."""
    with Writer(tmp_path, CALLBACKS) as writer:
        writer.append([b"kept\n"])
        with file_size_limit(8):
            for _ in range(3):
                with pytest.raises(JournalError, match="File too large: nothing was written"):
                    writer.append([b"too long\n"])
        writer.append([b"after\n"])
    assert contents(tmp_path) == [b"kept\n", b"after\n"]


def test_a_reader_ahead_of_a_failure_misses_nothing(tmp_path: Path) -> None:
    """After a failure lines go to a new segment, so an offset behind the taken back lines stays right."""
    with Writer(tmp_path, CALLBACKS) as writer:
        writer.append([b"1\n"])
        first = writer.path
        with file_size_limit(8), pytest.raises(JournalError):
            writer.append([b"whole\n", b"torn\n"])
        writer.append([b"2\n"])
        assert first is not None
        assert (first.read_bytes(), writer.path != first) == (b"1\n", True)


def commit_all(commit: GroupCommit, lines: list[bytes]) -> list[BaseException | None]:
    """What each of the lines, committed at once, came to."""

    async def run() -> list[BaseException | None]:
        return await asyncio.gather(*map(commit.commit, lines), return_exceptions=True)

    return asyncio.run(run())


def test_waiting_lines_share_one_sync(tmp_path: Path) -> None:
    """All that wait together are one group, observed with its lines, its bytes and a time."""
    groups: list[tuple[int, int, float]] = []
    commit = GroupCommit(Writer(tmp_path, CALLBACKS), observe=lambda *group: groups.append(group))
    lines = [b"%03d\n" % n for n in range(100)]
    assert commit_all(commit, lines) == [None] * 100
    assert [group[:2] for group in groups] == [(100, 400)]
    assert groups[0][2] > 0
    assert contents(tmp_path) == [b"".join(lines)]


def test_lines_that_come_during_a_sync_are_the_next_group(tmp_path: Path) -> None:
    """Nobody waits for a later group than the next one, and order is kept."""
    groups: list[int] = []
    commit = GroupCommit(Writer(tmp_path, CALLBACKS), observe=lambda n, *_: groups.append(n))

    async def run() -> None:
        first = asyncio.create_task(commit.commit(b"1\n"))
        while commit.n_waiting or not commit.n_pending:
            await asyncio.sleep(0)
        await asyncio.gather(first, *(commit.commit(b"%d\n" % n) for n in (2, 3, 4)))

    asyncio.run(run())
    assert (groups, contents(tmp_path)) == ([1, 3], [b"1\n2\n3\n4\n"])


def test_pending_is_counted_until_settled(tmp_path: Path) -> None:
    """Lines and bytes count from the call to the answer, the group under way included."""
    commit = GroupCommit(Writer(tmp_path, CALLBACKS))

    async def run() -> list[tuple[int, int, int]]:
        seen = [(commit.n_pending, commit.n_waiting, commit.pending_bytes)]
        tasks = [asyncio.create_task(commit.commit(b"12\n")) for _ in range(2)]
        await asyncio.sleep(0)
        seen.append((commit.n_pending, commit.n_waiting, commit.pending_bytes))
        await asyncio.gather(*tasks)
        return [*seen, (commit.n_pending, commit.n_waiting, commit.pending_bytes)]

    assert asyncio.run(run()) == [(0, 0, 0), (2, 2, 6), (0, 0, 0)]


def test_a_failure_reaches_everybody_and_ends(tmp_path: Path) -> None:
    """Each of a failed group hears of it, and the next group succeeds once the cause is gone."""
    directory = tmp_path / "journal"
    directory.write_text("a file where the folder should be")
    commit = GroupCommit(Writer(directory, CALLBACKS))
    failed = commit_all(commit, [b"1\n", b"2\n", b"3\n"])
    assert [(type(error), str(error)) for error in failed] == [
        (JournalError, f"{directory}: File exists: nothing was written; free or repair the disk")
    ] * 3
    directory.unlink()
    assert commit_all(commit, [b"4\n"]) == [None]
    assert contents(directory) == [b"4\n"]


def test_an_unforeseen_failure_leaves_nobody_waiting(tmp_path: Path) -> None:
    """Even an error that is no OSError is told to those who wait."""
    commit = GroupCommit(Writer(tmp_path, CALLBACKS))
    failed = commit_all(commit, ["no bytes"])  # type: ignore[list-item]
    assert [type(error) for error in failed] == [JournalError]
    assert commit_all(commit, [b"1\n"]) == [None]


def test_a_caller_that_leaves_disturbs_nobody(tmp_path: Path) -> None:
    """A cancelled caller's line is written, and its neighbours are answered."""
    commit = GroupCommit(Writer(tmp_path, CALLBACKS))

    async def run() -> None:
        leaving, staying = (asyncio.create_task(commit.commit(line)) for line in (b"1\n", b"2\n"))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying
        assert leaving.cancelled()

    asyncio.run(run())
    assert contents(tmp_path) == [b"1\n2\n"]


def test_close_waits_for_what_is_under_way(tmp_path: Path) -> None:
    """Lines that were given before close are durable after it."""
    commit = GroupCommit(Writer(tmp_path, CALLBACKS))

    async def run() -> None:
        task = asyncio.create_task(commit.commit(b"1\n"))
        await asyncio.sleep(0)
        await commit.close()
        assert contents(tmp_path) == [b"1\n"]
        await task

    asyncio.run(run())


CHUNKS = {
    "empty": (b"", 0, [], 0),
    "whole lines": (b"a\nb\n", 0, ["a\n", "b\n"], 4),
    "a torn last line waits": (b"a\nb", 0, ["a\n"], 2),
    "only a torn line": (b"torn", 0, [], 0),
    "from an offset": (b"a\nb\n", 2, ["b\n"], 4),
    "an offset at the end": (b"a\n", 2, [], 2),
    "an offset beyond the end": (b"a\n", 9, [], 9),
    "empty lines stay": (b"\n\na\n", 0, ["\n", "\n", "a\n"], 4),
    "no UTF-8, byte for byte": (b"a\xff\xfe\nb\n", 0, ["a??\n", "b\n"], 6),
    "a cut character": ("é".encode()[:1] + b"\n", 0, ["?\n"], 2),
    "UTF-8": ("नमस्ते\n".encode(), 0, ["नमस्ते\n"], 19),
}


@pytest.mark.parametrize("data, offset, lines, next_offset", CHUNKS.values(), ids=CHUNKS)
def test_read_chunk(tmp_path: Path, data: bytes, offset: int, lines: list[str], next_offset: int) -> None:
    """Whole lines come back with the offset behind them."""
    path = tmp_path / "segment.jsonl"
    path.write_bytes(data)
    chunk = read_chunk(path, offset)
    assert (chunk.lines.to_pylist(), chunk.next_offset) == (lines, next_offset)


def test_a_line_longer_than_the_limit(tmp_path: Path) -> None:
    """A line is never split, however small the chunks are."""
    path = tmp_path / "segment.jsonl"
    path.write_bytes(b"short\n" + b"x" * 5_000 + b"\nend\n")
    assert read_all(path, limit=100) == [b"short\n", b"x" * 5_000 + b"\n", b"end\n"]


def read_all(path: Path, limit: int) -> list[bytes]:
    """The lines of a segment, read chunk after chunk; each chunk's starts are checked against the file."""
    data, lines, offset = path.read_bytes(), list[bytes](), 0
    while len((chunk := read_chunk(path, offset, limit)).lines):
        read = [text.encode() for text in chunk.lines.to_pylist()]
        starts = (chunk.starts() + offset).tolist()
        assert [len(line) for line in read] == [
            end - start for start, end in zip(starts, [*starts[1:], chunk.next_offset], strict=True)
        ]
        assert all(data[start - 1 : start] in (b"", b"\n") for start in starts)
        lines, offset = lines + read, chunk.next_offset
    assert chunk.next_offset == offset
    return lines


@given(
    lines=st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b""))),
    torn=st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")),
    limit=st.integers(1, 60),
)
def test_chunks_make_up_the_segment(lines: list[bytes], torn: bytes, limit: int) -> None:
    """Any bytes in any chunk size: every whole line once, in order, as long as it was, UTF-8 untouched."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "segment.jsonl")
        path.write_bytes(b"".join(line + b"\n" for line in lines) + torn)
        read = read_all(path, limit)
        assert journal.tail_bytes(path, sum(map(len, read))) == len(torn)
    assert [len(line) for line in read] == [len(line) + 1 for line in lines]
    assert [line for line in read if b"?" not in line] == [
        line + b"\n" for line in lines if b"?" not in line and is_utf8(line)
    ]


def is_utf8(line: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_segments_are_those_of_the_stream(tmp_path: Path) -> None:
    """Only the stream's own segments are listed, oldest first; none before there is a journal."""
    assert journal.segments(tmp_path / "none", CALLBACKS) == []
    for name in ("callbacks-2.jsonl", "callbacks-1.jsonl", "messages-1.jsonl", "callbacks-3.txt"):
        os.close(os.open(tmp_path / name, os.O_CREAT))
    assert [path.name for path in journal.segments(tmp_path, CALLBACKS)] == [
        "callbacks-1.jsonl",
        "callbacks-2.jsonl",
    ]
