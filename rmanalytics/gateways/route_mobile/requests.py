"""Submit requests: form (GET query or POST body) and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import httpx
import orjson

from rmanalytics.config import Settings, require
from rmanalytics.errors import ConfigError
from rmanalytics.gateways.route_mobile.endpoints import Endpoint
from rmanalytics.models import Encoding, Message, Route

_HEADERS = [(b"User-Agent", b"rmanalytics"), (b"Accept", b"*/*")]
_FORM = [*_HEADERS, (b"Content-Type", b"application/x-www-form-urlencoded")]
_JSON = [*_HEADERS, (b"Content-Type", b"application/json")]


def submit_request(settings: Settings, place: Endpoint, batch: Sequence[Message]) -> httpx.Request:
    """Return the request that hands the batch to the endpoint.

    Raises ConfigError naming every setting that is missing.
    """
    if place.format == "clevertap":
        content = orjson.dumps(_clevertap(settings, batch[0]))
        return httpx.Request("POST", place.parsed_url, headers=_JSON, content=content)
    if place.format == "jsonbulksms":
        content = orjson.dumps({"request": [_json_item(settings, message) for message in batch]})
        return httpx.Request("POST", place.parsed_url, headers=_JSON, content=content)
    form = urlencode(_form(settings, place, batch), quote_via=quote, safe="")
    if place.method == "POST":
        return httpx.Request("POST", place.parsed_url, headers=_FORM, content=form.encode("ascii"))
    try:
        return httpx.Request("GET", f"{place.url}{'&' if '?' in place.url else '?'}{form}", headers=_HEADERS)
    except httpx.InvalidURL:
        raise ConfigError(
            f"message {batch[0].message_id} is too long for a URL: set RMANALYTICS_ROUTE_MOBILE_METHOD=POST"
        ) from None


def _form(settings: Settings, place: Endpoint, batch: Sequence[Message]) -> dict[str, str]:
    """`msgid` names one message, so it goes out only where the request has one."""
    first = batch[0]
    joined = place.format == "sbulksms" and len(batch) > 1
    fields = _access(settings, first) | {
        "type": _type(first),
        "dlr": "1",
        "destination": ",".join([message.msisdn for message in batch]),
        "message": _joined(settings, batch) if joined else _text(first),
    }
    return fields | _dlt(settings, first) | _marks(first, with_id=len(batch) == 1)


def _joined(settings: Settings, batch: Sequence[Message]) -> str:
    """The texts of an sbulksms request, in the order of its numbers."""
    return str(settings.route_mobile_delimiter).join([message.body for message in batch])


def _json_item(settings: Settings, message: Message) -> dict[str, str]:
    """The seven documented keys, and those DLT and the DLR need (whether jsonbulksms reads them: unknown)."""
    item = {"type": _type(message), "dlr": "1", "destination": message.msisdn, "message": _text(message)}
    return _access(settings, message) | item | _dlt(settings, message) | _marks(message, with_id=True)


def _clevertap(settings: Settings, message: Message) -> dict[str, str]:
    """CleverTap's flat payload: the body as it is, no type, no dlr."""
    item = {"destination": message.msisdn, "message": message.body}
    return _access(settings, message) | item | _dlt(settings, message) | _marks(message, with_id=True)


def _access(settings: Settings, message: Message) -> dict[str, str]:
    user, password = settings.route_mobile_username, settings.route_mobile_password
    source = message.header or settings.route_mobile_header
    if not (user and password and source):
        missing = () if source else ("route_mobile_header",)
        require(settings, "route_mobile_username", "route_mobile_password", *missing)
    secret = password.get_secret_value() if password else ""
    return {"username": str(user), "password": secret, "source": str(source)}


def _dlt(settings: Settings, message: Message) -> dict[str, str]:
    """India's DLT fields, for domestic messages only; a blank one would be refused (1702)."""
    if message.route is not Route.DOMESTIC:
        return {}
    fields = {"entityid": message.entity_id or settings.route_mobile_entity_id, "tempid": message.template_id}
    return {name: value for name, value in fields.items() if value}


def _marks(message: Message, *, with_id: bool) -> dict[str, str]:
    fields = {"tagname": message.campaign_id, "msgid": message.message_id if with_id else ""}
    return {name: value for name, value in fields.items() if value}


def _type(message: Message) -> str:
    return "2" if message.encoding is Encoding.UCS2 else "0"


def _text(message: Message) -> str:
    """Type 2 is UTF-16BE as hexadecimal digits."""
    if message.encoding is Encoding.UCS2:
        return message.body.encode("utf-16-be", "surrogatepass").hex().upper()
    return message.body
