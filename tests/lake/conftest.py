"""A lake in a folder and in an S3 server, and homes of two hosts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.storages import BUCKET, S3

from rmanalytics import config, journal


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A running S3 server; one for all tests of a process."""
    server = S3(folder=tmp_path_factory.mktemp("s3"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def in_s3(s3: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a lake in the S3 server, with credentials in the environment."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{secrets.token_hex(4)}/sms"


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a lake that is not there yet: each test with it runs with a folder and with an S3 server."""
    if request.param == "s3":
        return str(request.getfixturevalue("in_s3"))
    return str(tmp_path / "lake")


Host = Callable[[str], config.Settings]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Make the settings of a host's home of its own."""
    return lambda name: config.load(home=tmp_path / name / "data", lake_host=name, collect_token="t0ken")


@pytest.fixture
def closed() -> Callable[..., Path]:
    """Write records as a closed segment of a home."""

    def write(settings: config.Settings, stream: str, *records: Any) -> Path:
        with journal.Writer(settings.journal_dir, stream) as writer:
            writer.append([one if isinstance(one, bytes) else journal.line(one) for one in records])
            assert writer.path is not None
            return writer.path

    return write
