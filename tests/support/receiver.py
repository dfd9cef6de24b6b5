"""A little callback receiver of the tests: it keeps each request word for word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    content_type: str | None
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The parameters of query and body."""
        text = self.query or self.body.decode("utf-8", "replace")
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}

    @property
    def says(self) -> tuple[str, str]:
        """Status word and error code."""
        return self.fields.get("sStatus", ""), self.fields.get("iErrCode", "")


class Receiver:
    """What a listening receiver has got so far. It answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[Got] = []
        self.changed = threading.Condition()
        self.url = ""

    def wait(self, n: int, timeout_s: float = 15) -> list[Got]:
        """Return what has come once it is `n` requests or more."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) >= n, timeout_s), (
                f"{len(self.got)} of {n} came"
            )
            return list(self.got)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Listen on 127.0.0.1 while the block lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            kind = self.headers.get("Content-Type")
            got = Got(method=self.command, path=path, query=query, content_type=kind, body=body)
            with receiver.changed:
                receiver.got.append(got)
                receiver.changed.notify_all()
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _take  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/dlr/simulator/t0ken"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
