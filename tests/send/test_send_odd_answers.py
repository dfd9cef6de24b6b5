"""What a neighbour may answer: any header, any charset, any length, and never a traceback for it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from support import gateway_samples as samples
from support.command import run
from support.odd_answers import answering

from rmanalytics import gateways
from rmanalytics.errors import ConfigError, GatewayUnavailable
from rmanalytics.support import http

OK = b"HTTP/1.1 200 OK\r\nConnection: close"
HEADERS = {
    "Latin-1 in a header": (b"X-Operator: Caf\xe9", "1701|919800000001|id-1"),
    "a charset that decodes in quadratic time": (
        b"Content-Type: text/plain; charset=punycode",
        "1701|919800000001|id-1",
    ),
    "a charset that is none for text": (b"Content-Type: text/plain; charset=hex", "1701|919800000001|id-1"),
    "a charset that nobody knows": (b"Content-Type: text/plain; charset=\xb2\xff", "1701|919800000001|id-1"),
    "an encoding that it does not have": (
        b"Content-Length: 22\r\nX-Content-Encoding: gzip",
        "1701|919800000001|id-1",
    ),
}

ENTRY = "1701|919800000001|id-é"
CHARSETS = {
    f"{said or 'nothing said'}, {codec}": (said, ENTRY.encode(codec))
    for said, codec in (
        ("utf-16", "utf-16"),
        ("UTF-16", "utf-16-be"),
        ("utf-16", "utf-16-le"),
        ("utf-16le", "utf-16-le"),
        ("utf-32", "utf-32"),
        ("utf-32be", "utf-32-be"),
        ("ucs-2", "utf-16-be"),
        ("utf-7", "utf-7"),
        ("", "utf-16"),
        ("utf-8", "utf-16"),
        ("utf-16", "utf-8"),
        ("utf-8", "utf-8-sig"),
    )
}


@pytest.mark.parametrize(("charset", "content"), CHARSETS.values(), ids=CHARSETS)
def test_any_charset_of_unicode_is_read(charset: str, content: bytes) -> None:
    """A gateway's answer is read in whatever form of Unicode it comes, whether the header says so or not."""
    head = OK + (f"\r\nContent-Type: text/plain; charset={charset}".encode() if charset else b"")
    with answering(head, content) as url:
        answer = asyncio.run(_exchange(url))
        gateway = gateways.get("route_mobile", samples.settings())
        (said,) = gateway.submit_responses([samples.message()], answer)
    assert (said.result, said.gateway_message_id) == ("accepted", "id-é")
    assert answer.text.lstrip("\ufeff") == ENTRY


async def _exchange(url: str) -> httpx.Response:
    async with http.client(1) as session:
        return await http.exchange(session, httpx.Request("POST", url, content=b"x"), 5)


@pytest.mark.parametrize(("header", "text"), HEADERS.values(), ids=HEADERS)
def test_any_header_is_taken(header: bytes, text: str) -> None:
    """What stands in the headers never hides the answer, whether asked by the sender or by a check."""
    with answering(OK + b"\r\n" + header, text.encode()) as url:
        assert asyncio.run(_exchange(url)).text == text
        assert http.ask(url, 5).text == text


def test_an_answer_without_end_is_cut() -> None:
    """Of an answer without end no more is read than the limit."""
    with answering(OK, b"x" * 65536, is_endless=True) as url:
        assert len(asyncio.run(_exchange(url)).content) == http.MOST_BYTES
        assert len(http.ask(url, 5).content) == http.MOST_BYTES


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/\x00", "http://[::1", "127.0.0.1", "http://\udcff/"])
def test_a_text_that_is_no_url(url: str) -> None:
    """Asking an invalid URL is an HTTP error like any other."""
    with pytest.raises(httpx.HTTPError):
        http.ask(url, 1)


@pytest.mark.parametrize("url", ["http://a..b/x", f"http://{'a' * 64}.net/x"])
def test_a_host_that_cannot_exist(url: str) -> None:
    """A request to a host that cannot exist never left us: it is not unclear."""
    with pytest.raises(GatewayUnavailable):
        asyncio.run(_exchange(url))


REDIRECTS = {
    "whole": (
        b"https://sms.example.org:8443/login?password=s3cret#x",
        "a redirect to https://sms.example.org/login",
    ),
    "with an account": (b"https://me:s3cret@sms.example.org/", "a redirect to https://sms.example.org/"),
    "a path": (b"/login?password=s3cret", "a redirect to http://127.0.0.1/login"),
    "no URL": (b"http://[s3cret", "a redirect to an invalid URL"),
}


@pytest.mark.parametrize(("location", "words"), REDIRECTS.values(), ids=REDIRECTS)
def test_a_redirect_names_its_place(location: bytes, words: str, tmp_path: Path) -> None:
    """A redirect is said with the host and path it names, and with no query or password."""
    row = "919800000001,Hi,c1,ACMEBK,1101000000000000001,1107000000000000001"
    (tmp_path / "b.csv").write_text(f"msisdn,body,campaign_id,header,entity_id,template_id\n{row}\n")
    head = b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + location
    with answering(head, b"") as url:
        done = run(
            "send", "b.csv", "--yes", cwd=tmp_path, RMANALYTICS_ROUTE_MOBILE_URL=url + "bulksms/bulksms"
        )
    said = done.stdout + done.stderr
    assert f"HTTP 302 without a code, {words}" in said
    assert "s3cret" not in said


def test_certificates_are_read_for_https_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SSL_CERT_FILE naming nothing hinders no plain http, and is named where https needs it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with answering(OK, b"ok") as url:
        assert http.ask(url, 5).text == "ok"
        assert asyncio.run(_exchange(url)).text == "ok"
        with pytest.raises(ConfigError, match=r"^SSL_CERT_FILE: .*none\.pem: No such file"):
            http.ask(url.replace("http:", "https:"), 5)


def test_a_send_with_certificates_that_are_none(tmp_path: Path) -> None:
    """`send` to a plain local gateway works whatever SSL_CERT_FILE says and whatever its headers hold."""
    row = "919800000001,Hi,c1,ACMEBK,1101000000000000001,1107000000000000001"
    (tmp_path / "b.csv").write_text(f"msisdn,body,campaign_id,header,entity_id,template_id\n{row}\n")
    answer = OK + b"\r\nX-Operator: Caf\xe9"
    with answering(answer, b"1701|919800000001|id-1") as url:
        done = run(
            "send",
            "b.csv",
            "--yes",
            cwd=tmp_path,
            RMANALYTICS_ROUTE_MOBILE_URL=url + "bulksms/bulksms",
            SSL_CERT_FILE="/no/such/ca.pem",
        )
    assert "Traceback" not in done.stderr
    assert (done.returncode, re.findall(r"accepted +(\d+)", done.stdout)) == (0, ["1"]), done.stderr
