"""Requests to Route Mobile: where they go, what they carry, which messages share one."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from support import gateway_samples as samples

from rmanalytics import gateways
from rmanalytics.errors import ConfigError
from rmanalytics.gateways import Gateway
from rmanalytics.gateways.route_mobile import RouteMobile, redact
from rmanalytics.models import Encoding, Message, Route

ACCOUNT = {"username": "acct", "password": samples.PASSWORD, "source": "TESTSM"}
DLT = {"entityid": "1101000000000000001", "tempid": "1107000000000000001"}
TEXT = {"destination": "919800000001", "message": "Your code is 1234"}
MARKS = {"tagname": "camp42", "msgid": "m-1"}
FLAGS = {"type": "0", "dlr": "1"}
HINDI = "नमस्ते 1"
HEX = "0928092E0938094D0924094700200031"
ABROAD = {"route": Route.INTERNATIONAL, "msisdn": "447700900123", "entity_id": None, "template_id": None}


def gateway(form: str, **changes: Any) -> RouteMobile:
    return RouteMobile(samples.settings(route_mobile_format=form, **changes))


def carried(request: httpx.Request) -> Any:
    """The fields of a request, from its query, form or JSON; a field given twice is an error."""
    if request.headers.get("content-type") == "application/json":
        return json.loads(request.content)
    text = request.url.query if request.method == "GET" else request.content
    pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


UNICODE = {"body": HINDI, "encoding": Encoding.UCS2}
FORMS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "domestic": ({}, ACCOUNT | FLAGS | TEXT | DLT | MARKS),
    "domestic, Unicode": (UNICODE, ACCOUNT | TEXT | DLT | MARKS | {"type": "2", "dlr": "1", "message": HEX}),
    "domestic, beyond the basic plane": (
        {"body": "😀", "encoding": Encoding.UCS2},
        ACCOUNT | TEXT | DLT | MARKS | {"type": "2", "dlr": "1", "message": "D83DDE00"}),
    "international": (ABROAD, ACCOUNT | FLAGS | TEXT | MARKS | {"destination": "447700900123"}),
    "international, with DLT fields": (
        ABROAD | {"entity_id": "1101000000000000001", "template_id": "1107000000000000001"},
        ACCOUNT | FLAGS | TEXT | MARKS | {"destination": "447700900123"}),
    "odd characters": (
        {"body": "a+b&c=d %20\n€{x}", "header": "+919800", "campaign_id": "q&a 50%"},
        ACCOUNT | FLAGS | TEXT | DLT | MARKS
        | {"message": "a+b&c=d %20\n€{x}", "source": "+919800", "tagname": "q&a 50%"}),
    "without a template": ({"template_id": None}, ACCOUNT | FLAGS | TEXT | MARKS | {"entityid": DLT["entityid"]}),
    "without a campaign": ({"campaign_id": ""}, ACCOUNT | FLAGS | TEXT | DLT | {"msgid": "m-1"}),
}  # fmt: skip


@pytest.mark.parametrize("changes, expected", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("form", ["bulksms", "personalizedbulksms", "sbulksms"])
def test_form(form: str, method: str, changes: dict[str, Any], expected: dict[str, str]) -> None:
    """GET and POST carry the same fields; Unicode is hexadecimal together with type 2; DLT only at home."""
    request = gateway(form, route_mobile_method=method).submit_request([samples.message(**changes)])
    assert (request.method, carried(request)) == (method, expected)


@pytest.mark.parametrize("changes, expected", FORMS.values(), ids=FORMS)
def test_jsonbulksms(changes: dict[str, Any], expected: dict[str, str]) -> None:
    """Each item is whole, all values are strings."""
    request = gateway("jsonbulksms").submit_request([samples.message(**changes), samples.message(2)])
    second = (
        ACCOUNT | FLAGS | TEXT | DLT | {"destination": "919800000002", "tagname": "camp42", "msgid": "m-2"}
    )
    assert (request.method, carried(request)) == ("POST", {"request": [expected, second]})


@pytest.mark.parametrize("changes, expected", FORMS.values(), ids=FORMS)
def test_clevertap(changes: dict[str, Any], expected: dict[str, str]) -> None:
    """CleverTap's flat payload: the text as it is, all its fields, no type, no dlr."""
    message = samples.message(**changes)
    flat = {name: value for name, value in expected.items() if name not in FLAGS} | {"message": message.body}
    request = gateway("clevertap", route_mobile_method="GET").submit_request([message])
    assert (request.method, carried(request)) == ("POST", flat)


def test_clevertap_has_the_fields_of_the_page() -> None:
    """The nine keys of CleverTap's sample payload, in its order of names."""
    request = gateway("clevertap").submit_request([samples.message()])
    page = "username password source destination message entityid tempid tagname msgid"
    assert list(carried(request)) == page.split()


def test_shared_request() -> None:
    """Several numbers stand in one list; msgid would name only one of them and is left out."""
    request = gateway("bulksms").submit_request(samples.messages(3))
    numbers = {"destination": "919800000001,919800000002,919800000003"}
    assert carried(request) == ACCOUNT | FLAGS | TEXT | DLT | {"tagname": "camp42"} | numbers
    assert b"919800000001%2C919800000002" in request.content


def test_sbulksms_delimiter() -> None:
    """With a delimiter sbulksms carries a text per number, in order, also where they are equal."""
    batch = [
        samples.message(1, body="one"),
        samples.message(2, body="two, too"),
        samples.message(3, body="one"),
    ]
    request = gateway("sbulksms", route_mobile_delimiter="~|~").submit_request(batch)
    assert carried(request)["message"] == "one~|~two, too~|~one"
    assert carried(request)["destination"] == "919800000001,919800000002,919800000003"


def test_headers_are_ready_for_a_bare_transport() -> None:
    """A request names host, length and content type itself."""
    request = gateway("bulksms", route_mobile_url="http://127.0.0.1:9/bulksms/bulksms").submit_request(
        samples.messages(1)
    )
    assert request.headers["content-length"] == str(len(request.content))
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["host"] == "127.0.0.1:9"


def test_settings_fill_in() -> None:
    """Header and entity id of the settings count where the message names none."""
    filled = gateway("bulksms", route_mobile_header="FROMSET", route_mobile_entity_id="1101000000000000009")
    fields = carried(filled.submit_request([samples.message(header=None, entity_id=None)]))
    assert (fields["source"], fields["entityid"]) == ("FROMSET", "1101000000000000009")


SIM = {"gateway": "simulator"}
ENDPOINTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "documented": ({}, "http://sms6.rmlconnect.net:8080/bulksms/personalizedbulksms",
                   "https://api.rmlconnect.net/bulksms/bulksms"),
    "one URL for both": ({"route_mobile_url": "https://a.example/sendsms/bulksms"},
                         "https://a.example/sendsms/bulksms", "https://a.example/sendsms/bulksms"),
    "a URL each": (
        {"route_mobile_url": "https://a.example/x", "route_mobile_international_url": "https://b.example/y"},
        "https://a.example/x", "https://b.example/y"),
    "only the international one": ({"route_mobile_international_url": "https://b.example/y"},
                                   "http://sms6.rmlconnect.net:8080/bulksms/personalizedbulksms",
                                   "https://b.example/y"),
    "simulator": (SIM, "http://127.0.0.1:8321/bulksms/bulksms", "http://127.0.0.1:8321/bulksms/bulksms"),
    "simulator, format": (SIM | {"route_mobile_format": "clevertap", "simulate_port": 9000},
                          "http://127.0.0.1:9000/bulksms/clevertap", "http://127.0.0.1:9000/bulksms/clevertap"),
    "simulator, IPv6": (SIM | {"simulate_host": "::1"}, "http://[::1]:8321/bulksms/bulksms",
                        "http://[::1]:8321/bulksms/bulksms"),
    "simulator elsewhere": (SIM | {"route_mobile_url": "http://127.0.0.1:9/bulksms/jsonbulksms"},
                            "http://127.0.0.1:9/bulksms/jsonbulksms", "http://127.0.0.1:9/bulksms/jsonbulksms"),
}  # fmt: skip


@pytest.mark.parametrize("changes, domestic, international", ENDPOINTS.values(), ids=ENDPOINTS)
def test_endpoint(changes: dict[str, Any], domestic: str, international: str) -> None:
    """The route decides where a request goes."""
    translator = RouteMobile(samples.settings(**changes))
    routes = (samples.message(), samples.message(**ABROAD))
    assert [str(translator.submit_request([m]).url) for m in routes] == [domestic, international]


PATHS = {
    "/bulksms/personalizedbulksms": "form",
    "/bulksms/sbulksms/": "form",
    "/bulksms/jsonbulksms": "request",
    "/clevertap": "flat",
    "/sendsms/bulksms": "form",
    "/anything/else": "form",
    "": "form",
}


@pytest.mark.parametrize("path, kind", PATHS.items(), ids=lambda value: str(value) or "no path")
def test_format_from_path(path: str, kind: str) -> None:
    """Without a setting the path's last segment names the format, else it is a form."""
    translator = RouteMobile(samples.settings(route_mobile_url=f"https://a.example{path}"))
    fields = carried(translator.submit_request([samples.message()]))
    assert ("request" if "request" in fields else "form" if "dlr" in fields else "flat") == kind


def test_get_keeps_the_query_of_the_endpoint() -> None:
    """A query in the endpoint stays in front of the fields."""
    translator = gateway("bulksms", route_mobile_url="https://a.example/b?key=1", route_mobile_method="GET")
    assert carried(translator.submit_request([samples.message()])) == {"key": "1"} | FORMS["domestic"][1]


def sizes(translator: Gateway, messages: list[Message]) -> list[int]:
    return [len(group) for group in translator.batches(messages)]


FIVE = samples.messages(5)
BODIES = [samples.message(i, body=f"text {i}") for i in range(1, 6)]
JOINS = {"route_mobile_delimiter": "~"}
GROUPS: dict[str, tuple[str, dict[str, Any], list[Message], list[int]]] = {
    "bulksms": ("bulksms", {}, FIVE, [5]),
    "bulksms, request size": ("bulksms", {"send_request_size": 2}, FIVE, [2, 2, 1]),
    "bulksms, largest": ("bulksms", {"send_request_size": 1000}, samples.messages(2500), [1000, 1000, 500]),
    "bulksms, largest GET": (
        "bulksms", {"send_request_size": 1000, "route_mobile_method": "GET"}, samples.messages(250), [100, 100, 50]),
    "bulksms, own bodies": ("bulksms", {}, BODIES, [1] * 5),
    "bulksms, header": ("bulksms", {}, [*FIVE[:2], samples.message(6, header="OTHERS")], [2, 1]),
    "bulksms, entity": ("bulksms", {}, [*FIVE[:2], samples.message(6, entity_id="11")], [2, 1]),
    "bulksms, template": ("bulksms", {}, [*FIVE[:2], samples.message(6, template_id="12")], [2, 1]),
    "bulksms, campaign": ("bulksms", {}, [*FIVE[:2], samples.message(6, campaign_id="other")], [2, 1]),
    "bulksms, route": ("bulksms", {}, [*FIVE[:2], samples.message(6, **ABROAD), samples.message(7)], [2, 1, 1]),
    "bulksms, a number again": ("bulksms", {}, [*FIVE[:2], samples.message(1, message_id="x"), FIVE[2]], [2, 2]),
    "personalizedbulksms": ("personalizedbulksms", {}, FIVE, [1] * 5),
    "sbulksms without delimiter": ("sbulksms", {}, FIVE, [1] * 5),
    "sbulksms with delimiter": ("sbulksms", JOINS, BODIES, [5]),
    "sbulksms, request size": ("sbulksms", JOINS | {"send_request_size": 4}, BODIES, [4, 1]),
    "sbulksms, delimiter in a body": ("sbulksms", JOINS, [*BODIES[:2], samples.message(6, body="a~b"), BODIES[2]],
                                      [2, 1, 1]),
    "sbulksms, Unicode": ("sbulksms", JOINS, [samples.message(i, **UNICODE) for i in (1, 2)], [1, 1]),
    "sbulksms, long texts by GET": (
        "sbulksms", JOINS | {"route_mobile_method": "GET"},
        [samples.message(i, body="x" * 2900) for i in range(1, 6)], [2, 2, 1]),
    "sbulksms, long texts by POST": ("sbulksms", JOINS, [samples.message(i, body="x" * 2900) for i in range(1, 6)],
                                     [5]),
    "jsonbulksms": ("jsonbulksms", {}, BODIES, [5]),
    "jsonbulksms, headers and templates differ": (
        "jsonbulksms", {}, [*FIVE[:2], samples.message(6, header="OTHERS", template_id="12", **UNICODE)], [3]),
    "jsonbulksms, route": ("jsonbulksms", {}, [*FIVE[:2], samples.message(6, **ABROAD)], [2, 1]),
    "jsonbulksms, request size": ("jsonbulksms", {"send_request_size": 2, "route_mobile_method": "GET"}, FIVE,
                                  [2, 2, 1]),
    "clevertap": ("clevertap", {}, FIVE, [1] * 5),
}  # fmt: skip


@pytest.mark.parametrize("form, changes, messages, expected", GROUPS.values(), ids=GROUPS)
def test_batches(form: str, changes: dict[str, Any], messages: list[Message], expected: list[int]) -> None:
    """Messages share a request where the format can carry them together."""
    assert sizes(gateway(form, **changes), messages) == expected


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no account": (
        {"route_mobile_username": None, "route_mobile_password": None},
        "not set: RMANALYTICS_ROUTE_MOBILE_USERNAME, RMANALYTICS_ROUTE_MOBILE_PASSWORD:"),
    "no password": ({"route_mobile_password": ""}, "not set: RMANALYTICS_ROUTE_MOBILE_PASSWORD:"),
    "the host of another company": (
        {"route_mobile_url": "https://ap.awsigateway.com/v1/enterprises/messages.json"},
        "ap.awsigateway.com is Sinch's host, not Route Mobile's"),
    "the same in capitals": ({"route_mobile_url": "https://AP.AWSIGATEWAY.COM/x"}, "is Sinch's host"),
}  # fmt: skip


@pytest.mark.parametrize("changes, expected", FAULTS.values(), ids=FAULTS)
def test_faulty_settings(changes: dict[str, Any], expected: str) -> None:
    """No request is built with a missing account or for another company; the text never shows the secret."""
    translator = RouteMobile(samples.settings(**changes))
    for call in (translator.check, lambda: translator.submit_request([samples.message()])):
        with pytest.raises(ConfigError, match=expected) as raised:
            call()
        assert samples.PASSWORD not in str(raised.value)


def test_the_foreign_host_is_refused_for_either_route() -> None:
    """The check looks at both endpoints."""
    url = "https://ap.awsigateway.com/x"
    with pytest.raises(ConfigError, match="Sinch"):
        RouteMobile(samples.settings(route_mobile_international_url=url)).check()


def test_missing_header() -> None:
    """A message without a header, and none in the settings, names all that is missing at once."""
    translator = RouteMobile(samples.settings(route_mobile_username=None, route_mobile_password=None))
    names = ("USERNAME", "PASSWORD", "HEADER")
    expected = ", ".join(f"RMANALYTICS_ROUTE_MOBILE_{name}" for name in names)
    with pytest.raises(ConfigError, match=f"not set: {expected}:"):
        translator.submit_request([samples.message(header=None)])


def test_too_long_for_a_url() -> None:
    """A text that no URL can hold names the fix."""
    long = samples.message(body="x" * 70_000)
    with pytest.raises(
        ConfigError, match="m-1 is too long for a URL: set RMANALYTICS_ROUTE_MOBILE_METHOD=POST"
    ):
        gateway("bulksms", route_mobile_method="GET").submit_request([long])


def test_dlrs_need_no_account() -> None:
    """Callbacks are read without credentials."""
    found = samples.dlrs(
        [samples.callback("sMessageId=a")], route_mobile_username=None, route_mobile_password=None
    )
    assert len(found) == 1


def test_redact_takes_out_what_requests_carry() -> None:
    """The secret is found in every body and URL that we build ourselves."""
    for form in ("bulksms", "jsonbulksms", "clevertap"):
        for method in ("GET", "POST"):
            translator = gateway(form, route_mobile_method=method)
            request = translator.submit_request([samples.message()])
            text = f"{request.url} {request.content.decode()}"
            assert redact.REDACTED in translator.redact(text)
            assert "s3cr" not in translator.redact(text)


ESCAPES = {
    "lower-case percent codes": "s3cr%26t+w%2f%c3%b6",
    "all characters encoded": "".join(f"%{byte:02x}" for byte in samples.PASSWORD.encode()),
    "encoded twice": "s3cr%2526t%2520w%252F%25C3%25B6",
    "JSON": json.dumps(samples.PASSWORD),
    "JSON with escaped slashes": "s3cr&t w\\/\\u00F6",
    "HTML": "s3cr&amp;t w/ö",
    "HTML in numbers": "s3cr&#38;t&#32;w/&#xF6;",
    "a mixture": "s3cr%26t w/%C3%B6",
}


@pytest.mark.parametrize("escaped", ESCAPES.values(), ids=ESCAPES)
def test_redact_escapes(escaped: str) -> None:
    """The secret is found in whatever escape an answer echoes it."""
    assert RouteMobile(samples.settings()).redact(f"<{escaped.strip(chr(34))}>") == "<***>"


@examples(max_examples=100, deadline=None)
@given(st.text(min_size=1), st.text(), st.text())
def test_redact_any_secret(secret: str, before: str, after: str) -> None:
    """Whatever the secret, it is found raw, and the pattern compiles."""
    found = redact.pattern(secret)
    assert found is not None
    assert found.sub("", before + secret + after) != before + secret + after
    assert redact.pattern("") is None


def test_registry() -> None:
    """Route Mobile and the simulator speak the same language."""
    found = [gateways.get(name, samples.settings()) for name in ("route_mobile", "simulator")]
    assert [isinstance(one, RouteMobile) for one in found] == [True, True]
