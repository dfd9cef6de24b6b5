"""The exact request: JSON-escaped, URL-encoded, flat or batched, secrets masked or looked up."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sending import accept, recording
from test_provider_lint import BATCHED, GOOD, write

from rmanalytics import provider
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.models import Message
from rmanalytics.provider.curl import curl, shown
from rmanalytics.provider.sending import groups
from rmanalytics.send.reading import one

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SECRETS = {"USER_NAME": "acct", "PASS": 'p"&ss'}
TEXT = 'He said "$$To"\n50 % & नमस्ते'


def message(number: str = "+919800000001", text: str = TEXT, template: str = "1107") -> Message:
    """A message with a text that every encoding must escape."""
    return one(number, text, template, NOW)


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
    """What has no value is named with the mend."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {"body.hid": "$$hid"}))
    with pytest.raises(ConfigError, match=r"\$\$hid has no value: put hid under \[values\]"):
        provider.render(chosen, [message()])
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {}))
    with pytest.raises(ConfigError, match="not set: USER_NAME"):
        provider.render(chosen, [message()], provider.environment({}))


def test_header_of_another_account(tmp_path: Path) -> None:
    """A row for another header than the file's is refused: each account has its own file."""
    chosen = provider.load(write(tmp_path / "p.json", GOOD, {}))
    with pytest.raises(BadInput, match="use the provider file of that account"):
        list(groups(chosen, [dataclasses.replace(message(), header="OTHERS")]))


def test_basic_is_masked(tmp_path: Path) -> None:
    """Basic authentication shows neither the password nor its base64."""
    change = {"authentication": "basic", "username": "u", "password": "${PASS}"}
    chosen = provider.load(write(tmp_path / "p.json", GOOD, change))
    assert "authorization: Basic ***" in shown(provider.render(chosen, [message()])).lower().replace(
        "basic", "Basic"
    )


def test_curl_runs(tmp_path: Path) -> None:
    """The curl command, run by a shell with the secrets exported, sends the same fields."""
    with recording(accept) as gateway:
        chosen = provider.load(write(tmp_path / "p.json", GOOD, {"endpoint": gateway.url}))
        sent = message(text='it\'s "so" $HOME')
        command = curl(chosen, [sent])
        assert "hunter2" not in command
        env = os.environ | {"USER_NAME": "acct", "PASS": "hunter2"}
        done = subprocess.run(["sh", "-c", command], env=env, capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
    want = json.loads(
        provider.render(
            chosen, [sent], provider.environment({"USER_NAME": "acct", "PASS": "hunter2"})
        ).content
    )
    assert gateway.requests == [want]
