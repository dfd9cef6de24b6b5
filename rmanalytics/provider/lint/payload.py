"""Rules about placeholders and the fields that Route Mobile and DLT need."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint.credentials import texts
from rmanalytics.provider.lint.endpoint import is_route_mobile, path_name
from rmanalytics.provider.lint.field_names import meant_field
from rmanalytics.provider.lint.model import (
    ERROR,
    GENERIC,
    NOTE,
    OPENAPI,
    ROUTE_MOBILE_PAGE,
    WARNING,
    LintFault,
    Rule,
)

_RETURNED = ("udf1", "udf2", "tagname")
_NEEDS_TYPE = ("bulksms", "sbulksms", "jsonbulksms")


def _used(provider: Provider) -> set[str]:
    return {name for _, text in texts(provider) for name in placeholders.names(text)}


def _meant(provider: Provider) -> set[str]:
    """Every placeholder as it was meant: a misspelt one is a fault of its own, not also a missing one."""
    half = {right for _, text in texts(provider) for _, right in placeholders.half_marked(text)}
    return {placeholders.meant(name) or name for name in _used(provider)} | half


def _fields(provider: Provider) -> dict[str, str]:
    """Every field by its name in small letters, those of the URL and of the array's object among them.

    One with another name than Route Mobile's is a fault of its own, not also a missing one.
    """
    found = {
        where.rpartition(".")[2].lower(): text for where, text in placeholders.places(provider.body, "body")
    }
    query = parse_qsl(provider.endpoint.partition("?")[2], keep_blank_values=True)
    found = {key.lower(): value for key, value in query} | found
    return {meant: value for name, value in found.items() if (meant := meant_field(name))} | found


def _required(provider: Provider) -> Iterator[LintFault]:
    used = _meant(provider)
    if "MessageID" not in used:
        why = "without $$MessageID no DLR can be reported to CleverTap: every message stays Sent"
        fix = 'add msgid = "$$MessageID" and udf1 = "$$MessageID"'
        yield LintFault(ERROR, "message-id-missing", "body", why, fix, ROUTE_MOBILE_PAGE)
    if "To" not in used:
        why = "without $$To the message has no recipient"
        yield LintFault(ERROR, "to-missing", "body", why, 'add destination = "$$To"', GENERIC)
    if not used & {"Body", "TemplateID"}:
        why = "neither $$Body nor $$TemplateID: the message has no text"
        yield LintFault(ERROR, "body-missing", "body", why, 'add message = "$$Body"', GENERIC)
    elif "Body" not in used:
        yield from _text(provider, _fields(provider).get("message"))


def _text(provider: Provider, message: str | None) -> Iterator[LintFault]:
    """Whether the text travels, where no field is $$Body: the template's id alone is no text to Route Mobile."""
    if message is None and is_route_mobile(provider):
        why = "Route Mobile needs the text (answers 1702); the template's id does not stand for it"
        yield LintFault(ERROR, "message-missing", "body", why, 'add message = "$$Body"', OPENAPI)
    elif message is not None and not placeholders.marks(message):
        why = "every SMS gets this text, whatever the campaign's is"
        yield LintFault(ERROR, "message-constant", "body.message", why, 'write message = "$$Body"', GENERIC)


def _carriers(provider: Provider) -> Iterator[LintFault]:
    """Whether $$MessageID travels in a field that Route Mobile returns; whether it returns msgid is not known."""
    fields = _fields(provider)
    returned = [name for field in _RETURNED for name in placeholders.names(fields.get(field, ""))]
    if "MessageID" in _meant(provider) and "MessageID" not in {placeholders.meant(n) or n for n in returned}:
        why = (
            "$$MessageID has one carrier only, and no text of Route Mobile says that it comes back in the DLR"
        )
        fix = 'add udf1 = "$$MessageID", which Route Mobile sends back as sUdf1'
        yield LintFault(WARNING, "message-id-one-carrier", "body", why, fix, ROUTE_MOBILE_PAGE)


def _campaign(provider: Provider) -> Iterator[LintFault]:
    if "CampaignID" not in _meant(provider):
        why = "without $$CampaignID DLRs do not name their campaign"
        fix = 'add tagname = "$$CampaignID", which Route Mobile sends back as sTagName'
        yield LintFault(WARNING, "campaign-id-missing", "body", why, fix, ROUTE_MOBILE_PAGE)


def spelling(provider: Provider) -> Iterator[LintFault]:
    """Whether each placeholder that is near to one of CleverTap's is that one."""
    for where, text in texts(provider):
        for name in placeholders.names(text):
            if right := placeholders.meant(name):
                yield LintFault(
                    ERROR,
                    "placeholder-misspelt",
                    where,
                    f"$${name} is not a CleverTap placeholder (case matters): it becomes a custom one that "
                    "every campaign must fill",
                    f"write $${right}",
                    GENERIC,
                )


def half_marked(provider: Provider) -> Iterator[LintFault]:
    """Whether what is meant as a placeholder of CleverTap's has its two dollars, and no braces."""
    for where, text in texts(provider):
        for written, right in placeholders.half_marked(text):
            why = f"{written} is no placeholder of CleverTap's: the recipient gets it as it is written"
            yield LintFault(ERROR, "placeholder-half", where, why, f"write $${right}", GENERIC)


def _custom(provider: Provider) -> Iterator[LintFault]:
    custom = {
        name for name in _used(provider) if name not in placeholders.SYSTEM and not placeholders.meant(name)
    }
    if custom:
        listed = ", ".join(f"$${name}" for name in sorted(custom))
        yield LintFault(
            NOTE,
            "placeholder-custom",
            "body",
            f"custom placeholders, required input of every campaign: {listed}",
            "set their values for test sends under [values]",
            GENERIC,
        )


def _dlt(provider: Provider) -> Iterator[LintFault]:
    if provider.route == "international":
        return
    fields = _fields(provider)
    international = 'or set route = "international"'
    if "tempid" not in fields and "TemplateID" not in _meant(provider):
        why = "domestic messages without the DLT template id are refused by operators"
        fix = f'add tempid = "$$TemplateID", {international}'
        yield LintFault(ERROR, "tempid-missing", "body", why, fix, ROUTE_MOBILE_PAGE)
    if not fields.keys() & {"entityid", "entity_id", "peid", "pe_id"}:
        why = "domestic messages without the DLT entity id are refused by operators"
        fix = f"add entityid with your 19-digit principal entity id, {international}"
        yield LintFault(ERROR, "entityid-missing", "body", why, fix, ROUTE_MOBILE_PAGE)


def _gateway_fields(provider: Provider) -> Iterator[LintFault]:
    fields = _fields(provider)
    if not fields.keys() & {"source", "from", "sender"}:
        why = "Route Mobile needs the sender id (answers 1702 or 1707)"
        yield LintFault(
            ERROR, "source-missing", "body", why, "add source with your registered header", OPENAPI
        )
    name = path_name(provider)
    is_json = provider.request_type == "POST" and provider.parameters == "json"
    if name == "jsonbulksms" and is_json and "request" not in provider.body:
        why = (
            "Route Mobile documents a list of messages under `request` for /bulksms/jsonbulksms, CleverTap's sample is "
            "one message: it may answer 1702"
        )
        fix = "use /bulksms/personalizedbulksms, or ask Route Mobile whether it takes one message"
        yield LintFault(WARNING, "request-missing", "endpoint", why, fix, OPENAPI)
    for field, example in (("type", "0"), ("dlr", "1")):
        if name in _NEEDS_TYPE and field not in fields:
            yield LintFault(
                WARNING if is_json else ERROR,
                f"{field}-missing",
                "body",
                f"/bulksms/{name} documents {field} as required"
                + (", although CleverTap's JSON sample does not have it" if is_json else ": it answers 1702"),
                f'add {field} = "{example}"'
                + (", or ask Route Mobile whether JSON needs it" if is_json else ""),
                OPENAPI,
            )


def _source_length(provider: Provider) -> Iterator[LintFault]:
    source = _fields(provider).get("source", "")
    most = 18 if source.lstrip("+").isdigit() else 11
    if len(source) > most and not placeholders.marks(source):
        why = f"a header has at most 11 characters, or 18 digits; {source!r} has {len(source)}"
        fix = "use the registered header, in India six letters"
        yield LintFault(ERROR, "source-too-long", "body.source", why, fix, OPENAPI)


def _constants(provider: Provider) -> Iterator[LintFault]:
    fields = _fields(provider)
    if fields.get("dlr") == "0":
        why = "dlr = 0 requests no delivery report"
        yield LintFault(ERROR, "dlr-off", "body.dlr", why, 'write dlr = "1"', OPENAPI)
    if is_route_mobile(provider) and fields.get("type") in {"0", "1", "5", "7"}:
        why = "a constant type cannot carry Hindi or emoji: those need type 2 and hexadecimal text"
        fix = "use /bulksms/personalizedbulksms without type: it detects Unicode automatically"
        yield LintFault(NOTE, "type-constant", "body.type", why, fix, OPENAPI)


def _content_type(provider: Provider) -> Iterator[LintFault]:
    given = next((v for k, v in provider.headers.items() if k.lower() == "content-type"), None)
    due = "application/json" if provider.parameters == "json" else "application/x-www-form-urlencoded"
    if provider.request_type == "POST" and given is not None and due not in given.lower():
        why = f"the header says {given!r}, but the payload is {provider.parameters}"
        yield LintFault(
            WARNING, "content-type", "headers.Content-Type", why, f"write {due}", ROUTE_MOBILE_PAGE
        )
    if provider.request_type == "POST" and given is None and provider.parameters == "json":
        why = "without Content-Type a gateway may read the JSON payload as a form"
        fix = "add Content-Type: application/json"
        yield LintFault(WARNING, "content-type-missing", "headers", why, fix, ROUTE_MOBILE_PAGE)


RULES: tuple[Rule, ...] = (
    _required,
    _carriers,
    _campaign,
    _custom,
    _dlt,
    _gateway_fields,
    _source_length,
    _constants,
    _content_type,
)
