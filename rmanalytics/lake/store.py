"""Where the lake's bytes lie: a folder, or an object store through pyarrow; each file there is whole or not at all."""

from __future__ import annotations

import mmap
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
from pyarrow import fs

from rmanalytics import journal
from rmanalytics.errors import LakeFault, LakeUnavailable
from rmanalytics.lake.faults import fault
from rmanalytics.support.literal import from_here

PATIENCE_S = 60.0
"""How long a storage that does not answer is tried again: more than a restart takes."""

CONNECT_S, SILENCE_S = 5.0, 20.0
_BLOCK = 4 << 20
_STALE_S = 3600.0
_PART = ".part"
_OTHERS = ("gs", "gcs", "abfs", "abfss", "hdfs")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """Tries again, after longer and longer waits, while a storage does not answer; `waiting` hears why."""

    seconds: float = PATIENCE_S
    first_s: float = 0.5
    longest_s: float = 10.0
    waiting: Callable[[str], None] = lambda _why: None
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def call(self, action: Callable[[], Result]) -> Result:
        """Return what the action returns; raise LakeUnavailable when the time is up, any other error at once."""
        deadline, wait_s = self.clock() + self.seconds, self.first_s
        while True:
            try:
                return action()
            except LakeUnavailable as error:
                if self.clock() + wait_s > deadline:
                    raise
                self.waiting(str(error))
            self.sleep(wait_s)
            wait_s = min(2 * wait_s, self.longest_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Files by their path below the lake's root; every error is a LakeFault that names the lake."""

    name: str
    root: str
    filesystem: Any
    retrying: Retrying = field(default_factory=Retrying)

    @property
    def key(self) -> str:
        """What names the place on this host, wherever a command is run."""
        return self.root if self.is_local else self.name

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return isinstance(self.filesystem, fs.LocalFileSystem)

    def read(self, path: str) -> bytes | None:
        """Return a small file; None where there is none."""

        def action() -> bytes | None:
            try:
                with self.filesystem.open_input_stream(self._place(path), compression=None) as stream:
                    return bytes(stream.read())
            except FileNotFoundError:
                return None

        return self._do(path, action)

    def sizes(self, under: str, *, deep: bool = True) -> dict[str, int]:
        """Return the files below a folder with their sizes in bytes; none where there is no such folder."""
        selector = fs.FileSelector(self._place(under), allow_not_found=True, recursive=deep)
        found = self._do(under, lambda: self.filesystem.get_file_info(selector))
        start = len(self.root.rstrip("/")) + 1
        return {info.path[start:]: info.size for info in found if info.is_file}

    def size(self, path: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        n_bytes: int | None = self._do(path, lambda: self.filesystem.get_file_info(self._place(path))).size
        return n_bytes

    def times(self, under: str) -> dict[str, float]:
        """Return the files below a folder with when they were written, in seconds since 1970."""
        selector = fs.FileSelector(self._place(under), allow_not_found=True, recursive=True)
        found = self._do(under, lambda: self.filesystem.get_file_info(selector))
        start = len(self.root.rstrip("/")) + 1
        return {info.path[start:]: (info.mtime_ns or 0) / 1e9 for info in found if info.is_file}

    def measure(self, path: str) -> journal.Seal:
        """Return the seal of a compressed file's content, read from the lake."""

        def action() -> journal.Seal:
            with self.filesystem.open_input_stream(self._place(path), compression="zstd") as stream:
                return journal.measure(_blocks(stream))

        return self._do(path, action)

    def download(self, path: str, target: Path) -> None:
        """Write a file of the lake to a local path."""

        def action() -> None:
            with (
                self.filesystem.open_input_stream(self._place(path), compression=None) as stream,
                target.open("wb") as file,
            ):
                for block in _blocks(stream):
                    file.write(block)

        self._do(path, action)

    def write(self, path: str, content: IO[bytes]) -> None:
        """Put a local file's whole content there in one step, over what is there."""
        self._do(path, lambda: self._write(path, content))

    def prepare(self) -> None:
        """Make the lake's folder, or see that its bucket is there; raise LakeFault where neither can be."""
        if not self.is_local:
            bucket = self.root.partition("/")[0]
            if self._do("", lambda: self.filesystem.get_file_info(bucket)).type == fs.FileType.NotFound:
                raise LakeFault(f"{self.name}: there is no bucket {bucket}: create it, or correct the URL")
        elif not Path(self.root).parent.is_dir():
            raise LakeFault(f"{self.name}: there is no folder {Path(self.root).parent}: mount or make it")
        else:
            self._do("", lambda: Path(self.root).mkdir(exist_ok=True))

    def _write(self, path: str, content: IO[bytes]) -> None:
        content.seek(0)
        if self.is_local:
            _write_durably(Path(self._place(path)), content)
            return
        with self.filesystem.open_output_stream(self._place(path), compression=None) as sink:
            if os.fstat(content.fileno()).st_size:  # one call: Ctrl-C between two would complete half a file
                sink.write(pa.py_buffer(mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ)))

    def _place(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path}".rstrip("/")

    def _do(self, path: str, action: Callable[[], Result]) -> Result:
        def reported() -> Result:
            try:
                return action()
            except (OSError, pa.ArrowException) as error:
                raise fault(f"{self.name.rstrip('/')}/{path}".rstrip("/"), error) from None

        return self.retrying.call(reported)


def _blocks(stream: Any) -> Iterator[bytes]:
    return iter(lambda: bytes(stream.read(_BLOCK)), b"")


def _write_durably(target: Path, content: IO[bytes]) -> None:
    """Write beside the target and give it its name when it is on disk; killed, a hidden file is left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target.parent)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_PART}")
    try:
        with part.open("wb") as file:
            shutil.copyfileobj(content, file, _BLOCK)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_stale(folder: Path) -> None:
    """Remove what killed writers left more than an hour ago."""
    for part in folder.glob(f".*{_PART}"):
        with suppress(OSError):
            if part.stat().st_mtime < time.time() - _STALE_S:
                part.unlink()


def store(url: str, retrying: Retrying | None = None) -> Store:
    """Return the store of a path or URL, nothing asked of it yet; raise LakeFault for a URL that is none.

    Credentials, profile and endpoint (AWS_ENDPOINT_URL) come from the environment, as AWS's own tools read them.
    """
    scheme, mark, _ = url.partition("://")
    shown, retrying = url.partition("?")[0].rstrip("/") or url, retrying or Retrying()
    if not mark or scheme == "file":
        root = from_here(url.removeprefix("file://"))
        return Store(name=shown, root=root, filesystem=fs.LocalFileSystem(), retrying=retrying)
    if scheme == "s3":
        return Store(
            name=shown,
            root=_s3_root(url),
            filesystem=retrying.call(lambda: _s3(url, shown)),
            retrying=retrying,
        )
    if scheme not in _OTHERS:
        raise LakeFault(f"{shown}: {scheme}:// is not known: use a folder, s3://, gs:// or abfss://")
    try:
        filesystem, root = fs.FileSystem.from_uri(url)
    except (OSError, pa.ArrowException, NotImplementedError) as error:
        raise fault(shown, error) from None
    return Store(name=shown, root=root, filesystem=filesystem, retrying=retrying)


def _s3_root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _s3(url: str, shown: str) -> fs.S3FileSystem:
    """Return the file system; a region that nobody gave is asked of AWS, where the bucket is there."""
    parts = urlsplit(url)
    if not parts.netloc:
        raise LakeFault(f"{url}: names no bucket: write it as s3://bucket/lake")
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    endpoint = given.get("endpoint_override") or _variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    scheme, _, address = endpoint.rpartition("://")
    region = given.get("region") or _variable("AWS_REGION", "AWS_DEFAULT_REGION")
    try:
        if not (region or address or os.environ.get("AWS_PROFILE")):
            region = fs.resolve_s3_region(parts.netloc)
        return fs.S3FileSystem(
            region=region or None,
            endpoint_override=address or None,
            scheme=given.get("scheme") or scheme or "https",
            connect_timeout=CONNECT_S,
            request_timeout=SILENCE_S,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=2),
        )
    except (OSError, pa.ArrowException) as error:
        raise fault(shown, error) from None


def _variable(*names: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")
