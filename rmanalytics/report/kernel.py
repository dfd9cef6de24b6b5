"""The kernel that runs our notebooks: the running interpreter, whatever kernels are registered around it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, ClassVar, cast

import zmq
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError

from rmanalytics.report.warm_kernels import CAN_FORK, WarmKernel

DIED = (DeadKernelError, zmq.ZMQError)
"""What a run ends in when its kernel went away or could not bind: worth one more try."""


LAUNCHER = "ipykernel_launcher"

RUNNING: weakref.WeakSet[WarmKernel] = weakref.WeakSet()
"""Kernels of this process, so that whoever stops early leaves none behind."""

LONGEST_FOLDER = 80
"""Bytes of a folder in which Unix sockets have room for their own names."""


class RunningInterpreter(AsyncKernelManager):
    """Starts this interpreter's kernel; no kernelspec is looked up, no profile of the user is read.

    Where the system has Unix sockets they carry the messages: no port is taken, so none can be taken twice.
    Their paths hold 107 bytes, and ZeroMQ waits for ever behind a longer one: then ports of loopback do it.
    """

    variables: ClassVar[Mapping[str, str]] = {}
    """What its environment has beside the caller's."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        folder = tempfile.mkdtemp(prefix="rma-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._kernel_spec = _spec(folder, self.variables)
        if CAN_FORK:
            self.provisioner = Forked(kernel_spec=self._kernel_spec, parent=self)
        self.connection_file = str(Path(folder) / "k.json")
        if sys.platform != "win32" and len(os.fsencode(folder)) <= LONGEST_FOLDER:
            self.transport = "ipc"

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start it; what it prints outside the notebook (such as its farewell) is dropped."""
        await self._async_start_kernel(stdout=DEVNULL, stderr=DEVNULL, **options)


class Forked(LocalProvisioner):
    """Forks the kernel from the warm process instead of starting an interpreter."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork it; return how to reach it."""
        argv = cmd[cmd.index(LAUNCHER) + 1 :]
        process = WarmKernel(LAUNCHER, argv, options["env"], options.get("cwd") or str(Path.cwd()))
        RUNNING.add(process)
        self.process, self.pid = cast(Any, process), process.pid
        self.pgid = process.pid  # as it will be: until then a signal goes to the process alone
        return self.connection_info


def kernels(variables: Mapping[str, str]) -> type[RunningInterpreter]:
    """Return the class of kernels that find these variables in their environment."""
    return type("Told", (RunningInterpreter,), {"variables": variables})


def _spec(folder: str, variables: Mapping[str, str]) -> KernelSpec:
    return KernelSpec(
        argv=[sys.executable, "-m", LAUNCHER, "-f", "{connection_file}"],
        display_name="Python 3",
        language="python",
        env={"IPYTHONDIR": folder, "PLOTLY_RENDERER": "plotly_mimetype", **variables},
    )


def end_all() -> None:
    """End the kernels that still run, whoever started them in this process."""
    for process in list(RUNNING):
        process.kill()
        process.wait()


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
