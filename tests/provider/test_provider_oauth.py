"""OAuth 2.0 client credentials: a token is fetched once, used by all, fetched anew in time, and never shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.providers import GOOD, write
from support.sending import results, row, settings, write_csv
from support.token_server import CLIENT, SECRET, TokenServer, serving

from rmanalytics import provider
from rmanalytics.errors import ConfigError
from rmanalytics.provider.oauth import EARLY_S, Tokens
from rmanalytics.send import Sent, send
from rmanalytics.support import http as transport


@pytest.fixture
def server() -> Iterator[TokenServer]:
    """A token server with a gateway."""
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER_NAME": "acct", "PASS": "hunter2", "KEY": SECRET}.items():
        monkeypatch.setenv(name, value)


def _oauth2(server: TokenServer, **fields: Any) -> dict[str, Any]:
    return {"client_url": server.url, "client_id": CLIENT, "secret_key": "${KEY}"} | fields


def _send(folder: Path, server: TokenServer, send_concurrency: int = 4, **fields: Any) -> Sent:
    change = {"endpoint": server.endpoint, "authentication": "oauth2", "oauth2": _oauth2(server, **fields)}
    chosen = provider.load(write(folder / "p.json", GOOD, change))
    rows = [{k: v for k, v in row(number).items() if k != "header"} for number in range(5)]
    home = settings(folder / "data", server.endpoint, send_concurrency=send_concurrency)
    return send(write_csv(folder / "b.csv", rows), home, approve=lambda plan: True, provider=chosen)


@pytest.mark.parametrize("where", ["body", "header"])
def test_one_token_for_all_messages(where: str, server: TokenServer, tmp_path: Path) -> None:
    """The token is asked for once, with the further key-values, and each message carries it."""
    sent = _send(tmp_path, server, credentials_in=where, extra={"scope": "sms.send"})
    assert sent.summary is not None
    assert (sent.summary.n_accepted, server.bearers) == (5, ["tok-1"] * 5)
    (form,) = server.asked
    assert (form["grant_type"], form["scope"], "client_secret" in form) == (
        "client_credentials",
        "sms.send",
        where == "body",
    )


async def _tokens(server: TokenServer, moments: list[float]) -> list[str | None]:
    now = iter(moments)
    times = {"now": 0.0}
    oauth2 = provider.OAuth2.model_validate(_oauth2(server))
    tokens = Tokens(oauth2, {"KEY": SECRET}.__getitem__, timeout_s=5, clock=lambda: times["now"])
    found = []
    async with transport.client(2) as http:
        for times["now"] in now:
            await tokens.ready(http)
            found.append(tokens.held)
    return found


LASTS: dict[str, tuple[float | None, list[float], list[str]]] = {
    "kept until shortly before its end": (3600, [0, 1, 3600 - EARLY_S - 1], ["tok-1"] * 3),
    "fetched anew shortly before its end": (3600, [0, 3600 - EARLY_S], ["tok-1", "tok-2"]),
    "a short one half its time": (20, [0, 9, 10], ["tok-1", "tok-1", "tok-2"]),
    "kept where the server gives no time": (None, [0, 10**9], ["tok-1"] * 2),
}


@pytest.mark.parametrize(("lasts_s", "moments", "expected"), LASTS.values(), ids=LASTS)
def test_a_token_is_fetched_anew_in_time(
    lasts_s: float | None, moments: list[float], expected: list[str], server: TokenServer
) -> None:
    """A token is used while it is valid, and replaced before it is not."""
    server.lasts_s = lasts_s
    assert asyncio.run(_tokens(server, moments)) == expected


def test_a_token_that_the_gateway_refuses_is_replaced(server: TokenServer, tmp_path: Path) -> None:
    """After a 401 the next request has a new token; the refused message is not sent again by itself."""
    server.most_uses = 2
    chosen = settings(tmp_path / "data", server.endpoint)
    sent = _send(tmp_path, server, send_concurrency=1)
    assert sent.summary is not None
    assert (sent.summary.n_refused, sent.summary.n_accepted) == (1, 4)
    assert server.bearers == [*["tok-1"] * 3, *["tok-2"] * 2]
    kept = b"".join(path.read_bytes() for path in chosen.journal_dir.iterdir()).decode()
    assert [secret for secret in ("tok-1", "tok-2", SECRET, "hunter2") if secret in kept] == []


def test_a_new_token_that_the_gateway_refuses_stops_the_run(server: TokenServer, tmp_path: Path) -> None:
    """A token that never worked is no expired one: the rest stays here."""
    server.most_uses = 0
    sent = _send(tmp_path, server, send_concurrency=1)
    assert sent.summary is not None
    assert (sent.summary.n_refused, sent.summary.n_unsent, len(server.bearers)) == (1, 4, 1)


REFUSED: dict[str, tuple[tuple[int, str], str]] = {
    "wrong secret": ((401, '{"error": "invalid_client"}'), "gave no token (HTTP 401 invalid_client)"),
    "a page": ((200, "<html>login</html>"), "gave no token (HTTP 200)"),
    "no token in it": ((200, '{"access_token": ""}'), "gave no token (HTTP 200)"),
    "a token that no header can hold": ((200, '{"access_token": "a\\nb"}'), "gave no token (HTTP 200)"),
    "nested without end": ((200, '{"a":' * 50_000), "gave no token (HTTP 200)"),
    "an error with a secret in it": ((400, '{"error": "s3cret & more"}'), "gave no token (HTTP 400)"),
}


@pytest.mark.parametrize(("answer", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_sends_nothing(
    answer: tuple[int, str], words: str, server: TokenServer, tmp_path: Path
) -> None:
    """Where there is no token there is no message: the fix is said, nothing was attempted, all can go later."""
    server.answer = answer
    with pytest.raises(ConfigError) as told:
        _send(tmp_path, server)
    assert words in str(told.value)
    assert "check client_url, client_id, secret_key" in str(told.value)
    assert "s3cret" not in str(told.value)
    assert (server.bearers, results(tmp_path / "data" / "journal")) == ([], {})
    server.answer = None
    assert (_send(tmp_path, server).plan.n_to_send, len(server.bearers)) == (5, 5)


DOWN: dict[str, tuple[str, tuple[int, str] | None]] = {
    "not there": ("http://127.0.0.1:1/token", None),
    "out of order": ("", (503, "busy")),
}


@pytest.mark.parametrize(("url", "answer"), DOWN.values(), ids=DOWN)
def test_a_token_server_that_is_down(
    url: str, answer: tuple[int, str] | None, server: TokenServer, tmp_path: Path
) -> None:
    """Messages are unsent, never unclear, while no token can be had; the next run sends them."""
    server.answer = answer
    sent = _send(tmp_path, server, **({"client_url": url} if url else {}))
    assert sent.summary is not None
    assert (sent.summary.n_unsent, sent.summary.n_unclear, sent.summary.exit_code) == (5, 0, 4)
    assert "no token: " in (sent.summary.stopped or "")
    server.answer = None
    again = _send(tmp_path, server)
    assert again.summary is not None
    assert (again.summary.n_accepted, server.bearers) == (5, [f"tok-{len(server.asked)}"] * 5)


def test_a_rehearsal_asks_no_real_token_server(server: TokenServer, tmp_path: Path) -> None:
    """Towards the simulator, credentials for a token server elsewhere stay here."""
    server.valid = {""}
    change = {
        "authentication": "oauth2",
        "oauth2": _oauth2(server, client_url="https://login.example.invalid/token"),
    }
    chosen = provider.load(write(tmp_path / "p.json", GOOD, change))
    rows = [{k: v for k, v in row(1).items() if k != "header"}]
    home = settings(tmp_path / "data", server.endpoint)
    sent = send(write_csv(tmp_path / "b.csv", rows), home, approve=lambda plan: True, provider=chosen)
    assert sent.summary is not None
    assert (sent.summary.n_accepted, server.bearers, server.asked) == (1, [""], [])
