"""Whether the fields of the payload have the names that Route Mobile reads; it ignores all others."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import parse_qsl

from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint.endpoint import is_route_mobile
from rmanalytics.provider.lint.model import ERROR, OPENAPI, WARNING, LintFault, Rule

OTHER_NAMES = {
    "username": ("user", "userid", "user_name", "login"),
    "password": ("pass", "pwd", "passwd"),
    "source": ("from", "sender", "senderid", "sender_id", "header"),
    "destination": ("to", "mobile", "mobileno", "msisdn", "number", "phone"),
    "message": ("msg", "text", "body", "sms", "content"),
    "entityid": ("entity_id", "peid", "pe_id", "dltentityid", "dlt_entity_id", "principalentityid"),
    "tempid": ("templateid", "template_id", "temp_id", "dlttemplateid", "dlt_template_id", "tid"),
    "msgid": ("messageid", "message_id", "msg_id"),
    "tagname": ("tag", "tag_name"),
}
"""Route Mobile's fields (`data/reference/route_mobile.md`), and what other gateways call them."""

_NEEDED = frozenset({"username", "password", "source", "destination", "message", "entityid", "tempid"})
_FURTHER = ("type", "dlr", "url", "tmid", "udf1", "udf2")
_CLOSE = 0.8


def meant_field(name: str) -> str | None:
    """Return the field of Route Mobile that another name stands for, None for its own names and for strange ones.

    >>> meant_field("templateid"), meant_field("destnation"), meant_field("tempid"), meant_field("colour")
    ('tempid', 'destination', None, None)
    """
    if name in OTHER_NAMES or name in _FURTHER:
        return None
    known = next((field for field, others in OTHER_NAMES.items() if name in others), None)
    return known or next(iter(get_close_matches(name, (*OTHER_NAMES, *_FURTHER), n=1, cutoff=_CLOSE)), None)


def _names(provider: Provider) -> Iterator[LintFault]:
    """Whether no field that Route Mobile needs has another name there; one it knows stands for itself."""
    if not is_route_mobile(provider):
        return
    places = dict(_fields(provider))
    for name, where in places.items():
        right = meant_field(name)
        if right and right not in places:
            severity = ERROR if right in _NEEDED else WARNING
            why = f"Route Mobile has no field {name!r}, so it does not read this one"
            yield LintFault(severity, "field-name", where, why, f"rename it to {right}", OPENAPI)


def _fields(provider: Provider) -> Iterator[tuple[str, str]]:
    """Yield each field's name in small letters, with its place."""
    for name, _ in parse_qsl(provider.endpoint.partition("?")[2], keep_blank_values=True):
        yield name.lower(), "endpoint"
    for where, _ in placeholders.places(provider.body, "body"):
        yield where.rpartition(".")[2].lower(), where


RULES: tuple[Rule, ...] = (_names,)
