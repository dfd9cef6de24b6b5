"""The exact request: JSON-escaped, URL-encoded, flat or batched, secrets masked or looked up."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest
from support.provider_messages import TEXT, message
from support.providers import BATCHED, GOOD, write

from rmanalytics import provider
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.provider.curl import curl, shown
from rmanalytics.provider.gateway import groups

SECRETS = {"USER_NAME": "acct", "PASS": 'p"&ss'}


def test_flat(tmp_path: Path) -> None:
    """JSON is escaped, a placeholder inside a value stays, order is the file's."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {}))
    sent = message()
    request = provider.render(chosen, [sent], provider.environment(SECRETS))
    body = orjson.loads(request.content)
    assert list(body) == list(GOOD["body"])
    assert (body["message"], body["destination"], body["msgid"]) == (TEXT, "+919800000001", sent.message_id)
    assert (body["username"], body["password"]) == ("acct", 'p"&ss')
    assert 'password":"***' in provider.render(chosen, [sent]).content.decode()


def test_get(tmp_path: Path) -> None:
    """In a URL each value is percent-encoded UTF-8."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {"request_type": "GET"}))
    url = str(provider.render(chosen, [message(text="a b&é")]).url)
    assert "&destination=%2B919800000001&message=a%20b%26%C3%A9&" in url
    assert "password=***" in url


def test_form(tmp_path: Path) -> None:
    """Key-value is a form."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {"parameters": "key-value", "headers": {}}))
    request = provider.render(chosen, [message(text="a b")])
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b"&message=a%20b&" in request.content


def test_batched(tmp_path: Path) -> None:
    """Constants stand outside once, messages inside in their order; other constants make another request."""
    chosen = provider.load(write(tmp_path / "p.json", BATCHED, {"batch.size": 2}))
    numbers = [f"+9198000000{n:02}" for n in range(4)]
    sent = [message(n) for n in numbers[:3]] + [message(numbers[3], template="1108")]
    found = [orjson.loads(provider.render(chosen, group).content) for group in groups(chosen, sent)]
    assert [[m["destination"] for m in body["msgs"]] for body in found] == [
        numbers[:2],
        numbers[2:3],
        numbers[3:],
    ]
    assert [body["tempid"] for body in found] == ["1107", "1107", "1108"]


def test_missing_secret_and_custom_value(tmp_path: Path) -> None:
    """What has no value is named with the fix."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {"body.hid": "$$hid"}))
    with pytest.raises(ConfigError, match=r"\$\$hid has no value: put hid under \[values\]"):
        provider.render(chosen, [message()])
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {}))
    with pytest.raises(ConfigError, match="not set: USER_NAME"):
        provider.render(chosen, [message()], provider.environment({}))


def test_template_of_the_file_alone(tmp_path: Path) -> None:
    """A message of another template than the one that the file always sends is refused; its own is sent."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {"body.tempid": "1108"}))
    with pytest.raises(BadInput, match=r"sends '1108': write tempid = \"\$\$TemplateID\" there"):
        list(groups(chosen, [message("+919800000001", template="1107")]))
    assert len(list(groups(chosen, [message("+919800000001", template="1108")]))) == 1


def test_header_of_another_account(tmp_path: Path) -> None:
    """A row for another header than the file's is refused: each account has its own file."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {}))
    with pytest.raises(BadInput, match="use the provider file of that account"):
        list(groups(chosen, [dataclasses.replace(message(), header="OTHERS")]))


@contextmanager
def listening() -> Iterator[tuple[int, list[tuple[str, dict[str, str], bytes]]]]:
    """Yield a port, and what is received there."""
    received: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.append((f"{self.command} {self.path}", headers, body))
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port, received
        finally:
            server.shutdown()
            thread.join(10)


def test_basic_is_masked(tmp_path: Path) -> None:
    """Basic authentication shows neither the password nor its base64."""
    change = {"authentication": "basic", "username": "u", "password": "${PASS}"}
    chosen = provider.load(write(tmp_path / "p.json", GOOD, change))
    assert "authorization: Basic ***" in shown(provider.render(chosen, [message()])).lower().replace(
        "basic", "Basic"
    )


NASTY = "p\"&s\\s'ü%$HOME `x` +*"
FORMS: dict[str, dict[str, object]] = {
    "json": {},
    "form": {"parameters": "key-value", "headers": {}},
    "URL": {"request_type": "GET"},
    "basic": {"authentication": "basic", "username": "u", "password": "${PASS}"},
    "header": {"headers.X-Key": "${USER_NAME}"},
}


@pytest.mark.parametrize("change", FORMS.values(), ids=FORMS)
def test_curl_sends_the_same_bytes(tmp_path: Path, change: dict[str, object]) -> None:
    """The curl command, run by a shell with the secrets exported, sends the request byte for byte."""
    secrets = {"USER_NAME": "acct '1'", "PASS": NASTY}
    with listening() as (port, received):
        change = {"endpoint": f"http://127.0.0.1:{port}/bulksms/personalizedbulksms"} | change
        chosen = provider.load(write(tmp_path / "p.json", GOOD, change))
        sent = message(text='it\'s "so" $HOME [1-3] {a,b}')
        command = curl(chosen, [sent])
        assert NASTY not in command
        done = subprocess.run(
            ["sh", "-c", command], env=os.environ | secrets, capture_output=True, timeout=30
        )
        assert done.returncode == 0, done.stderr
    want = provider.render(chosen, [sent], provider.environment(secrets))
    line, headers, body = received[0]
    assert (line, body) == (f"{want.method} {want.url.raw_path.decode()}", want.content)
    assert {name: headers.get(name) for name in want.headers} == dict(want.headers)
