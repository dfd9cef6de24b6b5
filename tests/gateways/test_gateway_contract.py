"""What every gateway of the registry keeps; a new one is covered by its line there."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args
from urllib.parse import quote, quote_plus
from zoneinfo import ZoneInfo

import duckdb
import httpx
import pytest
from support import gateway_samples as samples

import rmanalytics
from rmanalytics import config, gateways
from rmanalytics.errors import ConfigError
from rmanalytics.gateways import Gateway
from rmanalytics.metrics import failures
from rmanalytics.models import Encoding, Message, Result, Route, State
from rmanalytics.validate import Facts, evidence
from rmanalytics.validate.checks import submissions
from rmanalytics.validate.facts.model import Submitted

TYPES = ["VARCHAR", "INTEGER"] + ["VARCHAR"] * 8 + ["TIMESTAMP WITH TIME ZONE"] * 3
TYPES += ["DOUBLE"] * 2 + ["VARCHAR"] * 4 + ["BOOLEAN", "VARCHAR", "VARCHAR", "BOOLEAN"]

ANSWERS = {
    "empty": (200, b""),
    "not understood": (200, b"\x00\xff<html>"),
    "no content": (204, b""),
    "moved": (302, b""),
    "not found": (404, b"404 page not found"),
    "broken": (500, b"oops"),
    "bad gateway": (502, b"<html>502</html>"),
    "cut JSON": (200, b'{"response":[{"status":'),
}


@pytest.fixture(params=gateways.REGISTRY)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def gateway(name: str) -> Gateway:
    return gateways.get(name, samples.settings(gateway=name))


@pytest.fixture(params=gateways.READERS)
def reader_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def mixed() -> list[Message]:
    """Messages that differ in all that may keep them apart."""
    return [
        *samples.messages(3),
        samples.message(3, message_id="m-3b"),
        samples.message(4, body="नमस्ते", encoding=Encoding.UCS2),
        samples.message(5, header="OTHERS"),
        samples.message(6, campaign_id="camp43"),
        samples.message(7, template_id="1107000000000000002"),
        samples.message(
            8, msisdn="447700900123", route=Route.INTERNATIONAL, entity_id=None, template_id=None
        ),
        *samples.messages(1500, body="another text", template_id=None, entity_id=None),
    ]


def test_there_are_gateways() -> None:
    """The registry is not empty, and a name that is not in it is told with those that are."""
    assert gateways.REGISTRY
    with pytest.raises(ConfigError, match="unknown gateway 'nobody': use one of route_mobile, simulator"):
        gateways.get("nobody", samples.settings())
    with pytest.raises(
        ConfigError, match=r"unknown gateway 'nobody': use one of route_mobile, simulator, .*kannel"
    ):
        gateways.reader("nobody", samples.settings())


def test_batches_keep_all_in_order(gateway: Gateway) -> None:
    """Every message is in one batch, in order, and no batch is empty or over 1,000."""
    groups = list(gateway.batches(mixed()))
    assert [message for group in groups for message in group] == mixed()
    assert {1 <= len(group) <= 1000 for group in groups} == {True}
    assert list(gateway.batches([])) == []


def test_batches_stream(gateway: Gateway) -> None:
    """The first batch is there before the messages behind it are read."""
    n_read = 0

    def endless() -> Iterator[Message]:
        nonlocal n_read
        while True:
            n_read += 1
            yield samples.message(n_read, body=f"text {n_read % 7}")

    assert next(iter(gateway.batches(endless())))
    assert n_read <= 1001


def test_request(gateway: Gateway) -> None:
    """Each batch becomes a request that carries the secret where URLs in logs do not show it."""
    for group in gateway.batches(mixed()):
        request = gateway.submit_request(group)
        assert isinstance(request, httpx.Request)
        forms = {samples.PASSWORD, quote(samples.PASSWORD), quote_plus(samples.PASSWORD)}
        assert not any(form in str(request.url) for form in forms)
        assert samples.PASSWORD not in repr(request)


def test_request_is_reproducible(gateway: Gateway) -> None:
    """The same batch gives the same request."""
    one, other = (gateway.submit_request(samples.messages(1)) for _ in range(2))
    assert (one.url, one.headers, one.content) == (other.url, other.headers, other.content)


@pytest.mark.parametrize("status, answer", ANSWERS.values(), ids=ANSWERS)
def test_answers_nobody_understands(gateway: Gateway, status: int, answer: bytes) -> None:
    """Each message has one response in its order, none is accepted, and all can be told apart by result."""
    batch = samples.messages(3)
    responses = gateway.submit_responses(batch, httpx.Response(status, content=answer))
    assert [response.message_id for response in responses] == ["m-1", "m-2", "m-3"]
    assert {response.result for response in responses} <= {Result.REFUSED, Result.UNCLEAR, Result.UNSENT}
    assert {(response.http_status, bool(response.detail)) for response in responses} == {(status, True)}


def test_dlr_columns(reader_name: str) -> None:
    """The DLR table has the promised columns in order, with their types, also without callbacks."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE given ({samples.CALLBACK_COLUMNS})")
        query = gateways.reader(reader_name, samples.settings()).dlrs()
        found = connection.sql(f"WITH callbacks AS (FROM given) FROM ({query})")
        assert tuple(found.columns) == samples.COLUMNS
        assert [str(kind) for kind in found.types] == TYPES
        assert found.fetchall() == []


def test_callbacks_nobody_understands(reader_name: str) -> None:
    """A callback nobody can parse gives no row and no error."""
    odd = ["", "<html>", "{", "[[[", "%FF=%FF", "&&&===", "\0", "x" * 10_000]
    callbacks = [
        samples.callback(body=body, callback_id=f"c{i}", gateway=reader_name) for i, body in enumerate(odd)
    ]
    assert samples.dlrs(callbacks, reader_name) == []


SHOWN: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "form-encoded": quote_plus,
    "in words": lambda text: f"wrong password {text}!",
}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_redact(gateway: Gateway, shown: Callable[[str], str]) -> None:
    """The secret is taken out of any text, the rest stays."""
    text = shown(samples.PASSWORD)
    assert text not in gateway.redact(f"before {text} after")
    assert gateway.redact("before after") == "before after"


def test_signatures(gateway: Gateway) -> None:
    """Each translation takes what the protocol says."""
    for method in ("batches", "submit_request", "submit_responses", "dlrs", "redact"):
        promised = list(inspect.signature(getattr(Gateway, method)).parameters)[1:]
        assert list(inspect.signature(getattr(gateway, method)).parameters) == promised


CODES = {
    f"{name} {code}": (name, code, known)
    for name, one in gateways.REGISTRY.items()
    for code, known in one.profile.codes.items()
}


@pytest.mark.parametrize("name, code, known", CODES.values(), ids=CODES)
def test_a_row_of_the_table_is_known_everywhere(name: str, code: str, known: gateways.SubmitCode) -> None:
    """What a code's one row says is what failure tables and `validate` say of it, whatever the HTTP status."""
    assert (known.cause is None) == (known.result is Result.ACCEPTED)
    if known.cause is None:
        return
    assert known.fix
    assert known.cause is not gateways.Cause.STRANGE
    found = failures.cause(State.REFUSED, code, [name])
    told = (found.meaning, found.party, found.lasting, found.is_sure)
    assert told == (known.meaning, known.party, known.lasting, True)
    one = Submitted(result=known.result, code=code, http_status=500, at=datetime(2026, 11, 24, tzinfo=UTC))
    facts = Facts(as_of=one.at, zone=ZoneInfo("UTC"), gateway=name, submitted=(one,))
    assert [cause for cause in gateways.Cause if submissions.blamed(facts, cause)] == [known.cause]
    assert evidence.code_words(facts.spoken, code) == f"{known.meaning} ({code})"
    assert facts.spoken.fix(code, known.cause) == known.fix


def test_a_code_in_no_table_stays_unknown(name: str) -> None:
    """A code that the gateway does not explain is strange, never a fault of the network."""
    assert gateways.profile(name).cause(Result.REFUSED, "9999", 500) is gateways.Cause.STRANGE
    assert failures.cause(State.REFUSED, "9999", [name]) == failures.UNKNOWN


WITHOUT_A_CODE = {
    "accepted": (Result.ACCEPTED, 200, None),
    "no answer": (Result.UNCLEAR, None, gateways.Cause.TRANSMISSION),
    "broken": (Result.UNCLEAR, 500, gateways.Cause.TRANSMISSION),
    "too many": (Result.UNSENT, 429, gateways.Cause.TRANSMISSION),
    "login": (Result.REFUSED, 401, gateways.Cause.CREDENTIALS),
    "not found": (Result.REFUSED, 404, gateways.Cause.PAYLOAD),
}


@pytest.mark.parametrize("result, status, cause", WITHOUT_A_CODE.values(), ids=WITHOUT_A_CODE)
def test_without_a_code(name: str, result: Result, status: int | None, cause: gateways.Cause | None) -> None:
    """Only an answer without a code is judged by its HTTP status; login and payload have a fix then too."""
    found = gateways.profile(name)
    assert found.cause(result, None, status) == cause
    if cause in {gateways.Cause.CREDENTIALS, gateways.Cause.PAYLOAD}:
        assert found.fix(None, cause)


def test_settings_are_its_own(name: str, gateway: Gateway) -> None:
    """Its settings exist under its name, its account is complete, and its secrets are no plain texts."""
    found = gateway.profile
    names = {*found.required, *gateway.defaults, "url", "timezone", "password"}
    assert {found.setting(one) for one in names} <= config.Settings.model_fields.keys()
    assert config.is_secret(found.setting("password"))
    gateway.check()
    assert ZoneInfo(gateway.zone)
    assert {gateway.endpoint(route).split("://")[0] for route in Route} <= {"http", "https"}


def test_an_account_is_needed(name: str) -> None:
    """Without its required settings a gateway that really sends says which are missing."""
    if name == "simulator":
        return
    found = gateways.get(name, config.load(gateway=name))
    missing = ", ".join(map(found.profile.variable, found.profile.required))
    with pytest.raises(ConfigError, match=f"not set: {missing}"):
        found.check()


def test_dlr_fields_are_those_of_the_table(name: str) -> None:
    """Each DLR field that an export may have is a column of the table, and no spelling means two of them."""
    fields = gateways.profile(name).dlr_fields
    assert {"gateway_message_id", "msisdn", "raw_status", "error_code", "done_at"} <= fields.keys()
    assert fields.keys() <= set(samples.COLUMNS)
    spelt = [spelling.lower() for spellings in fields.values() for spelling in spellings]
    assert len(spelt) == len(set(spelt))


def test_the_setting_offers_the_registry() -> None:
    """RMANALYTICS_GATEWAY takes exactly the names in the registry."""
    assert set(get_args(config.GatewayName)) == gateways.REGISTRY.keys()


def test_meanings_that_differ_are_none() -> None:
    """A code has a meaning for several gateways only where they agree on it."""
    assert gateways.submit_code("1706", ["route_mobile", "simulator"])
    assert gateways.submit_code("1706", ["route_mobile", "acme"]) is None
    assert gateways.dlr_code("205", ["simulator"])


def test_nobody_outside_knows_a_gateways_modules() -> None:
    """Outside of `gateways` only the registry is imported."""
    root = Path(rmanalytics.__file__).parent
    outside = [path for path in root.rglob("*.py") if path.relative_to(root).parts[0] != "gateways"]
    assert len(outside) > 200
    found = [
        f"{path.relative_to(root)}: {name}"
        for path in outside
        for name in _imported(path)
        if name.startswith("rmanalytics.gateways.")
    ]
    assert found == []


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
