"""The kernel server's process: imports what every notebook of ours imports, then forks kernels on request.

Requests come as (module, arguments, environment, folder); answers are process ids.
"""

from __future__ import annotations

import gc
import os
import runpy
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

import ibis.backends.duckdb
import ipykernel.kernelapp
import ipykernel.zmqshell
import numpy as np
import pandas as pd

os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"  # plotly reads it when it is imported

from rmanalytics import charts, metrics, notebook
from rmanalytics.notebook import sections

__all__ = ["charts", "ibis", "ipykernel", "metrics", "notebook", "pd", "sections"]


def main(fd: int) -> None:
    """Serve the other end of a socket until it is closed."""
    gc.collect()
    gc.freeze()  # or each kernel would walk what was imported, and copy its pages, again and again and as it ends
    with suppress(BrokenPipeError, ConnectionResetError):
        serve(Connection(fd))


def serve(pipe: Connection) -> None:
    """Fork a kernel per request until the other end is closed; in the child, run it instead."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here asks how they ended
    # ipykernel reads JPY_PARENT_PID as it is imported, which was long before: a kernel ends with this process by this.
    parent = f"--IPKernelApp.parent_handle={os.getpid()}"
    while True:
        try:
            module, argv, env, folder = pipe.recv()
        except EOFError:
            return
        if (pid := os.fork()) == 0:
            pipe.close()
            _become(module, [*argv, parent], env, folder)
            return
        pipe.send(pid)


def _become(module: str, argv: list[str], env: dict[str, str], folder: str) -> None:
    """Run the module as if the interpreter had been started with it, in a session of its own."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    np.random.seed()  # or all kernels would draw the same numbers
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv[:] = [module, *argv]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
