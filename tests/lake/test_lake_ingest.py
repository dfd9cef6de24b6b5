"""The segments of all hosts out of a lake: the same relations as from one journal, each once, whatever happens."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.command import run
from support.database import content, rows
from support.records import answer, attempt, callback, message

from rmanalytics import config, journal, lake, purge
from rmanalytics.errors import BadInput, LakeFault
from rmanalytics.ingest.from_lake import ingest_lake
from rmanalytics.ingest.run import ingest
from rmanalytics.support.lock import exclusive

Host = Callable[[str], config.Settings]
Closed = Callable[..., Path]
N_PARTS, N_EACH = 6, 40
STATUSES = ("DELIVRD", "UNDELIV", "ENROUTE", "EXPIRED")


def two_hosts(first: config.Settings, second: config.Settings, closed: Closed) -> None:
    """One sends, both get callbacks: shuffled over hosts and segments, repeated, of the other host's messages."""
    chance = random.Random(14)
    spread: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for part in range(N_PARTS):
        ids = {f"m{part}-{n}": f"gw-{part}-{n}" for n in range(N_EACH)}
        numbers = {name: f"9198{part:02}{n:06}" for n, name in enumerate(ids)}
        for name, number in numbers.items():
            spread.setdefault(("messages", part), []).append(message(name, msisdn=number))
        closed(first, journal.SUBMISSIONS, attempt(f"a{part}", *ids), answer(f"a{part}", **ids))
        for name, theirs in ids.items():
            for _ in range(chance.choice([0, 1, 1, 2, 3])):
                said = {"sMessageId": theirs, "sMobileNo": numbers[name], "sStatus": chance.choice(STATUSES)}
                for _repeated in range(chance.choice([1, 1, 2])):
                    place = (chance.choice("ab"), chance.randrange(N_PARTS))
                    spread.setdefault(place, []).append(callback(**said))
    for (name, part), records in spread.items():
        chance.shuffle(records)
        if name == "messages":
            closed(first, journal.MESSAGES, *records)
        else:
            stray = [callback(sMessageId=f"nobody-{name}{part}"), b"no record\n", callback(sStatus="NEWWORD")]
            closed({"a": first, "b": second}[name], journal.CALLBACKS, *records, *stray)


@pytest.fixture
def hosts(host: Host, closed: Closed) -> list[config.Settings]:
    """Two hosts with their journals, nothing shipped yet."""
    made = [host("a"), host("b")]
    two_hosts(*made, closed)
    return made


@pytest.fixture
def together(tmp_path: Path, hosts: list[config.Settings]) -> dict[str, Any]:
    """The relations of both journals in one home."""
    home = config.load(home=tmp_path / "together" / "data")
    for one in hosts:
        shutil.copytree(one.journal_dir, home.journal_dir, dirs_exist_ok=True)
    ingest(home)
    return content(home)


@pytest.fixture
def reader(tmp_path: Path) -> config.Settings:
    """The home that reads the lake."""
    return config.load(home=tmp_path / "reader" / "data")


def test_it_equals_one_journal(
    url: str, hosts: list[config.Settings], together: dict[str, Any], reader: config.Settings
) -> None:
    """Every row of every relation is that of both journals on one machine; again changes nothing."""
    for one in hosts:
        lake.ship(one, url)
    done = ingest_lake(reader, url)
    assert (done.unreadable, done.n_messages, done.n_malformed) == (
        {},
        N_PARTS * N_EACH,
        12,
    )
    assert content(reader) == together
    assert together["dlrs"] and together["submissions"]
    again = ingest_lake(reader, url)
    assert (again.n_bytes, content(reader) == together) == (0, True)
    assert not list((reader.home / ".lake" / "segments").iterdir())
    assert not reader.journal_dir.exists() or not list(reader.journal_dir.iterdir())


ORDERS = {"the sender first": (0, 1), "the sender last": (1, 0)}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_late_host(
    tmp_path: Path,
    hosts: list[config.Settings],
    together: dict[str, Any],
    reader: config.Settings,
    order: tuple[int, int],
) -> None:
    """Segments that come when newer ones are in, as of a host that was dead, are taken in as well."""
    url = str(tmp_path / "lake")
    for place in order:
        lake.ship(hosts[place], url)
        assert ingest_lake(reader, url).n_bytes > 0
    found = content(reader)
    assert {name: found[name] == together[name] for name in together} == dict.fromkeys(together, True)


def test_small_batches(
    tmp_path: Path, hosts: list[config.Settings], together: dict[str, Any], reader: config.Settings
) -> None:
    """Where little may be here at once, every segment has its turn."""
    url = str(tmp_path / "lake")
    for one in hosts:
        lake.ship(one, url)
    folder = tmp_path / "few"
    folder.mkdir()
    for batch in lake.fetched(lake.open_lake(url), {}, {}, folder, batch_bytes=1):
        assert (len(batch.wholes), len(list(folder.glob("*.zst")))) == (1, 1)
        ingest(reader, folders=[folder])
    assert content(reader) == together


def test_a_home_that_ships_and_reads(
    tmp_path: Path, hosts: list[config.Settings], together: dict[str, Any], closed: Closed
) -> None:
    """Its own segments, taken in here before, or in part, and shipped by two names, count once."""
    url, (first, second) = str(tmp_path / "lake"), hosts
    ingest(first, chunk_bytes=20_000)
    for one in (first, second, first.model_copy(update={"lake_host": "renamed"})):
        lake.ship(one, url)
    ingest_lake(first, url)
    assert content(first) == together


def test_a_segment_that_was_taken_in_while_it_was_written(
    tmp_path: Path, host: Host, reader: config.Settings
) -> None:
    """What a home took in of an open segment is not taken in again when the rest comes from the lake."""
    home, url = host("a"), str(tmp_path / "lake")
    with journal.Writer(home.journal_dir, journal.CALLBACKS) as writer:
        writer.append([journal.line(callback())])
        ingest(home)
        writer.append([journal.line(callback())])
    lake.ship(home, url)
    shutil.rmtree(home.journal_dir)
    assert ingest_lake(home, url).n_callbacks == 1
    assert ingest_lake(home, url).n_callbacks == 0
    assert rows(home, "SELECT count(*), count(DISTINCT callback_id) FROM callbacks") == [(2, 2)]


def test_a_seal_that_does_not_fit(url: str, host: Host, closed: Closed, reader: config.Settings) -> None:
    """A segment whose content or seal was changed in the lake is named with its fix, and the others are taken in."""
    home = host("a")
    paths = [closed(home, journal.CALLBACKS, callback()) for _ in range(4)]
    lake.ship(home, url)
    store = lake.open_lake(url).store

    def put(name: str, data: bytes) -> None:
        place = f"{store.root}/journal/callbacks/a/{name}"
        with store.filesystem.open_output_stream(place, compression=None) as sink:
            sink.write(data)

    packed = [journal.compress(path) for path in paths]
    assert packed[3]
    put(f"{paths[0].name}.zst", packed[3].read_bytes())
    put(f"{paths[1].name}.zst", packed[3].read_bytes()[:-7])
    put(f"{paths[2].name}.seal", b"{half")
    done = ingest_lake(reader, url)
    assert (done.n_callbacks, sorted(done.unreadable)) == (1, sorted(path.name for path in paths[:3]))
    for name in (paths[0].name, paths[1].name):
        assert (
            "does not fit its seal: remove both from the lake, and a ships it again" in done.unreadable[name]
        )
    assert "the seal is damaged: remove it" in done.unreadable[paths[2].name]
    for path in paths[:3]:
        store.filesystem.delete_file(f"{store.root}/journal/callbacks/a/{path.name}.seal")
    lake.ship(home, url)
    assert (ingest_lake(reader, url).n_callbacks, ingest_lake(reader, url).unreadable) == (3, {})


_INGEST = """
import sys
from pathlib import Path
from rmanalytics import config
from rmanalytics.ingest.from_lake import ingest_lake
settings = config.load(home=Path(sys.argv[1]))
print("begun", flush=True)
ingest_lake(settings, sys.argv[2])
"""


def test_killed_it_takes_everything_in_once(
    tmp_path: Path, hosts: list[config.Settings], together: dict[str, Any], reader: config.Settings
) -> None:
    """Killed at random moments and then left alone, it has every row once."""
    url, chance, killed = str(tmp_path / "lake"), random.Random(3), 0
    for one in hosts:
        lake.ship(one, url)
    for _ in range(5):
        command = [sys.executable, "-c", _INGEST, str(reader.home), url]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 1))
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
    assert killed
    ingest_lake(reader, url)
    assert content(reader) == together


def test_two_at_once(tmp_path: Path, host: Host, closed: Closed, reader: config.Settings) -> None:
    """Of two that read a lake into one home, the second says so."""
    closed(host("a"), journal.CALLBACKS, callback())
    lake.ship(host("a"), url := str(tmp_path / "lake"))
    ingest_lake(reader, url)
    with (
        exclusive(reader.home / ".lake" / "lock"),
        pytest.raises(LakeFault, match="another ingest reads the lake"),
    ):
        ingest_lake(reader, url)


def test_purge_in_a_home_that_reads(
    tmp_path: Path, hosts: list[config.Settings], reader: config.Settings
) -> None:
    """Rows whose evidence is in the lake only are not lost by a purge: it says where to purge."""
    for one in hosts:
        lake.ship(one, str(tmp_path / "lake"))
    ingest_lake(reader, str(tmp_path / "lake"))
    with pytest.raises(BadInput, match="that a lake holds, not this home: purge the homes that ship"):
        purge.plan(reader, purge.datetime.now(purge.UTC))


def test_the_command(tmp_path: Path, hosts: list[config.Settings], reader: config.Settings) -> None:
    """`ingest --lake` loads all hosts; RMANALYTICS_LAKE alone, which ships, changes nothing of `ingest`."""
    url = str(tmp_path / "lake")
    for one in hosts:
        lake.ship(one, url)
    home = ("--home", str(reader.home))
    alone = run("ingest", *home, cwd=tmp_path, RMANALYTICS_LAKE=url)
    asked = run("ingest", *home, "--lake", url, cwd=tmp_path)
    assert (alone.returncode, "0 messages" in alone.stdout) == (0, True)
    assert (asked.returncode, f"{N_PARTS * N_EACH} messages" in asked.stdout) == (0, True), asked.stderr
