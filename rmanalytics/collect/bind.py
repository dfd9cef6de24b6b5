"""The address to listen on, held until the server has it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from rmanalytics.errors import ConfigError, PortTaken


@contextmanager
def held(host: str, port: int) -> Iterator[tuple[str, int]]:
    """Yield the IP address and the port, chosen when it is 0, and keep others off it meanwhile.

    The server opens its socket by itself, shared with whoever shares alike, so it would not notice that the
    port is taken; the first bind here does. Raises PortTaken or ConfigError, each naming the fix.
    """
    try:
        address = _resolved(host, port)
        with _bound(address) as probe:
            address = probe.getsockname()
        with _bound(address, is_shared=True):
            yield address[0], address[1]
    except OSError as error:
        raise _explained(error, host, port) from None


def _resolved(host: str, port: int) -> tuple[str, int]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError:  # two dots in a row
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    address = found[0][4]
    return str(address[0]), int(address[1])


def _bound(address: tuple[str, int], *, is_shared: bool = False) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _explained(error: OSError, host: str, port: int) -> ConfigError | PortTaken:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"{host}:{port} is in use: stop the program that listens there, or choose another port with --port "
            "or RMANALYTICS_COLLECT_PORT (0: any free port)"
        )
    return ConfigError(
        f"cannot listen on {host}:{port}: {error.strerror}: give an address of this machine with --host "
        "or RMANALYTICS_COLLECT_HOST, and a port above 1023 with --port or RMANALYTICS_COLLECT_PORT"
    )
