"""A TCP proxy that does to bytes what networks do: splits, delays, drops and resets them, by a seed."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from socket import SO_LINGER, SOL_SOCKET

RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Chaos:
    """Passes connections on to an address; `rate` is the chance of each mishap per packet."""

    def __init__(self, target: tuple[str, int], *, rate: float, seed: int) -> None:
        self.target = target
        self.rate = rate
        self.draw = Random(seed)
        self.n_mishaps = 0
        self.address = ("127.0.0.1", 0)
        self.stop: Callable[[], object] = lambda: None

    async def serve(self, ready: threading.Event) -> None:
        """Listen until `stop` is called from another thread."""
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        self.stop = lambda: loop.call_soon_threadsafe(over.set)
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.address = server.sockets[0].getsockname()
        ready.set()
        await over.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, here = await asyncio.open_connection(*self.target)
            ways = [
                asyncio.create_task(self._way(reader, here)),
                asyncio.create_task(self._way(there, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                here.close()
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            writer.close()

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            for part in self._split(data):
                if self._happens():
                    await asyncio.sleep(self.draw.uniform(0, 0.05))
                if self._happens():
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, RESET_AT_CLOSE)
                    writer.transport.abort()
                    return
                if self._happens():  # lost: what follows never makes sense, so the connection ends
                    return
                writer.write(part)
                await writer.drain()

    def _split(self, data: bytes) -> list[bytes]:
        if not self._happens():
            return [data]
        at = self.draw.randrange(len(data) + 1)
        return [data[:at], data[at:]]

    def _happens(self) -> bool:
        happens = self.draw.random() < self.rate
        self.n_mishaps += happens
        return happens


@contextmanager
def chaos(target: tuple[str, int], *, rate: float = 0.01, seed: int = 1) -> Iterator[Chaos]:
    """Run a proxy before an address, in a thread of its own."""
    proxy, ready = Chaos(target, rate=rate, seed=seed), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(proxy.serve(ready)))
    thread.start()
    try:
        assert ready.wait(30)
        yield proxy
    finally:
        proxy.stop()
        thread.join(30)
