"""The kernel that runs our notebooks: the running interpreter, whatever kernels are registered around it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError

DIED = (DeadKernelError, zmq.ZMQError)
"""What a run ends in when its kernel went away or could not bind: worth one more try."""


LONGEST_FOLDER = 80
"""Bytes of a folder in which Unix sockets have room for their own names."""


class RunningInterpreter(AsyncKernelManager):
    """Starts this interpreter's kernel; no kernelspec is looked up, no profile of the user is read.

    Where the system has Unix sockets they carry the messages: no port is taken, so none can be taken twice.
    Their paths hold 107 bytes, and ZeroMQ waits for ever behind a longer one: then ports of loopback do it.
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        folder = tempfile.mkdtemp(prefix="rma-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._kernel_spec = _spec(folder)
        self.connection_file = str(Path(folder) / "k.json")
        if sys.platform != "win32" and len(os.fsencode(folder)) <= LONGEST_FOLDER:
            self.transport = "ipc"

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start it; what it prints outside the notebook (such as its farewell) is dropped."""
        await self._async_start_kernel(stdout=DEVNULL, stderr=DEVNULL, **options)


def _spec(folder: str) -> KernelSpec:
    return KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="Python 3",
        language="python",
        env={"IPYTHONDIR": folder, "PLOTLY_RENDERER": "plotly_mimetype"},
    )


@contextmanager
def own_loop() -> Iterator[None]:
    """Close the event loop that Jupyter makes for this thread, for Jupyter never does."""
    try:
        yield
    finally:
        loop = ensure_event_loop()
        if not loop.is_running():
            asyncio.set_event_loop(None)
            loop.close()


def died(error: BaseException) -> bool:
    """Return whether the run failed with its kernel, not with its contents.

    >>> died(DeadKernelError("Kernel died")), died(ValueError("x"))
    (True, False)
    """
    return isinstance(error, DIED) or (isinstance(error, RuntimeError) and "Kernel d" in str(error))
