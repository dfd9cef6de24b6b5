"""Which messages may share a request."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from urllib.parse import quote

from rmanalytics.gateways.route_mobile.endpoints import Endpoint
from rmanalytics.models import Encoding, Message, Route

GET_CHARS = 6_000
"""Bodies and numbers of an sbulksms GET, percent-encoded; usual servers take 8 KiB of request line."""


def batches(
    messages: Iterable[Message], endpoint: Callable[[Route], Endpoint], delimiter: str | None
) -> Iterator[list[Message]]:
    """Yield runs of consecutive messages that one request can carry; holds one request's messages at a time.

    A number occurs once in a request: a gateway may drop or mix up repetitions.
    """
    group: list[Message] = []
    numbers: set[str] = set()
    shared: Hashable = None
    room = 0
    for message in messages:
        place = endpoint(message.route)
        key, size = _key(message, place, delimiter), _size(message, place)
        is_full = len(group) >= place.n_recipients or size > room
        if group and (is_full or key != shared or message.msisdn in numbers):
            yield group
            group, numbers = [], set()
        if not group:
            shared, room = key, GET_CHARS
        group.append(message)
        numbers.add(message.msisdn)
        room -= size
    if group:
        yield group


def _key(message: Message, place: Endpoint, delimiter: str | None) -> Hashable:
    """What must be equal within a request."""
    if place.format == "jsonbulksms":
        return message.route
    whole = (message.route, message.header, message.entity_id, message.template_id, message.campaign_id)
    if place.format == "bulksms":
        return (*whole, message.body)
    return whole if _can_be_joined(message, delimiter) else (*whole, message.message_id)


def _can_be_joined(message: Message, delimiter: str | None) -> bool:
    """How hexadecimal bodies are joined is nowhere documented; a body with the delimiter would be cut."""
    return bool(delimiter) and message.encoding is Encoding.GSM7 and str(delimiter) not in message.body


def _size(message: Message, place: Endpoint) -> int:
    if place.method != "GET" or place.format != "sbulksms":
        return 0
    return len(quote(message.body, safe="")) + len(message.msisdn) + 3
