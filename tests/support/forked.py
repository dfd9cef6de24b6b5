"""The process that commands of the tests are forked from: it has imported what they import, and runs nothing.

A request is (arguments, environment, folder) with the descriptors of stdin, stdout and stderr; the answers are the
process id and, when it has ended, its exit code as `subprocess` has it.
"""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import pkgutil
import runpy
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import rmanalytics
from rmanalytics.warehouse import creation, schema

NOT_AHEAD = ("rmanalytics.__main__", "rmanalytics.report.kernel_server", "rmanalytics._shipped")
"""What runs or sets something when it is imported, or is no module of ours."""
ANSWER = struct.Struct("i")


def main(fd: int) -> None:
    """Serve the other end of a socket until it is closed."""
    for module in pkgutil.walk_packages(rmanalytics.__path__, "rmanalytics."):
        if not module.name.startswith(NOT_AHEAD):
            import_module(module.name)
    _know_the_empty_database()
    gc.collect()
    gc.freeze()  # or each fork would walk all that was imported, again and again
    serve(socket.socket(fileno=fd))
    os._exit(0)


def _know_the_empty_database() -> None:
    """Take over what a new database holds from a fork: DuckDB's threads must not be here when others are forked."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "empty.duckdb"
        if (pid := os.fork()) == 0:
            creation.create(made, schema.HORIZON_S)
            os._exit(0)
        os.waitpid(pid, 0)
        creation._made[schema.whole(schema.HORIZON_S)] = made.read_bytes()


def serve(asked: socket.socket) -> None:
    """Run each request in a fork and answer; in the fork, become the command."""
    while True:
        request, standard, _, _ = socket.recv_fds(asked, 1 << 20, 3)
        if not request:
            return
        if (pid := os.fork()) == 0:
            asked.close()
            _become(*pickle.loads(request), standard)
            _end(_run())
        for descriptor in standard:
            os.close(descriptor)
        asked.send(ANSWER.pack(pid))
        asked.send(ANSWER.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def _become(
    arguments: Sequence[str], environment: Mapping[str, str], folder: str, standard: Sequence[int]
) -> None:
    """Take over what the interpreter of `python -m rmanalytics` would have been started with."""
    for target, descriptor in enumerate(standard):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv[:] = ["rmanalytics", *arguments]


def _run() -> int:
    """Run the command; return its exit code."""
    try:
        runpy.run_module("rmanalytics", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(code: int) -> None:
    """End as an interpreter does, without taking down what all forks share."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
