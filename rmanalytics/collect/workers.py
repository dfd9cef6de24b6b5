"""Several collectors on one port, each a process with a segment of its own, one of which may die."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import RawArray
from typing import Any

from rmanalytics import gateways
from rmanalytics.collect.metrics import slot_size
from rmanalytics.config import Settings

RESTART_S = 0.5
PATIENCE_S = 15.0
_SPAWN = multiprocessing.get_context("spawn")

Serve = Callable[[Settings, int, list[Any], Connection], None]
"""What a worker runs: it sends True once it listens, and stops gracefully when its connection ends."""


@dataclass(slots=True, kw_only=True)
class Workers:
    """Runs `n` workers, starts those again that die, and stops all at once.

    Their figures lie in shared memory, a slot each, so whichever worker is asked tells all of them and
    nothing is counted down when one is started again.
    """

    settings: Settings
    serve: Serve
    n: int
    _slots: list[Any] = field(default_factory=list)
    _pipes: dict[int, Connection] = field(default_factory=dict)
    _processes: dict[int, SpawnProcess] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> bool:
        """Run until `stop`; `ready` is told once all listen. Return whether all of them started."""
        size = slot_size(gateways.READERS)
        self._slots = [RawArray("d", size) for _ in range(self.n)]
        started = [await asyncio.to_thread(self._start, number) for number in range(self.n)]
        if all(started):
            ready()
            keepers = [asyncio.create_task(self._keep(number)) for number in range(self.n)]
            await stop.wait()
            for keeper in keepers:
                keeper.cancel()
            await asyncio.wait(keepers)
        await asyncio.to_thread(self._stop)
        return all(started)

    def _start(self, number: int) -> bool:
        """Start a worker; return whether it listens."""
        ours, theirs = _SPAWN.Pipe()
        arguments = (self.settings, number, self._slots, theirs)
        process = _SPAWN.Process(target=self.serve, args=arguments, name=f"collect-{number}")
        process.start()
        theirs.close()
        self._pipes[number], self._processes[number] = ours, process
        try:
            return bool(ours.poll(PATIENCE_S) and ours.recv())
        except EOFError:
            return False

    async def _keep(self, number: int) -> None:
        """Start the worker again whenever it has died."""
        while True:
            gone, loop = asyncio.Event(), asyncio.get_running_loop()
            sentinel = self._processes[number].sentinel
            loop.add_reader(sentinel, gone.set)
            try:
                await gone.wait()
            finally:
                loop.remove_reader(sentinel)
            self._processes[number].join()
            self._pipes[number].close()
            await asyncio.sleep(RESTART_S)
            start = asyncio.create_task(asyncio.to_thread(self._start, number))
            try:
                await asyncio.shield(start)
            finally:  # a stop that comes meanwhile stops a worker that listens
                await start

    def _stop(self) -> None:
        """Ask all workers to stop gracefully, and kill none but those that do not."""
        for pipe in self._pipes.values():
            pipe.close()
        for process in self._processes.values():
            process.join(PATIENCE_S)
            if process.is_alive():
                process.kill()
                process.join()
