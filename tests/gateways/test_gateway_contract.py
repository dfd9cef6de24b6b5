"""What every gateway of the registry keeps; a new one is covered by its line there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import duckdb
import httpx
import pytest
from support import gateway_samples as samples

from rmanalytics import gateways
from rmanalytics.errors import ConfigError
from rmanalytics.gateways import Gateway
from rmanalytics.models import Encoding, Message, Result, Route

TYPES = ["VARCHAR", "INTEGER"] + ["VARCHAR"] * 8 + ["TIMESTAMP WITH TIME ZONE"] * 3
TYPES += ["DOUBLE"] * 2 + ["VARCHAR"] * 4

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
    with pytest.raises(ConfigError, match="no gateway 'nobody': known are route_mobile, simulator"):
        gateways.get("nobody", samples.settings())
    with pytest.raises(
        ConfigError, match=r"no gateway 'nobody': known are route_mobile, simulator, .*kannel"
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
        found = gateways.reader(reader_name, samples.settings()).dlrs(connection.table("given"))
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
