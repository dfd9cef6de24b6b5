"""Bodies as others send them: posted to a collector, ingested, exactly the right DLRs; what is no DLR stays raw."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from support.collectors import TOKEN, Collector, collector, exchange, records, request
from support.database import rows

from rmanalytics import config
from rmanalytics.ingest.run import ingest

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
MULTIPART = "Content-Type: multipart/form-data; boundary="
GZIP = "Content-Encoding: gzip"
QUERY = "Query: "
DEFLATE = "Content-Encoding: deflate"
CHUNKED = "Transfer-Encoding: chunked"

Post = tuple[tuple[str, ...], bytes]
Dlr = tuple[str | None, str, str | None]


def item(name: str, status: str = "DELIVRD") -> str:
    """A DLR as JSON, with a number that no float holds."""
    return f'{{"sMessageId": {name}, "sStatus": "{status}", "iErrCode": 0}}'


def multipart(
    boundary: str, *fields: tuple[str, str], end: str = "\r\n", closed: bool = True, head: str = "A: b"
) -> bytes:
    """A multipart form, each of its parts with another line in its head."""
    parts = [
        f'--{boundary}{end}Content-Disposition: form-data; name="{name}"{end}{head}{end}{end}{value}{end}'
        for name, value in fields
    ]
    return ("".join(parts) + (f"--{boundary}--{end}" if closed else "")).encode()


FIELDS = (("sMessageId", "m 1&x=é"), ("sStatus", "DELIVRD"), ("iErrCode", "069"))
BASE64 = "Content-Transfer-Encoding: base64"
QUOTED = "Content-Transfer-Encoding: Quoted-Printable"
BIG = "12345678901234567890123"
ONE: list[Dlr] = [("m1", "delivered", None)]
FAILED: list[Dlr] = [("m1", "failed", "069")]
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
    "gzip in two members": (((FORM, GZIP), gzip.compress(PLAIN[:9]) + gzip.compress(PLAIN[9:])), ONE),
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
    "; between pairs": (((FORM,), b"sMessageId=m1;sStatus=DELIVRD;foo=2"), ONE),
    "; between the last pairs": (((FORM,), b"sMessageId=m1&sStatus=UNDELIV;iErrCode=069"), FAILED),
    "a comma between pairs": (((FORM,), b"sMessageId=m1,sStatus=DELIVRD"), ONE),
    "| between pairs": (((FORM,), b"sMessageId=m1|sStatus=DELIVRD"), ONE),
    "&#38; between pairs": (((FORM,), b"sMessageId=m1&#38;sStatus=UNDELIV&#x26;iErrCode=069"), FAILED),
    "; in a text": (((FORM,), b"sMessageId=m;1,x&sStatus=DELIVRD"), [("m;1,x", "delivered", None)]),
    "; and = in a text": (
        ((FORM,), b"sMessageId=m1&sTagName=a;b=c==&sStatus=DELIVRD"),
        ONE,
    ),
    "a question mark before pairs": (((FORM,), b"?sMessageId=m1&sStatus=DELIVRD"), ONE),
    "a second question mark": (((FORM,), b"token=x?sMessageId=m1&sStatus=DELIVRD"), ONE),
    "a question mark in an address": (
        ((FORM,), b"sMessageId=m1&url=http://host/p?status=FAILED&sStatus=DELIVRD"),
        ONE,
    ),
    "two reports on two lines": (
        ((FORM,), f"sMessageId={BIG}&sStatus=DELIVRD\r\nsMessageId=7&sStatus=UNDELIV\r\n".encode()),
        TWO,
    ),
    "two reports on two lines, encoded": (
        ((FORM,), b"sMessageId=m%201&sStatus=DELIVRD\nsMessageId=m+2&sStatus=UNDELIV"),
        [("m 1", "delivered", None), ("m 2", "failed", None)],
    ),
    "a pair on each line": (((FORM,), b"sMessageId=m1\r\nsStatus=UNDELIV\r\niErrCode=069\r\n"), FAILED),
    "a line end in a text": (((FORM,), b"sMessageId=m1&text=a\nb&sStatus=DELIVRD"), ONE),
    "multipart, base64": (
        (
            (MULTIPART + "x",),
            multipart("x", ("sMessageId", "bTEx\r\n"), ("sStatus", "REVMSVZSRA=="), head=BASE64),
        ),
        [("m11", "delivered", None)],
    ),
    "multipart, quoted-printable": (
        (
            (MULTIPART + "x",),
            multipart("x", ("sMessageId", "m=\r\n=31"), ("sStatus", "DELIVRD"), head=QUOTED),
        ),
        ONE,
    ),
    "encoded twice": (
        ((FORM,), b"sMessageId=m%2520%257C1&sStatus=DELIVRD&dtDone=2025-01-15%252010%253A20%253A30"),
        [("m |1", "delivered", None)],
    ),
    "encoded three times": (((FORM,), b"sMessageId=m%25257C1&sStatus=DELIVRD"), [("m|1", "delivered", None)]),
    "a text that is encoded itself": (
        ((FORM,), b"sMessageId=m%257C1&sStatus=DELIVRD&dtDone=2025-01-15%2010:20:30"),
        [("m%7C1", "delivered", None)],
    ),
    "encoded as a whole": (((FORM,), b"sMessageId%3Dm1%26sStatus%3DDELIVRD"), ONE),
    "JSON, encoded": (((FORM,), b"%7B%22sMessageId%22%3A%22m1%22%2C%22sStatus%22%3A%22DELIVRD%22%7D"), ONE),
    "an envelope with a status": (((JSON,), f'{{"status":"ok","results":[{BOTH}]}}'.encode()), TWO),
    "an envelope with an id and a status": (
        ((JSON,), f'{{"messageId":"r1","status":"ok","results":[{BOTH}]}}'.encode()),
        TWO,
    ),
    "an envelope in an envelope": (
        ((JSON,), f'{{"status":"ok","data":{{"page":1,"results":[{BOTH}]}}}}'.encode()),
        TWO,
    ),
    "an object beside a word": (((JSON,), f'{{"type":"dlr","data":{item(BIG)}}}'.encode()), TWO[:1]),
    "a field twice with one value": (((FORM,), b"sMessageId=m1&sStatus=DELIVRD&sStatus=DELIVRD"), ONE),
    "one number in two spellings": (
        ((FORM,), PLAIN + b"&sMobileNo=919800000001&sMobileNo=%2B91+98000-00001"),
        ONE,
    ),
    "one number in two spellings, on lines": (
        ((FORM,), b"\n".join([PLAIN + b"&sMobileNo=919800000001&sMobileNo=%2B919800000001"] * 2)),
        ONE * 2,
    ),
    "a field twice, once empty": (((FORM,), b"sMessageId=m1&sStatus=&sStatus=DELIVRD"), ONE),
    "a field of others twice": (((FORM,), b"sMessageId=m1&sStatus=DELIVRD&x=1&x=2"), ONE),
    "half a sign in JSON": (
        (
            (JSON,),
            b'[{"sMessageId":"m\\ud83d","sStatus":"DELIVRD"},{"sMessageId":"\\\\ud83d","sStatus":"UNDELIV"}]',
        ),
        [("m\ufffd", "delivered", None), ("\\ud83d", "failed", None)],
    ),
    "two halves in JSON": (
        ((JSON,), b'{"sMessageId":"\\ud83d\\ude00\\ude00","sStatus":"DELIVRD"}'),
        [("\U0001f600\ufffd", "delivered", None)],
    ),
    "gzip in gzip": (((GZIP,), gzip.compress(gzip.compress(PLAIN))), ONE),
    "deflate without a head": (((FORM, DEFLATE), zlib.compress(PLAIN, wbits=-15)), ONE),
    "deflate that is none": (((FORM, DEFLATE), PLAIN), ONE),
    "UTF-16 with a mark": (((JSON,), f"[{BOTH}]".encode("utf-16")), TWO),
    "UTF-16, big end, with a mark": (((FORM,), b"\xfe\xff" + PLAIN.decode().encode("utf-16-be")), ONE),
    "UTF-16 by its charset": (((FORM + "; charset=UTF-16LE",), PLAIN.decode().encode("utf-16-le")), ONE),
    "a list of PHP": (((FORM,), b"sMessageId[]=m1&sStatus%5B%5D=DELIVRD"), ONE),
    "a field that is JSON": (((FORM,), f"data=[{BOTH}]".encode()), TWO),
    "a field that is JSON, encoded": (
        ((FORM,), b"payload=" + quote_plus(item("7", "UNDELIV")).encode()),
        TWO[1:],
    ),
    "a field that is JSON, beside others": (
        ((FORM,), b"token=x&data=" + quote_plus(f"[{BOTH}]").encode()),
        TWO,
    ),
    "a value in brackets": (((FORM,), b"sMessageId=[1]&sStatus=DELIVRD"), [("[1]", "delivered", None)]),
    "JSON in a text of JSON": (((JSON,), json.dumps(f"[{BOTH}]").encode()), TWO),
    "JSON in a member's text": (((JSON,), json.dumps({"data": f"[{BOTH}]"}).encode()), TWO),
    "Latin-1 by its charset": (
        ((FORM + "; charset=ISO-8859-1",), b"sMessageId=caf%E9+1&sStatus=DELIVRD"),
        [("café 1", "delivered", None)],
    ),
    "one value in query and body": (((FORM, QUERY + "sMessageId=m1"), PLAIN), ONE),
    "one value in query and body, in two spellings": (
        (
            (FORM, QUERY + "message_id=m1&status=delivrd&mobile=9800000001"),
            PLAIN + b"&sMobileNo=%2B919800000001",
        ),
        ONE,
    ),
    "other fields in the query": (((FORM, QUERY + "tenant=7&msgid=ours"), PLAIN), ONE),
    "an array of PHP": (((FORM,), b"data[sMessageId]=m1&data[sStatus]=DELIVRD"), ONE),
    "an array of PHP, encoded": (((FORM,), b"data%5BsMessageId%5D=m1&data%5BsStatus%5D=DELIVRD"), ONE),
    "an array of PHP, in the query": (((QUERY + "d[sMessageId]=m1&d[sStatus]=DELIVRD",), b""), ONE),
    "an object keyed by ids": (
        ((JSON,), f'{{"m1":{item("1")},"m2":{item("2")}}}'.encode()),
        [("1", "delivered", None), ("2", "delivered", None)],
    ),
    "an object keyed by ids, under a key": (
        ((JSON,), f'{{"count":2,"reports":{{"m1":{item("1")},"m2":{item("2")}}}}}'.encode()),
        [("1", "delivered", None), ("2", "delivered", None)],
    ),
    "an object keyed by ids, in a form": (
        ((FORM,), b"data=" + quote_plus(f'{{"m1":{item("1")},"m2":{item("2")}}}').encode()),
        [("1", "delivered", None), ("2", "delivered", None)],
    ),
    "a list of 14,000": (
        ((JSON,), f"[{','.join(item(str(n)) for n in range(1, 14_001))}]".encode()),
        [(str(n), "delivered", None) for n in range(1, 14_001)],
    ),
    "a list of 14,000 under a key": (
        ((JSON,), f'{{"n":1,"dlrs":[{",".join(item(str(n)) for n in range(1, 14_001))}]}}'.encode()),
        [(str(n), "delivered", None) for n in range(1, 14_001)],
    ),
    "chunked, with a trailer": (
        ((CHUNKED, FORM), b"1d\r\n" + PLAIN + b"\r\n0\r\nX-Checksum: 1\r\nX-More: 2\r\n\r\n"),
        ONE,
    ),
}

_NO_FIELD = "no field of a DLR found in "

UNREAD: dict[str, tuple[Post, str]] = {
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
    "a second member cut short": (
        ((GZIP,), gzip.compress(PLAIN) + gzip.compress(b"&x=1")[:-1]),
        "compressed, but not whole",
    ),
    "a bomb in members": (
        ((GZIP,), gzip.compress(b"a=b&" * 400) * 60 + gzip.compress(b"a=b&" * 200_000)),
        "compressed, and comes to more than",
    ),
    "gzip damaged": (
        ((GZIP,), gzip.compress(PLAIN)[:-8] + bytes(8)),
        "compressed, but damaged",
    ),
    "text behind gzip": (((GZIP,), gzip.compress(PLAIN) + PLAIN), "compressed, but not whole"),
    "gzip in gzip in gzip": (
        ((GZIP,), gzip.compress(gzip.compress(gzip.compress(PLAIN)))),
        "no field of a DLR found in a body without a content type, encoded as gzip",
    ),
    "Brotli": (
        ((FORM, "Content-Encoding: br"), b"\x0f\x0e\x80" + bytes(range(128, 160)) + b"\x03"),
        "no field of a DLR found in a body of application/x-www-form-urlencoded, encoded as br",
    ),
    "UTF-16 cut short": (
        (("Content-Type: text/plain",), PLAIN.decode().encode("utf-16")[:-1]),
        "in UTF-16, but",
    ),
    "an object keyed by ids that its reports do not name": (
        ((JSON,), b'{"m1":{"sStatus":"DELIVRD"},"m2":{"sStatus":"UNDELIV"}}'),
        _NO_FIELD,
    ),
    "two arrays of PHP": (
        ((FORM,), b"a[sMessageId]=m1&a[sStatus]=DELIVRD&b[sMessageId]=m2&b[sStatus]=UNDELIV"),
        _NO_FIELD,
    ),
    "an array of arrays of PHP": (
        ((FORM,), b"d[0][sMessageId]=m1&d[0][sStatus]=DELIVRD&d[1][sMessageId]=m2&d[1][sStatus]=UNDELIV"),
        _NO_FIELD,
    ),
    "a text in JSON": (((JSON,), b'"hello"'), _NO_FIELD),
    "a form's field that is no JSON": (((FORM,), b"data=[hello&x=1"), _NO_FIELD),
    "nothing": ((("A: b",), b""), "no field of a DLR found in its query"),
    "two values, in query and body": (
        ((FORM, QUERY + "sMessageId=m2"), PLAIN),
        "two different values of smessageid",
    ),
    "two values, in query and body, in two spellings": (
        ((FORM, QUERY + "message_id=m2"), PLAIN),
        "two different values of smessageid",
    ),
    "two words, in query and body, in two spellings": (
        ((FORM, QUERY + "status=UNDELIV"), PLAIN),
        "two different values of sstatus",
    ),
    "two numbers, in query and JSON, in two spellings": (
        (
            (JSON, QUERY + "mobile=919800000002"),
            b'{"sMessageId":"m1","sMobileNo":"919800000001","sStatus":"DELIVRD"}',
        ),
        "two different values of smobileno",
    ),
    "two values, in query and JSON": (
        ((JSON, QUERY + "sStatus=UNDELIV"), item("1").encode()),
        "two different values of sstatus",
    ),
    "a bomb": (
        ((GZIP,), gzip.compress(b'[{"sMessageId":"m1"},' * 5_000_000)),
        "compressed, and comes to more than 4,194,304 bytes",
    ),
    "a small bomb": (((GZIP,), gzip.compress(b"a=b&" * 50_000)), "compressed, and comes to more than"),
    "a bomb of pairs": (
        ((GZIP,), gzip.compress(b"".join(b"a%d=b&" % n for n in range(50_000)))),
        "more than 20,000 fields",
    ),
    "too many under a key": (
        ((JSON,), b'{"dlrs": [' + b"{}," * 90_000 + b"{}]}"),
        "more than 20,000 fields",
    ),
    "deep": (((JSON,), b'{"a":' * 19_000 + b'[{"sMessageId":"m1"}]' + b"}" * 19_000), _NO_FIELD),
    "an object in an object in an object, and so on": (
        ((JSON,), b'{"a":{"b":{"c":{"d":{"e":[{"sMessageId":"m1"}]}}}}}'),
        _NO_FIELD,
    ),
    "a field twice": (
        ((FORM,), b"sMessageId=m1&sStatus=DELIVRD&sStatus=UNDELIV"),
        "two different values of sstatus",
    ),
    "a field twice, in two cases": (
        ((FORM,), b"sMessageId=m1&smessageid=m2&sStatus=DELIVRD"),
        "two different values of smessageid",
    ),
    "a field twice behind a second question mark": (
        ((FORM,), b"sMessageId=x?sMessageId=m1&sStatus=DELIVRD"),
        "two different values of smessageid",
    ),
    "two numbers in two spellings": (
        ((FORM,), b"sMessageId=m1&mobile=919800000001&msisdn=919800000002&sStatus=DELIVRD"),
        "two different values of smobileno",
    ),
    "a number and a word for one in two spellings": (
        ((FORM,), b"sMessageId=m1&mobile=919800000001&msisdn=abc&sStatus=DELIVRD"),
        "two different values of smobileno",
    ),
    "two ids in two spellings, in JSON": (
        ((JSON,), b'{"sMessageId":"m1","unique_id":"m2","sStatus":"DELIVRD"}'),
        "two different values of smessageid",
    ),
    "two words in two spellings": (
        ((FORM,), b"sMessageId=m1&sStatus=DELIVRD&status=UNDELIV"),
        "two different values of sstatus",
    ),
    "two spellings in the query alone": (
        ((FORM, QUERY + "sMessageId=m1&messageId=m2&sStatus=DELIVRD"), b""),
        "two different values of smessageid",
    ),
    "a field twice in multipart": (
        ((MULTIPART + "x",), multipart("x", *FIELDS, ("sStatus", "UNDELIV"))),
        "two different values of sstatus",
    ),
    "multipart, spoilt base64": (
        ((MULTIPART + "x",), multipart("x", ("sMessageId", "bT-x"), head=BASE64)),
        "multipart with a part that is no base64",
    ),
    "multipart, an unknown encoding": (
        (
            (MULTIPART + "x",),
            multipart("x", ("sMessageId", "m1"), head="Content-Transfer-Encoding: uuencode"),
        ),
        "multipart with a part in an unknown encoding",
    ),
    "a report in a report": (
        ((JSON,), f'{{"sMessageId":"r1","sStatus":"DELIVRD","parts":[{BOTH}]}}'.encode()),
        "two reports in one another",
    ),
    "lines without end": (((FORM,), b"a=1\n" * 25_000), "more than 20,000 fields"),
    "XML": (((), b'<dlr\n sMessageId="m1"\n sStatus="DELIVRD"/>'), _NO_FIELD),
    "no DLR under the key": (((JSON,), b'{"data": [{"x": 1}, {"y": 2}]}'), _NO_FIELD),
    "a list of texts": (((JSON,), b'{"data": ["sMessageId=m1"]}'), _NO_FIELD),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A home whose collector took everything above, each followed by a good callback, all of it ingested."""
    with collector(tmp_path_factory.mktemp("forms") / "data") as running:
        for name, ((headers, body), _) in {**READ, **UNREAD}.items():
            target = f"/dlr/route_mobile/{TOKEN}"
            is_chunked = CHUNKED in headers
            query = next((f"?{one.removeprefix(QUERY)}" for one in headers if one.startswith(QUERY)), "")
            said = request("POST", target + query, None if is_chunked else body, *headers)
            assert exchange(running.address, said + (body if is_chunked else b""))[0] == 200, name
            exchange(running.address, request("GET", f"{target}?sMessageId=good&sStatus=DELIVRD"))
        ingest(config.load(home=running.home))
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
    """What is spoilt, cut short or too much gives no DLR, keeps its body, and says why."""
    (_, body), reason = UNREAD[name]
    dlrs, kept, said = found(home, name)
    assert (dlrs, kept) == ([], kept if kept == body.decode("latin-1") else _text(body))
    assert (said or "").startswith(reason)


def test_all_that_is_unread_is_counted(home: Collector) -> None:
    """Callbacks without a DLR are exactly those that cannot be read."""
    assert rows(config.load(home=home.home), "SELECT count(*) FROM callbacks WHERE n_dlrs = 0") == [
        (len(UNREAD),)
    ]


def test_all_that_is_unread_has_a_reason(home: Collector) -> None:
    """Callbacks have a reason where they have no DLR, and only there."""
    wrong = "SELECT body FROM callbacks WHERE (n_dlrs = 0) <> (unread_reason IS NOT NULL)"
    assert rows(config.load(home=home.home), wrong) == []


def test_those_beside_them(home: Collector) -> None:
    """Every good callback that came between them is read."""
    settings = config.load(home=home.home)
    n_good = rows(settings, "SELECT count(*) FROM dlrs WHERE gateway_message_id = 'good'")
    assert n_good == [(len(READ) + len(UNREAD),)]


def test_the_encoding_is_kept(home: Collector) -> None:
    """The journal holds Content-Encoding, so that a relay can pass the callback on."""
    assert {record.get("content_encoding") for record in records(home.home)} == {
        None,
        "gzip",
        "deflate",
        "br",
    }


def _text(body: bytes) -> str:
    return body.decode(errors="replace")


TWO_LENGTHS = {
    "both lengths": ("Content-Length: 29", CHUNKED),
    "the other order": (CHUNKED, "Content-Length: 29"),
    "both, a length of 0": ("Content-Length: 0", CHUNKED),
    "two lengths": ("Content-Length: 3", "Content-Length: 29"),
    "a length that is none": ("Content-Length: +29",),
}


@pytest.mark.parametrize("headers", TWO_LENGTHS.values(), ids=TWO_LENGTHS)
def test_nothing_hides_behind_a_second_length(headers: tuple[str, ...], tmp_path: Path) -> None:
    """Where a body has two lengths, the chunks count or it gets 400; what follows on the connection is never read."""
    is_chunked = CHUNKED in headers
    body = b"1d\r\n" + PLAIN + b"\r\n0\r\n\r\n" if is_chunked else PLAIN
    target = f"/dlr/route_mobile/{TOKEN}"
    with collector(tmp_path / "data") as running:
        with socket.create_connection(running.address, timeout=10) as client:
            hidden = request("GET", f"{target}?sMessageId=hidden&sStatus=DELIVRD")
            client.sendall(request("POST", target, None, *headers) + body + hidden)
            said = b""
            while piece := client.recv(1024):
                said += piece
        assert said.startswith(b"HTTP/1.1 200" if is_chunked else b"HTTP/1.1 400"), said
        assert said.count(b"HTTP/1.1") == 1
        assert [record["body"] for record in records(running.home)] == [PLAIN.decode()] * is_chunked
