"""A token server and the gateway behind it, as one real HTTP server on loopback."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

CLIENT, SECRET = "acme", "s3cret&key"


@dataclass(slots=True, kw_only=True)
class TokenServer:
    """What it is asked and how it answers: tokens `tok-1`, `tok-2`, …

    The gateway accepts those in `valid`, each so often.
    """

    lasts_s: float | None = 3600
    answer: tuple[int, str] | None = None
    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    bearers: list[str] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    most_uses: int = 1_000

    @property
    def url(self) -> str:
        """Where a token comes from."""
        return f"http://127.0.0.1:{self.port}/oauth2/token"

    @property
    def endpoint(self) -> str:
        """Where messages go."""
        return f"http://127.0.0.1:{self.port}/bulksms/personalizedbulksms"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, str]:
        """Answer a request for a token."""
        basic = f"Basic {base64.b64encode(b'acme:s3cret%26key').decode()}"
        self.asked.append(form)
        given = (form.get("client_id"), form.get("client_secret"))
        if self.answer:
            return self.answer
        if form.get("grant_type") != "client_credentials" or not (
            given == (CLIENT, SECRET) or authorization == basic
        ):
            return 401, '{"error": "invalid_client"}'
        token = f"tok-{len(self.asked)}"
        self.valid = {token}
        lasts = {} if self.lasts_s is None else {"expires_in": self.lasts_s}
        return 200, json.dumps({"access_token": token, "token_type": "Bearer"} | lasts)

    def accept(self, body: dict[str, str], authorization: str) -> tuple[int, str]:
        """Answer a message."""
        token = authorization.removeprefix("Bearer ")
        self.bearers.append(token)
        if token not in self.valid or self.bearers.count(token) > self.most_uses:
            return 401, f"token {token} is not valid"
        number = body["destination"].lstrip("+")
        return 200, f"1701|{number}|gw-{number}"


@contextmanager
def serving() -> Iterator[TokenServer]:
    """Run it for a block."""
    server = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            authorization = self.headers.get("Authorization", "")
            if self.path.startswith("/oauth2/"):
                form = {name: values[0] for name, values in parse_qs(body).items()}
                status, text = server.token(form, authorization)
            else:
                status, text = server.accept(json.loads(body), authorization)
            content = text.encode()
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
