"""The command line, run as a process."""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from support.forked import ANSWER

WAIT_S = 240.0
STARTING = ("PYTHON", "LC_", "LANG", "LD_", "OPENSSL_", "SSL_", "TMPDIR", "TERMINAL_WIDTH")
"""Beginnings of variables that are read as an interpreter or a library starts."""


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `rmanalytics` as a process, without a terminal; see `fresh` for one with a start of its own."""
    command, env = _asked(arguments, environment)
    with (
        Path(os.devnull).open("rb") as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        code = _forked(arguments, env, cwd, [nothing.fileno(), out.fileno(), err.fileno()])
        said = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)]
    return subprocess.CompletedProcess(command, code, *said)


def fresh(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it in an interpreter of its own: where what is imported, or how Python starts, is what is tested."""
    command, env = _asked(arguments, environment)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=WAIT_S)


def _asked(arguments: tuple[str, ...], environment: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    command = [sys.executable, "-m", "rmanalytics", *arguments]
    return command, {**os.environ, "NO_COLOR": "1", **environment}


def _forked(arguments: tuple[str, ...], env: dict[str, str], cwd: Path, standard: list[int]) -> int:
    """Return the exit code of the command; end it when it takes too long."""
    ours = _forks()
    socket.send_fds(ours, [pickle.dumps((arguments, env, str(cwd)))], standard)
    ours.settimeout(WAIT_S)
    (pid,) = ANSWER.unpack(ours.recv(ANSWER.size))
    try:
        (code,) = ANSWER.unpack(ours.recv(ANSWER.size))
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        ours.recv(ANSWER.size)
        raise subprocess.TimeoutExpired(arguments, WAIT_S) from None
    return int(code)


@cache
def _forks() -> socket.socket:
    """Start the process that commands are forked from, once per process that runs tests."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "support.forked", str(theirs.fileno())]
        folder = str(Path(__file__).parents[1])
        process = subprocess.Popen(
            command,
            cwd=folder,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(_end, ours, process)
    return ours


def _end(ours: socket.socket, process: subprocess.Popen[bytes]) -> None:
    ours.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    process.kill()
    process.wait()
