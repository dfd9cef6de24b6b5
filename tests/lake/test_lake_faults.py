"""What can be wrong with a lake: each ends in one line with cause and fix, the contract's exit code, and no secret."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.command import fresh, run
from support.records import callback
from support.storages import READER, S3

from rmanalytics import config, journal, lake
from rmanalytics.errors import LakeUnavailable

Host = Callable[[str], config.Settings]
Closed = Callable[..., Path]

SECRET = "secret-never-shown"
REFUSED = {
    "nobody listens": (
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        4,
        "no answer (could not connect to server)",
    ),
    "no such machine": (
        {"AWS_ENDPOINT_URL": "http://no-such.invalid"},
        4,
        "no answer (could not resolve hostname)",
    ),
    "a wrong secret": ({"AWS_SECRET_ACCESS_KEY": f"x-{SECRET}"}, 2, "correct AWS_ACCESS_KEY_ID"),
    "a wrong key": ({"AWS_ACCESS_KEY_ID": f"x-{SECRET}"}, 2, "correct AWS_ACCESS_KEY_ID"),
    "a token": ({"AWS_SESSION_TOKEN": f"x-{SECRET}"}, 2, "correct AWS_ACCESS_KEY_ID"),
}


@pytest.mark.parametrize("given, code, said", REFUSED.values(), ids=REFUSED)
def test_an_s3_that_refuses(
    s3: S3, in_s3: str, tmp_path: Path, given: dict[str, str], code: int, said: str
) -> None:
    """Unreachable and wrong credentials, for whoever looks."""
    done = run("lake", "status", "--lake", in_s3, cwd=tmp_path, **(s3.environment() | given))
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done.stderr
    assert in_s3 in done.stderr
    assert said in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_an_account_that_may_only_read(
    s3: S3, in_s3: str, tmp_path: Path, host: Host, closed: Closed
) -> None:
    """It reads the lake, and is refused when it ships, with the rights it lacks."""
    closed(host("a"), journal.CALLBACKS, callback())
    lake.ship(host("a"), in_s3)
    closed(host("a"), journal.CALLBACKS, callback())
    words = ("--lake", in_s3, "--home", str(host("a").home))
    environment = s3.environment(READER) | {"RMANALYTICS_LAKE_HOST": "a"}
    read = run("lake", "status", *words, cwd=tmp_path, **environment)
    written = run("lake", "ship", *words, cwd=tmp_path, **environment)
    assert (read.returncode, "1 closed segment" in read.stdout) == (0, True)
    assert (written.returncode, "access denied: check the rights" in written.stderr) == (2, True), (
        written.stderr
    )
    assert len(list(lake.open_lake(in_s3).segments())) == 1


ANSWERS = {
    "expired": (400, "ExpiredToken", 2, "the credentials have expired: renew them"),
    "a clock": (403, "RequestTimeTooSkewed", 2, "this machine's clock is wrong"),
    "another region": (301, "PermanentRedirect", 2, "the bucket is in another region"),
    "too much": (503, "SlowDown", 4, "no answer"),
    "down": (500, "InternalError", 4, "no answer"),
    "no S3": (404, "", 2, "there is no"),
}


@pytest.fixture
def answering() -> Iterator[Callable[[int, str], str]]:
    """A server that answers every request with one error of S3's; its URL."""
    servers = []

    def start(status: int, name: str) -> str:
        text = (
            f"<Error><Code>{name}</Code><Message>token {SECRET}</Message></Error>"
            if name
            else "<html>no</html>"
        )

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text.encode())

            do_HEAD = do_GET  # noqa: N815 - as the library calls it

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status, name, code, said", ANSWERS.values(), ids=ANSWERS)
def test_what_s3_answers(
    tmp_path: Path, answering: Callable[[int, str], str], status: int, name: str, code: int, said: str
) -> None:
    """Each error of S3's has its cause and fix; the storage's own text, which may hold a token, is not shown."""
    environment = {"AWS_ENDPOINT_URL": answering(status, name), "AWS_ACCESS_KEY_ID": "k", "AWS_REGION": "x"}
    environment |= {"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_EC2_METADATA_DISABLED": "true"}
    done = run("lake", "status", "--lake", "s3://b/l", cwd=tmp_path, **environment)
    assert (done.returncode, said in done.stderr, SECRET in done.stderr) == (code, True, False), done.stderr


def newer(folder: Path) -> None:
    (folder / "lake.json").write_text(json.dumps({"format": lake.FORMAT + 1}))


def damaged(folder: Path) -> None:
    (folder / "lake.json").write_text("{")


def foreign(folder: Path) -> None:
    (folder / "lake.json").write_text('{"name": "a lake of others"}')


FOLDERS = {
    "newer": (newer, f"the lake has format {lake.FORMAT + 1}, this version knows {lake.FORMAT}: upgrade"),
    "damaged": (damaged, "lake.json: is damaged"),
    "of others": (foreign, "this is no lake of rmanalytics: check the URL"),
}


@pytest.mark.parametrize("command", ["lake ship", "lake status", "ingest"])
@pytest.mark.parametrize("spoil, said", FOLDERS.values(), ids=FOLDERS)
def test_a_lake_of_others(
    tmp_path: Path, host: Host, closed: Closed, spoil: Callable[[Path], None], said: str, command: str
) -> None:
    """A lake that this version does not know is neither read nor written."""
    url = tmp_path / "lake"
    closed(host("a"), journal.CALLBACKS, callback())
    lake.ship(host("a"), str(url))
    spoil(url)
    before = sorted(url.rglob("*"))
    done = run(*command.split(), "--lake", str(url), "--home", str(host("a").home), cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert sorted(url.rglob("*")) == before


URLS = {
    "a user in it": ("s3://key:hunter2@bucket/lake", "must not hold a user or password"),
    "a key in it": ("s3://bucket/lake?secret_key=hunter2", "may have only these options"),
    "no bucket": ("s3:///lake", "names no bucket"),
    "another scheme": ("ftp://host/lake", "ftp:// is not known: use a folder, s3://, gs:// or abfss://"),
    "nothing there": ("lake", "there is no lake: check the URL"),
    "a file": ("file.txt", "check the path"),
}


@pytest.mark.parametrize("how", ["flag", "environment"])
@pytest.mark.parametrize("url, said", URLS.values(), ids=URLS)
def test_what_is_no_lake(tmp_path: Path, url: str, said: str, how: str) -> None:
    """A URL that cannot be one is refused with the fix, and a secret in it is not repeated."""
    (tmp_path / "file.txt").touch()
    words, environment = (("--lake", url), {}) if how == "flag" else ((), {"RMANALYTICS_LAKE": url})
    done = run("lake", "status", *words, cwd=tmp_path, **environment)
    assert (done.returncode, said in done.stderr, "hunter2" in done.stderr) == (2, True, False), done.stderr


def test_no_lake_is_set(tmp_path: Path) -> None:
    """Without a lake the command says how to name one."""
    done = run("lake", "ship", cwd=tmp_path)
    assert (done.returncode, "set RMANALYTICS_LAKE, or give --lake" in done.stderr) == (2, True)


NAMES = {"a path": "../x", "a blank": "a b", "hidden": ".a", "long": "a" * 101}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_host_that_names_no_folder(tmp_path: Path, name: str) -> None:
    """The host's name cannot lead out of its folder."""
    done = run("lake", "ship", "--lake", "lake", cwd=tmp_path, RMANALYTICS_LAKE_HOST=name)
    assert (done.returncode, "RMANALYTICS_LAKE_HOST: must be" in done.stderr) == (2, True), done.stderr


def test_an_empty_lake(tmp_path: Path, host: Host) -> None:
    """A lake without a segment shows what to do, and gives JSON as any."""
    lake.ship(host("a"), str(tmp_path / "lake"))
    words = ("lake", "status", "--lake", "lake", "--home", str(host("a").home))
    shown, found = run(*words, cwd=tmp_path), json.loads(run(*words, "--json", cwd=tmp_path).stdout)
    assert "nothing was shipped yet: `rmanalytics lake ship`" in shown.stdout
    assert (found["streams"], found["idle_hosts"], found["lag"]["n_sealed"]) == ([], [], 0)


@pytest.mark.parametrize("away_s", [8])
def test_a_server_that_is_away(s3: S3, in_s3: str, host: Host, closed: Closed, away_s: float) -> None:
    """A storage that is gone for a while is tried again; what is shipped then is whole, and the wait is told."""
    said: list[str] = []
    closed(host("a"), journal.CALLBACKS, callback())
    lake.ship(host("a"), in_s3)
    closed(host("a"), journal.CALLBACKS, *(callback() for _ in range(100)))
    s3.stop()
    try:
        with ThreadPoolExecutor(1) as pool:
            shipping = pool.submit(lake.ship, host("a"), in_s3, retrying=lake.Retrying(waiting=said.append))
            time.sleep(away_s)
            assert not shipping.done()
            s3.start()
            assert shipping.result(60).n_segments == 1
    finally:
        if s3.process is None:
            s3.start()
    assert said and all("no answer" in why for why in said)
    assert len(list(lake.open_lake(in_s3).segments())) == 2


def test_the_wait_has_an_end(host: Host, closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that stays away ends a run, in the time that it was given."""
    for name, value in {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "x"}.items():
        monkeypatch.setenv(name, value)
    now, waits = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    retrying = lake.Retrying(seconds=20, sleep=sleep, clock=lambda: now[0])
    with pytest.raises(LakeUnavailable):
        lake.ship(host("a"), "s3://b/l", retrying=retrying)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0]


LIGHT = ("status", "ingest", "purge --older-than 9d", "lake --help", "collect --help")


@pytest.mark.parametrize("words", LIGHT)
def test_without_a_lake_nothing_of_it_is_imported(tmp_path: Path, words: str) -> None:
    """Who has no lake does not pay for it: none of its modules is imported."""
    run("ingest", "--home", "data", cwd=tmp_path)
    done = fresh(*words.split(), "--home", "data", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "import time" in line}
    assert "rmanalytics.cli" in imported, done.stderr[-500:]
    assert {name for name in imported if name.startswith("rmanalytics.lake.")} == set()
