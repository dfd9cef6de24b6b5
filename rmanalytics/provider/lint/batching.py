"""Rules about batches: several messages in one request."""

from __future__ import annotations

from collections.abc import Iterator

from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint.model import ERROR, GENERIC, NOTE, OPENAPI, WARNING, LintFault, Rule

MOST = 1000
_PER_MESSAGE = ("To", "Body", "MessageID", "TemplateVariables")


def _size(provider: Provider) -> Iterator[LintFault]:
    if provider.batch is None:
        return
    size, where = provider.batch.size, "batch.size"
    if size > MOST:
        why = f"a batch has at most {MOST:,} records, not {size:,}"
        yield LintFault(
            ERROR, "batch-too-large", where, why, f"set size = {MOST} or less (100 is safe)", GENERIC
        )
    elif size > 100:
        why = "the same page gives the largest batch as both 1,000 and 100"
        yield LintFault(NOTE, "batch-size-contradiction", where, why, "test with 100 too", GENERIC)


def _shape(provider: Provider) -> Iterator[LintFault]:
    if provider.batch is None:
        return
    if provider.request_type != "POST" or provider.parameters != "json":
        why = "only a JSON POST can be batched"
        fix = 'set request_type = "POST" and parameters = "json", or remove [batch]'
        yield LintFault(ERROR, "batch-needs-json", "batch", why, fix, GENERIC)
    inner = provider.body.get(provider.batch.key)
    if not (isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], dict)):
        key = provider.batch.key
        why = (
            f"batching is on, but the payload has no array {key!r} with one message's object: a flat payload "
        )
        fix = f"put what differs per message into [[body.{key}]], or remove [batch]"
        yield LintFault(ERROR, "batch-flat", "body", f"{why}is sent once per record", fix, GENERIC)
        return
    yield from _outside(provider, provider.batch.key)


def _outside(provider: Provider, key: str) -> Iterator[LintFault]:
    outside = {"endpoint": provider.endpoint, "headers": provider.headers}
    outside["body"] = {name: value for name, value in provider.body.items() if name != key}
    for part, value in outside.items():
        for where, text in placeholders.places(value, part):
            for name in placeholders.names(text):
                if name in _PER_MESSAGE:
                    why = f"$${name} differs per message but is outside the array {key!r}"
                    yield LintFault(
                        ERROR,
                        "placeholder-outside-batch",
                        where,
                        why,
                        f"move it into [[body.{key}]]",
                        GENERIC,
                    )
                elif name == "CampaignID":
                    why = "CleverTap's sample has $$CampaignID outside the array, its e-mail page inside"
                    yield LintFault(NOTE, "campaign-id-outside", where, why, "either works here", GENERIC)
    yield LintFault(
        WARNING,
        "batch-undocumented",
        "batch",
        "Route Mobile does not document a JSON payload with constants outside an array",
        "ask Route Mobile whether your endpoint accepts it, and send a test of two messages",
        OPENAPI,
    )


def _method(provider: Provider) -> Iterator[LintFault]:
    nested = any(isinstance(value, (dict, list)) for value in provider.body.values())
    is_json = provider.request_type == "POST" and provider.parameters == "json"
    if nested and not is_json:
        why = "key-value parameters hold text only, not objects or arrays"
        yield LintFault(ERROR, "nested-key-value", "body", why, 'set parameters = "json" with POST', GENERIC)


def _unbatched(provider: Provider) -> Iterator[LintFault]:
    arrays = [key for key, value in provider.body.items() if isinstance(value, list)]
    if arrays and provider.batch is None:
        why = "an array of records, but batching is off: it is not repeated per message"
        fix = f'add [batch] with key = "{arrays[0]}" and size = 100, or a flat payload'
        yield LintFault(ERROR, "array-without-batch", f"body.{arrays[0]}", why, fix, GENERIC)


RULES: tuple[Rule, ...] = (_size, _shape, _unbatched, _method)
