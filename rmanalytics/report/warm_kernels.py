"""Kernels that start warm: forked from a process that has imported what every notebook imports.

That process, the kernel server, runs nothing and has neither threads nor connections, so that each kernel begins as
a fresh interpreter does, two seconds of imports later. It ends with the process that started it.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from socket import socketpair

CAN_FORK = sys.platform == "linux" and hasattr(os, "pidfd_open")
"""On macOS system libraries do not survive a fork, on Windows there is none: kernels start cold there."""

_PROGRAM = """import sys
sys.path[:] = [folder for folder in sys.path if folder]  # a file of the working folder is no library
from rmanalytics.report.kernel_server import main
main(int(sys.argv[1]))
"""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class KernelServer:
    """The process that forks kernels, started on first use and anew when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Start it, which imports while the caller does other things; nothing where it runs already."""
        if CAN_FORK:
            with self._lock:
                self._ensure()

    def fork(self, module: str, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> int:
        """Return the process that runs a module in a fork of it."""
        with self._lock:
            request = (module, list(argv), dict(env), cwd)
            try:
                return self._ask(request)
            except (EOFError, OSError):  # it was killed
                self._end()
                return self._ask(request)

    def _ask(self, request: tuple[str, list[str], dict[str, str], str]) -> int:
        pipe = self._ensure()
        pipe.send(request)
        return int(pipe.recv())

    def _ensure(self) -> Connection:
        if self._pipe is None:
            ours, theirs = socketpair()
            with theirs:
                command = [sys.executable, "-c", _PROGRAM, str(theirs.fileno())]
                self._process = subprocess.Popen(  # noqa: S603
                    command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
                )
            self._pipe = Connection(ours.detach())
            atexit.register(self._end)
        return self._pipe

    def _end(self) -> None:
        if self._pipe and self._process:
            self._pipe.close()
            self._process.kill()
            self._process.wait()
            self._pipe = self._process = None
            atexit.unregister(self._end)


KERNEL_SERVER = KernelServer()


class WarmKernel:
    """A forked kernel's process, with what Jupyter asks of a `Popen`; what its exit code was is not known."""

    stdin = stdout = stderr = None

    def __init__(self, module: str, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> None:
        self.pid = KERNEL_SERVER.fork(module, argv, env, cwd)
        self._has_ended = False
        try:
            self._handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self._has_ended = True

    def poll(self) -> int | None:
        """Return None while it runs, then 0."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end; return 0 then, None while it runs."""
        if not self._has_ended and select.select([self._handle], [], [], timeout)[0]:
            os.close(self._handle)
            self._has_ended = True
        return 0 if self._has_ended else None

    def send_signal(self, signum: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)
