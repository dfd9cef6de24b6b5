"""Sealed segments into a lake: whole or not at all, each once, whatever dies, and nothing local goes before."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from support.command import run
from support.records import callback

from rmanalytics import config, journal, lake, purge
from rmanalytics.errors import LakeFault
from rmanalytics.ingest.run import ingest

Host = Callable[[str], config.Settings]
Closed = Callable[..., Path]
SEGMENT = "journal/callbacks/a/"


def lines(n: int = 500) -> list[dict[str, Any]]:
    return [callback(sMessageId=f"gw-{number}") for number in range(n)]


def content(path: Path) -> bytes:
    return b"".join(journal.blocks(path))


def shipped(url: str) -> dict[str, bytes]:
    """The content of each whole segment of a lake, by its name; each fits its seal."""
    place, found = lake.open_lake(url), {}
    for segment in place.segments():
        with place.store.filesystem.open_input_stream(
            f"{place.store.root}/{segment.path}", compression="zstd"
        ) as stream:
            found[segment.name] = stream.read()
        assert journal.measure(iter([found[segment.name]])) == place.seal(segment)
    return found


def test_all_closed_segments_are_shipped_once(url: str, host: Host, closed: Closed) -> None:
    """Plain, compressed, left by a killed writer: each is there as it is here, and a second run does nothing."""
    home = host("a")
    paths = [closed(home, stream, *lines()) for stream in journal.STREAMS for _ in range(2)]
    journal.compress(paths[0])
    (unsealed := paths[1]).with_name(f"{unsealed.name}.seal").unlink()
    first = lake.ship(home, url)
    assert (first.n_segments, first.n_there, first.faults) == (6, 0, {})
    assert shipped(url) == {path.name: content(path) for path in paths}
    again = lake.ship(home, url)
    assert (again.n_segments, again.n_there) == (0, 6)
    assert journal.verify(home.journal_dir) == {}


def test_the_layout(tmp_path: Path, host: Host, closed: Closed) -> None:
    """A folder of the lake reads like a journal; nothing else lies there."""
    path = closed(host("a"), journal.CALLBACKS, *lines())
    lake.ship(host("a"), str(tmp_path / "lake"))
    found = sorted(
        str(one.relative_to(tmp_path / "lake")) for one in (tmp_path / "lake").rglob("*") if one.is_file()
    )
    names = [f"{SEGMENT}{path.name}.seal", f"{SEGMENT}{path.name}.zst"]
    assert found == ["hosts/a.json", *names, "lake.json"]
    assert journal.verify(tmp_path / "lake" / SEGMENT) == {}
    assert orjson.loads((tmp_path / "lake" / "lake.json").read_bytes())["format"] == lake.FORMAT


def test_what_is_written_waits(tmp_path: Path, host: Host, closed: Closed) -> None:
    """An open segment is counted and left; the empty one of a killed writer is no segment."""
    home, url = host("a"), str(tmp_path / "lake")
    closed(home, journal.CALLBACKS, *lines())
    (home.journal_dir / "callbacks-20250101T000000000000Z-00000000.jsonl").touch()
    with journal.Writer(home.journal_dir, journal.CALLBACKS) as writer:
        writer.append([b"{}\n"])
        done = lake.ship(home, url)
    assert (done.n_segments, done.n_open, done.faults) == (1, 1, {})
    assert lake.ship(home, url).n_segments == 1


def test_a_damaged_segment_is_named(tmp_path: Path, host: Host, closed: Closed) -> None:
    """What has changed since it was sealed stays here, the others are shipped, and the exit code says so."""
    home, url = host("a"), str(tmp_path / "lake")
    bad, good = closed(home, journal.CALLBACKS, *lines()), closed(home, journal.CALLBACKS, *lines())
    bad.write_bytes(bad.read_bytes().replace(b"gw-7", b"gw-8"))
    done = run(
        "lake", "ship", "--lake", url, "--home", str(home.home), cwd=tmp_path, RMANALYTICS_LAKE_HOST="a"
    )
    assert (done.returncode, list(shipped(url))) == (2, [good.name])
    assert f"{bad.name}: not shipped: its content has changed" in done.stdout


def test_half_a_segment_is_none(url: str, host: Host, closed: Closed) -> None:
    """Content without a seal is not there for anybody, and the next run puts it right."""
    home = host("a")
    path = closed(home, journal.CALLBACKS, *lines())
    lake.ship(home, url)
    store = lake.open_lake(url).store
    store.filesystem.delete_file(f"{store.root}/{SEGMENT}{path.name}.seal")
    with store.filesystem.open_output_stream(
        f"{store.root}/{SEGMENT}{path.name}.zst", compression=None
    ) as sink:
        sink.write(b"half")
    found = lake.lake_status(home, lake.open_lake(url), datetime.now(UTC))
    assert (shipped(url), found.n_unsealed, found.lag.n_sealed) == ({}, 1, 1)
    assert lake.ship(home, url).n_segments == 1
    assert shipped(url) == {path.name: content(path)}


def test_two_shippers_of_one_home(url: str, host: Host, closed: Closed) -> None:
    """At once from the very first moment, they leave what one would."""
    home = host("a")
    paths = [closed(home, journal.CALLBACKS, *lines(50)) for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: lake.ship(home, url), range(4)))
    assert [one.faults for one in done] == [{}] * 4
    assert shipped(url) == {path.name: content(path) for path in paths}


def test_two_homes_with_one_name(url: str, host: Host, closed: Closed) -> None:
    """The second home is refused with the fix, and with a name of its own both are there."""
    first, second = host("a"), host("b").model_copy(update={"lake_host": "a"})
    for home in (first, second):
        closed(home, journal.CALLBACKS, *lines(5))
    lake.ship(first, url)
    with pytest.raises(LakeFault, match=r"another home ships as a \(machine .+\): set RMANALYTICS_LAKE_HOST"):
        lake.ship(second, url)
    lake.ship(host("b"), url)
    assert lake.open_lake(url).hosts() == ["a", "b"]
    assert len(shipped(url)) == 2


def test_a_home_with_nothing_takes_no_name(tmp_path: Path, host: Host, closed: Closed) -> None:
    """A run in the wrong folder neither makes a home there nor takes the host's name away from the right one."""
    url, wrong = str(tmp_path / "lake"), host("wrong").model_copy(update={"lake_host": "a"})
    assert lake.ship(wrong, url).n_segments == 0
    assert not wrong.home.exists()
    closed(host("a"), journal.CALLBACKS, *lines(5))
    assert lake.ship(host("a"), url).n_segments == 1


def test_a_share_that_is_not_mounted(tmp_path: Path, host: Host, closed: Closed) -> None:
    """Where the lake was there is an empty folder: nothing is shipped into it, and purge removes nothing."""
    home, share = host("a"), tmp_path / "share"
    closed(home, journal.CALLBACKS, *lines(5))
    share.mkdir()
    lake.ship(home, str(share))
    share.rename(tmp_path / "elsewhere")
    share.mkdir()
    with pytest.raises(LakeFault, match="there is no lake"):
        lake.ship(home, str(share))
    assert list(share.iterdir()) == []


_SHIP = """
import sys
from pathlib import Path
from rmanalytics import config, lake
print("begun", flush=True)
lake.ship(config.load(home=Path(sys.argv[1]), lake_host="a"), sys.argv[2])
"""


@pytest.mark.parametrize("n_kills", [5])
def test_a_killed_shipper(url: str, host: Host, closed: Closed, n_kills: int) -> None:
    """Killed at random moments, what is in the lake is whole, nothing local is missing, and the last run ends it."""
    home, chance = host("a"), random.Random(7)
    paths = [closed(home, journal.CALLBACKS, *lines(2_000)) for _ in range(60)]
    expected = {path.name: content(path) for path in paths}
    killed = 0
    for _ in range(n_kills):
        command = [sys.executable, "-c", _SHIP, str(home.home), url]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.4))
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
        if killed and lake.open_lake(url, create=True):
            assert shipped(url).items() <= expected.items()
    assert killed
    lake.ship(home, url)
    assert shipped(url) == expected
    assert not list(home.journal_dir.glob("*.part")) + list(home.journal_dir.glob(".*"))


def test_what_a_killed_shipper_left_goes(tmp_path: Path, host: Host, closed: Closed) -> None:
    """A hidden part of a file in a lake's folder is removed an hour later; a young one may be another shipper's."""
    home, url = host("a"), str(tmp_path / "lake")
    closed(home, journal.CALLBACKS, *lines(5))
    lake.ship(home, url)
    old, young = (tmp_path / "lake" / SEGMENT / f".{name}.part" for name in ("old", "young"))
    for part in (old, young):
        part.touch()
    os.utime(old, (1, 1))
    closed(home, journal.CALLBACKS, *lines(5))
    lake.ship(home, url)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.fixture
def aged(host: Host, closed: Closed, tmp_path: Path) -> config.Settings:
    """A home with a lake, and one old segment that is taken in."""
    home = host("a").model_copy(update={"lake": str(tmp_path / "lake")})
    path = closed(home, journal.CALLBACKS, *lines(5))
    ingest(home)
    os.utime(path, (1e9, 1e9))
    return home


BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def test_purge_keeps_what_was_not_shipped(aged: config.Settings) -> None:
    """Where a lake is set, a segment goes only when it is there; without one as ever."""
    assert aged.lake
    (name,) = (journal.identity(path) for path in journal.segments(aged.journal_dir, journal.CALLBACKS))
    assert purge.plan(aged, BEFORE).kept == {name: f"not shipped to {aged.lake}"}
    assert not Path(aged.lake).exists()
    assert len(purge.plan(aged.model_copy(update={"lake": None}), BEFORE).paths) == 1
    lake.ship(aged, aged.lake)
    plan = purge.plan(aged, BEFORE)
    assert (len(plan.paths), plan.kept) == (1, {})
    purge.purge(aged, plan)
    assert list(shipped(aged.lake)) == [name]


def test_purge_keeps_what_differs_in_the_lake(aged: config.Settings, tmp_path: Path) -> None:
    """A segment whose seal in the lake says something else stays here."""
    assert aged.lake
    lake.ship(aged, aged.lake)
    (seal,) = (tmp_path / "lake").rglob("*.seal")
    seal.write_bytes(seal.read_bytes().replace(b'"n_lines":5', b'"n_lines":6'))
    (reason,) = purge.plan(aged, BEFORE).kept.values()
    assert reason == f"differs from its copy in {aged.lake}"


def test_purge_without_an_answer(aged: config.Settings, tmp_path: Path, in_s3: str) -> None:
    """A lake that is away stops a purge before anything is removed."""
    lake.ship(aged, in_s3)
    away = {"RMANALYTICS_LAKE": in_s3, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    done = run("purge", "--older-than", "9d", "--yes", "--home", str(aged.home), cwd=tmp_path, **away)
    assert (done.returncode, "no answer" in done.stderr, "secret" in done.stderr) == (4, True, False), (
        done.stderr
    )
    assert len(journal.segments(aged.journal_dir, journal.CALLBACKS)) == 1


def test_shipping_goes_on_until_told_to_stop(tmp_path: Path, host: Host, closed: Closed) -> None:
    """`--follow` ships what is sealed meanwhile, and SIGTERM ends it after one more look."""
    home, url = host("a"), str(tmp_path / "lake")
    closed(home, journal.CALLBACKS, *lines(5))
    command = [
        sys.executable,
        "-m",
        "rmanalytics",
        "lake",
        "ship",
        "--follow",
        "--every",
        "3600",
        "--lake",
        url,
    ]
    with subprocess.Popen([*command, "--home", str(home.home)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        timer = threading.Timer(60, process.kill)
        timer.start()
        assert "1 segment" in process.stdout.readline()
        closed(home, journal.CALLBACKS, *lines(5))
        process.terminate()
        said = process.stdout.read()
        timer.cancel()
    assert ("1 segment" in said, process.returncode, len(shipped(url))) == (True, 0, 2)
