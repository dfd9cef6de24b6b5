"""Submit requests: a form, posted, so that the password is in no URL; and which messages may share one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from urllib.parse import quote, urlencode

import httpx

from rmanalytics.config import Settings, require
from rmanalytics.gateways.gupshup.codes import PROFILE
from rmanalytics.models import Encoding, Message, Route

_HEADERS = [
    (b"User-Agent", b"rmanalytics"),
    (b"Accept", b"*/*"),
    (b"Content-Type", b"application/x-www-form-urlencoded"),
]
_FIXED = {"method": "sendMessage", "v": "1.1", "auth_scheme": "plain", "format": "text"}
"""`format=text` answers with a line per number; how JSON answers about several numbers is not documented."""


def batches(messages: Iterable[Message], size: int) -> Iterator[list[Message]]:
    """Yield runs of consecutive messages that one request can carry; a number occurs once in each."""
    group: list[Message] = []
    numbers: set[str] = set()
    shared: Hashable = None
    for message in messages:
        key = _key(message)
        if group and (len(group) >= size or key != shared or message.msisdn in numbers):
            yield group
            group, numbers = [], set()
        shared = key
        group.append(message)
        numbers.add(message.msisdn)
    if group:
        yield group


def submit_request(settings: Settings, url: httpx.URL, batch: Sequence[Message]) -> httpx.Request:
    """Return the request that hands the batch over; raise ConfigError naming every setting that is missing."""
    form = urlencode(_form(settings, batch), quote_via=quote, safe="")
    return httpx.Request("POST", url, headers=_HEADERS, content=form.encode("ascii"))


def _key(message: Message) -> Hashable:
    """What must be equal within a request."""
    return (message.route, message.header, message.entity_id, message.template_id, message.body)


def _form(settings: Settings, batch: Sequence[Message]) -> dict[str, str]:
    """`msg_id` names one message, so it goes out only where the request has one."""
    first = batch[0]
    fields = _access(settings, first) | _FIXED
    fields["send_to"] = ",".join([message.msisdn for message in batch])
    fields["msg"] = first.body
    fields["msg_type"] = "UNICODE_TEXT" if first.encoding is Encoding.UCS2 else "TEXT"
    fields |= {"msg_id": first.message_id} if len(batch) == 1 else {}
    return fields | _dlt(settings, first)


def _access(settings: Settings, message: Message) -> dict[str, str]:
    """Account and header; left to itself Gupshup takes a mask of the account that nobody chose (O)."""
    user, password = settings.gupshup_userid, settings.gupshup_password
    mask = message.header or settings.gupshup_header
    if not (user and password and mask):
        missing = () if mask else ("header",)
        require(settings, *map(PROFILE.setting, (*PROFILE.required, *missing)))
    secret = password.get_secret_value() if password else ""
    return {"userid": str(user), "password": secret, "mask": str(mask)}


def _dlt(settings: Settings, message: Message) -> dict[str, str]:
    """India's DLT fields, for domestic messages only."""
    if message.route is not Route.DOMESTIC:
        return {}
    entity_id = message.entity_id or settings.gupshup_entity_id
    fields = {"principalEntityId": entity_id, "dltTemplateId": message.template_id}
    return {name: value for name, value in fields.items() if value}
