"""Bodies as others send them: posted to a collector, ingested, exactly the right DLRs; what is no DLR stays raw."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from support.collectors import TOKEN, Collector, collector, exchange, records, request
from support.database import rows

from rmanalytics import config
from rmanalytics.ingest.run import ingest

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
MULTIPART = "Content-Type: multipart/form-data; boundary="
GZIP = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"

Post = tuple[tuple[str, ...], bytes]
Dlr = tuple[str | None, str, str | None]


def item(name: str, status: str = "DELIVRD") -> str:
    """A DLR as JSON, with a number that no float holds."""
    return f'{{"sMessageId": {name}, "sStatus": "{status}", "iErrCode": 0}}'


def multipart(boundary: str, *fields: tuple[str, str], end: str = "\r\n", closed: bool = True) -> bytes:
    """A multipart form."""
    parts = [
        f'--{boundary}{end}Content-Disposition: form-data; name="{name}"{end}{end}{value}{end}'
        for name, value in fields
    ]
    return ("".join(parts) + (f"--{boundary}--{end}" if closed else "")).encode()


FIELDS = (("sMessageId", "m 1&x=é"), ("sStatus", "DELIVRD"), ("iErrCode", "069"))
BIG = "12345678901234567890123"
ONE: list[Dlr] = [("m1", "delivered", None)]
TWO: list[Dlr] = [(BIG, "delivered", None), ("7", "failed", None)]
BOTH = f"{item(BIG)}, {item('7', 'UNDELIV')}"
PLAIN = b"sMessageId=m1&sStatus=DELIVRD"

READ: dict[str, tuple[Post, list[Dlr]]] = {
    "multipart": (((MULTIPART + "x1y",), multipart("x1y", *FIELDS)), [("m 1&x=é", "delivered", "069")]),
    "multipart, boundary in quotes": (
        ((MULTIPART + '"=_a b"; charset=utf-8',), multipart("=_a b", *FIELDS)),
        [("m 1&x=é", "delivered", "069")],
    ),
    "multipart behind a blank line": (
        ((MULTIPART + "x",), b"\r\n" + multipart("x", *FIELDS)),
        [("m 1&x=é", "delivered", "069")],
    ),
    "multipart, line feeds only": (
        ((MULTIPART + "x",), multipart("x", *FIELDS, end="\n")),
        [("m 1&x=é", "delivered", "069")],
    ),
    "multipart with one field that is JSON": (
        ((MULTIPART + "x",), multipart("x", ("data", f'{{"dlrs": [{BOTH}]}}'))),
        TWO,
    ),
    "&amp; between pairs": (
        ((FORM,), b"sMessageId=m1&amp;sStatus=UNDELIV&amp;amp;iErrCode=069"),
        [("m1", "failed", "069")],
    ),
    "gzip, a form": (((FORM, GZIP), gzip.compress(PLAIN)), ONE),
    "gzip, not said": (((FORM,), gzip.compress(PLAIN)), ONE),
    "gzip, a list in an object": (((JSON, GZIP), gzip.compress(f'{{"d": [{BOTH}]}}'.encode())), TWO),
    "gzip, multipart": (
        ((MULTIPART + "x", GZIP), gzip.compress(multipart("x", *FIELDS))),
        [("m 1&x=é", "delivered", "069")],
    ),
    "deflate": (((FORM, "Content-Encoding: deflate"), zlib.compress(PLAIN)), ONE),
    "dlrs": (((JSON,), f'{{"dlrs": [{BOTH}]}}'.encode()), TWO),
    "data": (((JSON,), f'\ufeff\n{{"data" :\t[\n{BOTH}\n]\n}}\n'.encode()), TWO),
    "results, an object within": (((JSON,), f'{{"results": {{"dlr": [{BOTH}]}}}}'.encode()), TWO),
    "one object in an object": (((JSON,), f'{{"dlr": {item(BIG)}}}'.encode()), TWO[:1]),
    "a list beside a count": (((JSON,), f'{{"count": 2, "dlrs": [{BOTH}], "next": null}}'.encode()), TWO),
    "JSON lines": (((JSON,), f"{item(BIG)}\n{item('7', 'UNDELIV')}\n".encode()), TWO),
    "JSON lines, CRLF, a blank one, a list": (
        ((JSON,), f"{item(BIG)}\r\n\r\n[{item('7', 'UNDELIV')}]\r\n".encode()),
        TWO,
    ),
    "an object with a list in it is its own DLR": (
        ((JSON,), b'{"sMessageId":"m1","sStatus":"DELIVRD","parts":[{"sMessageId":"p"}]}'),
        ONE,
    ),
    "&amp; in a text is a text": (
        ((JSON,), b'{"sMessageId":"m1","sStatus":"DELIVRD","sTagName":"a&amp;b"}'),
        ONE,
    ),
    "chunked, with a trailer": (
        ((CHUNKED, FORM), b"1d\r\n" + PLAIN + b"\r\n0\r\nX-Checksum: 1\r\nX-More: 2\r\n\r\n"),
        ONE,
    ),
}

UNREAD: dict[str, tuple[Post, str | None]] = {
    "multipart cut short": (
        ((MULTIPART + "x",), multipart("x", *FIELDS, closed=False)),
        "multipart without its end",
    ),
    "multipart without a boundary": (
        (("Content-Type: multipart/form-data",), multipart("x", *FIELDS)),
        "multipart without a boundary",
    ),
    "multipart with a part that has no name": (
        ((MULTIPART + "x",), b"--x\r\nA: b\r\n\r\nsMessageId=m1&sStatus=DELIVRD\r\n--x--"),
        "multipart with a part that is no field",
    ),
    "multipart with too many fields": (
        ((MULTIPART + "x",), multipart("x", *FIELDS * 400)),
        "multipart with more than 1,000 fields",
    ),
    "gzip cut short": (((GZIP,), gzip.compress(PLAIN)[:-1]), "compressed, but not whole"),
    "gzip damaged": (
        ((GZIP,), gzip.compress(PLAIN)[:-8] + bytes(8)),
        "compressed, but damaged",
    ),
    "text behind gzip": (((GZIP,), gzip.compress(PLAIN) + PLAIN), "compressed, but not whole"),
    "gzip in gzip": (((GZIP,), gzip.compress(gzip.compress(PLAIN))), None),
    "a bomb": (
        ((GZIP,), gzip.compress(b'[{"sMessageId":"m1"},' * 5_000_000)),
        "compressed, and comes to more than 4,194,304 bytes",
    ),
    "a small bomb": (((GZIP,), gzip.compress(b"a=b&" * 50_000)), "compressed, and comes to more than"),
    "a bomb of pairs": (
        ((GZIP,), gzip.compress(b"".join(b"a%d=b&" % n for n in range(50_000)))),
        "more than 20,000 fields",
    ),
    "too many under a key": (((JSON,), b'{"dlrs": [' + b"{}," * 30_000 + b"{}]}"), "more than 20,000 fields"),
    "JSON lines, one broken": (((JSON,), f"{item('1')}\n{item('2')[:-9]}\n".encode()), None),
    "deep": (((JSON,), b'{"a":' * 19_000 + b'[{"sMessageId":"m1"}]' + b"}" * 19_000), None),
    "an object in an object in an object, and so on": (
        ((JSON,), b'{"a":{"b":{"c":{"d":{"e":[{"sMessageId":"m1"}]}}}}}'),
        None,
    ),
    "no DLR under the key": (((JSON,), b'{"data": [{"x": 1}, {"y": 2}]}'), None),
    "a list of texts": (((JSON,), b'{"data": ["sMessageId=m1"]}'), None),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A home whose collector took everything above, each followed by a good callback, all of it ingested."""
    with collector(tmp_path_factory.mktemp("forms") / "data") as running:
        for name, ((headers, body), _) in {**READ, **UNREAD}.items():
            target = f"/dlr/route_mobile/{TOKEN}"
            is_chunked = CHUNKED in headers
            said = request("POST", target, None if is_chunked else body, *headers)
            assert exchange(running.address, said + (body if is_chunked else b""))[0] == 200, name
            exchange(running.address, request("GET", f"{target}?sMessageId=good&sStatus=DELIVRD"))
        done = ingest(config.load(home=running.home))
        assert done.n_unparsed == len(UNREAD)
        yield running


def found(home: Collector, name: str) -> tuple[list[Dlr], str, str | None]:
    """The DLRs, the body and the reason of a callback above."""
    place = 2 * list({**READ, **UNREAD}).index(name)
    settings = config.load(home=home.home)
    query = (
        f"SELECT callback_id, body, unread_reason FROM callbacks ORDER BY received_at LIMIT 1 OFFSET {place}"
    )
    ((callback_id, body, reason),) = rows(settings, query)
    dlrs = (
        "SELECT gateway_message_id, status, error_code FROM dlrs WHERE callback_id = '{}' ORDER BY position"
    )
    return rows(settings, dlrs.format(callback_id)), body, reason


@pytest.mark.parametrize("name", READ)
def test_read(home: Collector, name: str) -> None:
    """Each form gives exactly its DLRs, with every digit as it was, and its body is kept as it came."""
    (_, body), expected = READ[name]
    dlrs, kept, reason = found(home, name)
    assert (dlrs, reason) == (expected, None)
    assert PLAIN.decode() == kept if "chunked" in name else kept in (body.decode("latin-1"), _text(body))


@pytest.mark.parametrize("name", UNREAD)
def test_unread(home: Collector, name: str) -> None:
    """What is spoilt, cut short or too much gives no DLR, keeps its body, and says why where that is known."""
    (_, body), reason = UNREAD[name]
    dlrs, kept, said = found(home, name)
    assert (dlrs, kept) == ([], kept if kept == body.decode("latin-1") else _text(body))
    assert (said or "").startswith(reason or "") and bool(said) == bool(reason)


def test_those_beside_them(home: Collector) -> None:
    """Every good callback that came between them is read."""
    settings = config.load(home=home.home)
    n_good = rows(settings, "SELECT count(*) FROM dlrs WHERE gateway_message_id = 'good'")
    assert n_good == [(len(READ) + len(UNREAD),)]


def test_the_encoding_is_kept(home: Collector) -> None:
    """The journal holds Content-Encoding, so that a relay can pass the callback on."""
    assert {record.get("content_encoding") for record in records(home.home)} == {None, "gzip", "deflate"}


def _text(body: bytes) -> str:
    return body.decode(errors="replace")
