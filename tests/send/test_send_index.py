"""The index of what was attempted: it only spares reading, whatever state it is in."""

from __future__ import annotations

import fcntl
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from support.records import answer, attempt, message
from support.sending import HEADER, TEMPLATE, write_csv

from rmanalytics import journal
from rmanalytics.errors import JournalError
from rmanalytics.send import attempt_index, attempts, index_file, resend, row_ids
from rmanalytics.send import batch as batches
from rmanalytics.send.attempt_index import AttemptIndex
from rmanalytics.send.batch import Batch
from rmanalytics.send.batch_file import open_source
from rmanalytics.send.index_file import Keys
from rmanalytics.send.rows import Defaults

N_SEGMENTS = 4
N_EACH = 1_200  # more than one page
MARKS = ("0197a1b2c3d", "0197a1b2c3e")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def fill(directory: Path, prefix: str = "m") -> None:
    """Closed segments of both streams, each about messages of its own."""
    for segment in range(N_SEGMENTS):
        ids = [f"{prefix}{segment}-{n}" for n in range(N_EACH)]
        with journal.Writer(directory, journal.MESSAGES) as writer:
            writer.append(journal.line(message(one, body=f"Hi {one}")) for one in ids)
        with journal.Writer(directory, journal.SUBMISSIONS) as writer:
            given = answer(f"a{segment}", **{one: f"gw-{one}" for one in ids})
            writer.append(map(journal.line, [attempt(f"a{segment}", *ids), given]))


def keys(*ids: str) -> Keys:
    """What a batch of these messages looks for."""
    query = "SELECT (md5_number(unnest($ids)) >> 64)::UBIGINT AS key"
    return np.unique(duckdb.execute(query, {"ids": list(ids)}).fetchnumpy()["key"]).astype(np.uint64)


def to_read(home: Path, *ids: str) -> list[str]:
    """The segments that a send of these messages reads, each as its stream and number."""
    index = attempts.indexed(home / "journal")
    found = []
    for stream in (journal.MESSAGES, journal.SUBMISSIONS):
        everything = list(map(journal.identity, journal.segments(home / "journal", stream)))
        for path in index.speaking_of(stream, keys(*ids)):
            found.append(f"{stream} {everything.index(journal.identity(path))}")
    return found


def foreign(home: Path) -> None:
    """Put another journal's index in place."""
    other = home / "other"
    fill(other / "journal", "o")
    to_read(other, "o")
    (other / attempt_index.NAME).replace(home / attempt_index.NAME)


def cut(share: float) -> Callable[[Path], None]:
    """Leave a part of the index."""

    def mangle(home: Path) -> None:
        data = (home / attempt_index.NAME).read_bytes()
        (home / attempt_index.NAME).write_bytes(data[: int(len(data) * share)])

    return mangle


def flip(home: Path) -> None:
    """Change some bytes of the index anywhere."""
    data = bytearray((home / attempt_index.NAME).read_bytes())
    for place in random.Random(1).sample(range(len(data)), 20):
        data[place] ^= 0x55
    (home / attempt_index.NAME).write_bytes(data)


def swap(home: Path) -> None:
    """Exchange the keys of segments, each with the right head."""
    data = (home / attempt_index.NAME).read_bytes()
    size = len(data) // (2 * N_SEGMENTS)
    blocks = [data[start : start + size] for start in range(0, len(data), size)]
    swapped = [one[:512] + blocks[-place - 1][512:] for place, one in enumerate(blocks)]
    (home / attempt_index.NAME).write_bytes(b"".join(swapped))


MANGLED: dict[str, Callable[[Path], None]] = {
    "as it was left": lambda home: None,
    "missing": lambda home: (home / attempt_index.NAME).unlink(),
    "empty": cut(0),
    "torn in a head": cut(0.501),
    "torn in keys": cut(0.95),
    "changed bytes": flip,
    "keys of other segments": swap,
    "of another journal": foreign,
    "no index at all": lambda home: (home / attempt_index.NAME).write_text("<html>" * 1000),
}


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
def test_a_doubtful_index_is_made_again(tmp_path: Path, mangle: Callable[[Path], None]) -> None:
    """Whatever became of the file, the segments that speak of a message are read, and soon no others."""
    fill(tmp_path / "journal")
    to_read(tmp_path, "m0-0")
    mangle(tmp_path)
    assert {"messages 2", "submissions 2"} <= set(to_read(tmp_path, "m2-7"))
    to_read(tmp_path, *(f"m{segment}-{n}" for segment in range(N_SEGMENTS) for n in range(N_EACH)))
    for _ in range(2):
        assert to_read(tmp_path, "m0-1", "m3-1") == [
            "messages 0", "messages 3", "submissions 0", "submissions 3",
        ]  # fmt: skip
        assert to_read(tmp_path, "new") == []


def append(path: Path) -> None:
    """Write behind the seal."""
    with path.open("ab") as file:
        file.write(journal.line(attempt("a9", "new")))


def edit(path: Path) -> None:
    """Change an id into another of its length."""
    path.write_bytes(path.read_bytes().replace(b"m1-7", b"new7"))


CHANGED: dict[str, Callable[[Path], Any]] = {
    "lines came behind its seal": append,
    "it was torn": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "it was edited": edit,
    "it was copied": lambda path: os.utime(path),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_changed_segment_is_looked_at_again(tmp_path: Path, change: Callable[[Path], Any]) -> None:
    """What a segment holds now counts, not what was known of it; lines that are no records keep it in sight."""
    fill(tmp_path / "journal")
    to_read(tmp_path, "m0-0")
    change(journal.segments(tmp_path / "journal", journal.SUBMISSIONS)[1])
    is_found = change is not CHANGED["it was copied"]
    for _ in range(2):
        assert to_read(tmp_path, "new", "new7") == (["submissions 1"] if is_found else [])


def test_a_segment_without_a_seal_is_read_until_it_is_old(tmp_path: Path) -> None:
    """Somebody may still write a segment that was not closed; after an hour it is indexed like others."""
    fill(tmp_path / "journal")
    path = journal.segments(tmp_path / "journal", journal.SUBMISSIONS)[1]
    path.with_name(f"{path.name}.seal").unlink()
    assert to_read(tmp_path, "new") == ["submissions 1"]
    os.utime(path, (0, path.stat().st_mtime - 7200))
    assert to_read(tmp_path, "new") == []
    assert to_read(tmp_path, "m1-7") == ["messages 1", "submissions 1"]


def test_a_compressed_segment_is_not_indexed_again(tmp_path: Path) -> None:
    """Compressing keeps what a segment says and when it was written, so its keys stay; others come to it as well."""
    fill(tmp_path / "journal")
    to_read(tmp_path, "m0-0")
    size = (tmp_path / attempt_index.NAME).stat().st_size
    for stream in (journal.MESSAGES, journal.SUBMISSIONS):
        for path in journal.segments(tmp_path / "journal", stream):
            assert journal.compress(path)
    assert to_read(tmp_path, "m2-7") == ["messages 2", "submissions 2"]
    assert (tmp_path / attempt_index.NAME).stat().st_size == size
    (tmp_path / attempt_index.NAME).unlink()
    assert to_read(tmp_path, "m2-7") == ["messages 2", "submissions 2"]


def test_what_is_gone_leaves_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a purge the file is rewritten as soon as most of it is about segments that are gone."""
    monkeypatch.setattr(attempt_index, "GROUP_BYTES", 0)
    fill(tmp_path / "journal")
    to_read(tmp_path, "m0-0")
    size = (tmp_path / attempt_index.NAME).stat().st_size
    for path in (tmp_path / "journal").iterdir():
        path.unlink()
    fill(tmp_path / "journal", "n")
    assert to_read(tmp_path, "n1-1") == ["messages 1", "submissions 1"]
    assert (tmp_path / attempt_index.NAME).stat().st_size == size


def test_a_line_that_is_no_record_is_always_refused(tmp_path: Path) -> None:
    """A segment with such a line is never left out, so that every send goes on to refuse it."""
    with journal.Writer(tmp_path / "journal", journal.SUBMISSIONS) as writer:
        writer.append([journal.line(attempt("a1", "m1")), b"rubbish\n"])
    for _ in range(2):
        with taken(tmp_path, ROWS[:1]) as batch, pytest.raises(JournalError, match="1 unreadable line"):
            attempts.consult(batch, attempts.indexed(tmp_path / "journal"), "simulator")


def test_killed_while_indexing_goes_on_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each group of segments is kept when it is made; progress says how many bytes are left."""
    monkeypatch.setattr(attempt_index, "GROUP_BYTES", 0)
    fill(tmp_path / "journal")
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == N_SEGMENTS:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempts.indexed(tmp_path / "journal", stop)
    assert len(index_file.read(tmp_path / attempt_index.NAME)[0]) == N_SEGMENTS // 2
    rest: list[tuple[int, int]] = []
    attempts.indexed(tmp_path / "journal", lambda done, total: rest.append((done, total)))
    assert rest[0][1] == rest[-1][0] == told[0][1] - told[-1][0]
    assert len(index_file.read(tmp_path / attempt_index.NAME)[0]) == 2 * N_SEGMENTS


def test_where_no_index_can_be_kept_it_is_made_each_time(tmp_path: Path) -> None:
    """A place that cannot be written costs time only."""
    fill(tmp_path / "journal")
    (tmp_path / attempt_index.NAME).mkdir()
    for _ in range(2):
        assert to_read(tmp_path, "m2-7") == ["messages 2", "submissions 2"]


def test_while_another_process_writes_the_index_nothing_is_written(tmp_path: Path) -> None:
    """Two sends at a time (one a dry run) do not mix their blocks; what is not kept is known all the same."""
    fill(tmp_path / "journal")
    with (tmp_path / attempt_index.NAME).open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert to_read(tmp_path, "m2-7") == ["messages 2", "submissions 2"]
        assert not (tmp_path / attempt_index.NAME).stat().st_size
    assert to_read(tmp_path, "m2-7") == ["messages 2", "submissions 2"]
    assert (tmp_path / attempt_index.NAME).stat().st_size


def test_no_file_in_place_is_ever_cut(tmp_path: Path) -> None:
    """A torn file is replaced, not shortened: another process may be looking at it."""
    fill(tmp_path / "journal")
    to_read(tmp_path, "m0-0")
    cut(0.95)(tmp_path)
    size = (tmp_path / attempt_index.NAME).stat().st_size
    with (tmp_path / attempt_index.NAME).open("rb") as seen:
        assert to_read(tmp_path, "m2-7") == ["messages 2", "submissions 2"]
        assert os.fstat(seen.fileno()).st_size == size
        assert not os.path.samestat(os.fstat(seen.fileno()), (tmp_path / attempt_index.NAME).stat())


FIRST: dict[str, tuple[Sequence[Sequence[bytes]], str | None]] = {
    "no journal": ([], None),
    "only an empty segment": ([[]], None),
    "behind an empty segment": ([[], [journal.line(message("m1"))]], "simulator"),
    "behind lines that are no messages": (
        [
            [
                b"rubbish\n",
                b"[1]\n",
                b"{}\n",
                journal.line(message("m1", gateway=None)),
                journal.line(message("m2")),
            ]
        ],
        "simulator",
    ),
    "behind many of them": ([[b"{}\n"] * 40_000 + [journal.line(message("m1"))]], "simulator"),
    "the oldest counts": (
        [[journal.line(message("m1", gateway="route_mobile"))], [journal.line(message("m2"))]],
        "route_mobile",
    ),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
@pytest.mark.parametrize("segments, gateway", FIRST.values(), ids=FIRST)
def test_the_gateway_of_the_first_message(
    tmp_path: Path, segments: Sequence[Sequence[bytes]], gateway: str | None, packed: bool
) -> None:
    """What a home is for is read from the first line that says it, whatever stands before it."""
    for number, lines in enumerate(segments):
        (tmp_path / "journal").mkdir(exist_ok=True)
        path = tmp_path / "journal" / f"messages-20260101T00000000000{number}Z-00000000.jsonl"
        path.write_bytes(b"".join(lines))
        if packed and lines:
            journal.compress(path)
    assert attempts.first_gateway(attempts.indexed(tmp_path / "journal")) == gateway


ROWS: Sequence[dict[str, str]] = [
    {"msisdn": f"91980000{n:04d}", "body": f"Code {n}", "campaign_id": "otp é" if n % 2 else "a 1"}
    for n in range(8)
]
GIVEN = [f"own{n}" for n in range(4)]


def _made(row: dict[str, str]) -> str:
    columns = ([row["msisdn"]], [row["campaign_id"]], [row["body"]])
    made: str = row_ids.made(*(pa.array(values, pa.string()) for values in columns))[0].as_py()
    return made


@contextmanager
def taken(home: Path, rows: Sequence[dict[str, str]]) -> Iterator[Batch]:
    """A batch file of rows, as checked."""
    file = write_csv(home / "batch.csv", [row | {"template_id": TEMPLATE, "header": HEADER} for row in rows])
    with batches.read(open_source(file), Defaults(entity_id="1101000000000000001"), home) as batch:
        assert not batch.faults.n_rows
        yield batch


def _plan(chance: random.Random, batch_id: str) -> dict[str, Any]:
    """A planned message under an id of today, of old, of a resend, or of the file."""
    row = chance.choice(ROWS)
    made = _made(row) + chance.choice(["", "", "-2"])
    ids = [
        made,
        f"{batch_id}-{chance.randint(2, 9)}",
        f"{made}-r{chance.choice(MARKS)}",
        chance.choice(GIVEN),
    ]
    gateway = chance.choice(["simulator"] * 9 + ["route_mobile"])
    return message(chance.choice(ids), batch_id=batch_id, gateway=gateway, **row)


def _answer(chance: random.Random, attempt_id: str, ids: Sequence[str]) -> dict[str, Any]:
    said = answer(attempt_id, **dict.fromkeys(ids, "gw"))
    for one in said["responses"]:
        one["result"] = chance.choice(["accepted", "refused", "unclear", "unsent"])
    return said


def _random_journal(directory: Path, chance: random.Random, batch_ids: Sequence[str]) -> None:
    """Some more segments: planned, some of that attempted, some of that answered, perhaps elsewhere."""
    planned = [_plan(chance, chance.choice(batch_ids)) for _ in range(chance.randint(1, 6))]
    with journal.Writer(directory, journal.MESSAGES) as writer:
        writer.append(map(journal.line, planned))
    ids = [one["message_id"] for one in chance.sample(planned, chance.randint(1, len(planned)))]
    attempt_id, lines = f"a{chance.random()}", []
    lines.append(attempt(attempt_id, *ids))
    if chance.random() < 0.7:
        lines.append(_answer(chance, attempt_id, ids[: chance.randint(1, len(ids))]))
    for part in (lines[:1], lines[1:]) if chance.random() < 0.3 else (lines,):
        with journal.Writer(directory, journal.SUBMISSIONS) as writer:
            writer.append(map(journal.line, part))


def _change(directory: Path, chance: random.Random) -> None:
    """Compress a segment, or leave it as a killed writer does."""
    path = chance.choice(journal.segments(directory, chance.choice([journal.MESSAGES, journal.SUBMISSIONS])))
    if path.name.endswith(".jsonl") and path.stat().st_size:
        if chance.random() < 0.5:
            journal.compress(path)
        else:
            path.with_name(f"{path.name}.seal").unlink(missing_ok=True)


def _known(batch: Batch, index: AttemptIndex, *, retry_refused: bool) -> dict[str, Any]:
    found = asdict(attempts.consult(batch, index, "simulator", retry_refused=retry_refused))
    return found | {name: found[name].tolist() for name in ("done", "planned")}


def _rows(chance: random.Random) -> list[dict[str, str]]:
    """A batch with and without ids of its own, with repetitions."""
    plain = [chance.choice(ROWS) for _ in range(chance.choice([1, 1, 2, 6]))]
    given = [
        chance.choice(ROWS) | {"message_id": chance.choice(GIVEN)} for _ in range(chance.choice([0, 1, 3]))
    ]
    return plain + given


def test_law_with_the_index_all_is_known_as_without_it(tmp_path: Path) -> None:
    """For any journal and batch, with ids of today, of old and of resends, the index changes nothing that is known."""
    chance = random.Random(7)
    seen: Counter[str] = Counter()
    for step in range(50):
        home = tmp_path / f"home{step // 5}"
        home.mkdir(exist_ok=True)
        with taken(home, _rows(chance)) as batch:
            for _ in range(chance.randint(1, 4)):
                _random_journal(
                    home / "journal", chance, [batch.batch_id, "m0123456789abcdef0123", "another"]
                )
            _change(home / "journal", chance)
            seen.update(_compared(batch, home / "journal", retry_refused=chance.random() < 0.5))
    assert min(seen.values()) > 0, seen


def _compared(batch: Batch, directory: Path, *, retry_refused: bool) -> dict[str, int]:
    """What there was to see, the same with the index and without."""
    index, everything = attempts.indexed(directory), attempt_index.without(directory)
    found = attempts.rounds(batch, index)
    assert found == attempts.rounds(batch, everything)
    for suffix in (f"-r{MARKS[0]}", ""):
        batch.suffix = suffix
        known = _known(batch, index, retry_refused=retry_refused)
        assert known == _known(batch, everything, retry_refused=retry_refused)
    left_out = set(everything.speaking_of(journal.MESSAGES, keys("x"))) - set(
        index.speaking_of(journal.MESSAGES, keys("x"))
    )
    seen = {name: bool(value) for name, value in known.items()}
    return seen | {
        "left out": len(left_out),
        "rounds": len(found),
        "partly": sum(not one[2] for one in found),
    }


def test_rounds_see_the_rows_of_others(tmp_path: Path) -> None:
    """A round is whole for a batch only if no row of another one is in it, wherever that was planned."""
    for row in ROWS[:2]:
        with journal.Writer(tmp_path / "journal", journal.MESSAGES) as writer:
            writer.append([journal.line(message(f"{_made(row)}-r{MARKS[0]}", batch_id="b", **row))])
    for n_rows, is_whole in ((1, False), (2, True)):
        with taken(tmp_path, ROWS[:n_rows]) as batch:
            index = attempts.indexed(tmp_path / "journal")
            assert attempts.rounds(batch, index) == [(MARKS[0], "b", is_whole)]
            found = resend.begin(batch, index, tmp_path, NOW, retry_refused=False)
            assert (found.mark, "b" in found.batches) == (MARKS[0], is_whole)
