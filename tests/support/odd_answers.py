"""A raw HTTP server on loopback that answers every request with the same bytes, or with bytes without end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def answering(head: bytes, body: bytes, *, is_endless: bool = False) -> Iterator[str]:
    """Answer each connection with `head` and `body`, again and again when endless; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, head, body, is_endless), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, head: bytes, body: bytes, is_endless: bool) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                connection.sendall(head + b"\r\n\r\n" + body)
                while is_endless:
                    connection.sendall(body)
