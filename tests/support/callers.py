"""Clients that keep collectors busy and know what they sent, what was answered, and what is lost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from support.collectors import TOKEN, WAIT_S, Collector, records

PATH = f"/dlr/simulator/{TOKEN}"
N_CLIENTS = 16


@dataclass
class Client:
    """Sends callbacks with ids of its own, one after another, until the port is closed."""

    name: str
    address: tuple[str, int]
    sent: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        """GET and POST in turn over a connection that is kept as long as the server keeps it."""
        connection = HTTPConnection(*self.address, timeout=WAIT_S)
        try:
            while True:
                self._one(connection)
        except ConnectionRefusedError:
            pass
        except (OSError, HTTPException) as error:
            self.faults.append(repr(error))
        finally:
            connection.close()

    def _one(self, connection: HTTPConnection) -> None:
        callback = f"{self.name}-{len(self.sent)}"
        if connection.sock is None:
            connection.connect()
        self.sent.append(callback)
        if len(self.sent) % 2:
            connection.request("GET", f"{PATH}?id={callback}")
        else:
            connection.request("POST", PATH, f"id={callback}")
        with connection.getresponse() as response:
            response.read()
        if response.status == 200:
            self.answered.append(callback)
        else:
            self.faults.append(f"answered {response.status}")


@contextmanager
def load(name: str, *collectors: Collector) -> Iterator[list[Client]]:
    """Keep the collectors busy, and wait for all clients at the end."""
    clients = [Client(f"{name}-{n}", collectors[n % len(collectors)].address) for n in range(N_CLIENTS)]
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        for thread in threads:
            thread.join(WAIT_S)
    assert not any(thread.is_alive() for thread in threads)


def until_answered(clients: Iterable[Client], n: int) -> None:
    """Return once each client has had `n` answers."""
    deadline = time.monotonic() + WAIT_S
    while any(len(client.answered) < n for client in clients):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def journaled(home: Path) -> Counter[str]:
    """How often each id is in the journal."""
    return Counter((record["query"] or record["body"]).removeprefix("id=") for record in records(home))


def lost(clients: Iterable[Client], home: Path) -> dict[str, set[str]]:
    """Ids that were answered but are not there, are there more than once, or that nobody sent."""
    found = journaled(home)
    answered = {callback for client in clients for callback in client.answered}
    sent = {callback for client in clients for callback in client.sent}
    return {
        "answered but lost": answered - found.keys(),
        "more than once": {callback for callback, n in found.items() if n > 1},
        "never sent": found.keys() - sent,
    }


NOTHING_LOST: dict[str, set[str]] = {"answered but lost": set(), "more than once": set(), "never sent": set()}
