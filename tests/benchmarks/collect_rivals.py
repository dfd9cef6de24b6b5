"""Who `collect` is measured beside: nginx with a static answer, and FastAPI with one insert per request."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
PACKAGES = ("fastapi", "uvicorn[standard]", "duckdb")
WAIT_S = 30.0

Address = tuple[str, int]

_NGINX = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port} reuseport backlog=2048; location / {{ return 200 "ok\\n"; }} }}
}}
"""

_INSERT = "INSERT INTO callbacks VALUES (?, ?, ?)"
_TABLE = "CREATE TABLE callbacks (received_at DOUBLE, query VARCHAR, body VARCHAR)"
_OPEN = {
    "SQLite": f"""
import sqlite3
connection = sqlite3.connect("callbacks.sqlite", isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=FULL")
connection.execute({_TABLE!r})
""",
    "DuckDB": f"""
import duckdb
connection = duckdb.connect("callbacks.duckdb")
connection.execute({_TABLE!r})
""",
}
_APP = f"""
import time
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
app = FastAPI()
@app.api_route("/dlr/{{gateway}}/{{token}}", methods=["GET", "POST"])
async def callback(gateway: str, token: str, request: Request) -> PlainTextResponse:
    if token != "t0ken-never-shown":
        return PlainTextResponse("", status_code=404)
    body = (await request.body()).decode()
    connection.execute({_INSERT!r}, [time.time(), request.url.query, body])
    return PlainTextResponse("ok")
"""


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[Address, int]]:
    """Two nginx processes that answer everything with a static 200; yields their address and pid."""
    folder.mkdir()
    port = _free_port()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port))
    with _running([NGINX, "-p", str(folder), "-c", str(config)], folder, port) as running:
        yield running


@contextmanager
def fastapi(kind: str, python: Path, folder: Path) -> Iterator[tuple[Address, int]]:
    """One uvicorn process (uvloop, httptools): an insert, durable by itself, for each request."""
    folder.mkdir()
    port = _free_port()
    (folder / "rival.py").write_text(_OPEN[kind] + _APP)
    command = [str(python), "-m", "uvicorn", "rival:app", "--port", str(port), "--no-access-log"]
    with _running([*command, "--log-level", "error"], folder, port) as running:
        yield running


def rivals_python(folder: Path) -> Path | None:
    """The Python of a venv with the rivals' packages, made there when it can be; None when it cannot."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    venv.create(folder, with_pip=True)
    made = subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=False, timeout=600)
    return python if made.returncode == 0 else None


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[tuple[Address, int]]:
    process = subprocess.Popen(command, cwd=folder, stdout=sys.stderr)
    try:
        deadline = time.monotonic() + WAIT_S
        while not _is_open(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)
        yield ("127.0.0.1", port), process.pid
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
