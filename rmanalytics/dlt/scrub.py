"""What an operator would answer for a message: its DLT check, from the registry outwards in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from rmanalytics.dlt import codes
from rmanalytics.dlt.engine.explain import mismatch
from rmanalytics.dlt.engine.matcher import matcher
from rmanalytics.dlt.policy import Policy
from rmanalytics.dlt.reasons import Reason
from rmanalytics.dlt.registry import Registry, hours_fault, link_faults, registry_faults
from rmanalytics.dlt.template import Template

Answer = Mapping[str, str]

ANSWERS: dict[str, Answer] = {
    "platform6xx": {
        "no_entity": "604",
        "unknown_entity": "600",
        "unknown_header": "620",
        Reason.ENTITY_MISMATCH: "623",
        Reason.NO_TEMPLATE_ID: "637",
        Reason.UNKNOWN_TEMPLATE: "630",
        Reason.TEMPLATE_INACTIVE: "631",
        Reason.HEADER_NOT_REGISTERED: "634",
        Reason.CATEGORY_MISMATCH: "634",
        Reason.LINK_NOT_WHITELISTED: "642",
        Reason.OUTSIDE_HOURS: "651",
        Reason.VARIABLE_TOO_LONG: "635",
        "mismatch": "633",
    },
    "op4xx_unattributed": {
        "no_entity": "442",
        "unknown_entity": "412",
        "unknown_header": "421",
        Reason.ENTITY_MISMATCH: "434",
        Reason.NO_TEMPLATE_ID: "443",
        Reason.UNKNOWN_TEMPLATE: "426",
        Reason.TEMPLATE_INACTIVE: "427",
        Reason.HEADER_NOT_REGISTERED: "430",
        Reason.CATEGORY_MISMATCH: "436",
        Reason.LINK_NOT_WHITELISTED: "497",
        Reason.OUTSIDE_HOURS: "438",
        Reason.VARIABLE_TOO_LONG: "431",
        Reason.VARIABLE_EMPTY: "431",
        Reason.VARIABLE_WRONG_TYPE: "431",
        "mismatch": "429",
    },
    "scrub5xxx_7xxx": {
        "no_entity": "7004",
        "unknown_entity": "7003",
        "unknown_header": "5203",
        Reason.ENTITY_MISMATCH: "5205",
        Reason.NO_TEMPLATE_ID: "5308",
        Reason.UNKNOWN_TEMPLATE: "5304",
        Reason.TEMPLATE_INACTIVE: "5306",
        Reason.HEADER_NOT_REGISTERED: "5403",
        Reason.CATEGORY_MISMATCH: "5305",
        Reason.LINK_NOT_WHITELISTED: "5901",
        Reason.OUTSIDE_HOURS: "5107",
        Reason.VARIABLE_TOO_LONG: "5312",
        "mismatch": "5307",
    },
}
"""Codes by namespace, for those that have one for each answer; all of them are in `codes`."""


def scrub(
    *,
    body: str,
    template_id: str | None,
    header: str | None,
    entity_id: str | None,
    registry: Registry,
    policy: Policy,
    namespace: str = codes.DEFAULT_NAMESPACE,
    planned_at: datetime | None = None,
) -> str | None:
    """Return the error code under which an operator drops the message, None when it lets it through.

    The order is entity, header, template, the link between them, the hour, the text, its links: a guess from
    how the codes are numbered, since no operator documents it. An entity or a header is unknown only where
    the registry's templates name some. Raises KeyError for a namespace that is not in ANSWERS.

    >>> template = Template(template_id="1107", content="OTP {#numeric#}.", headers=("ACMEBK",))
    >>> sent = dict(template_id="1107", entity_id=None, registry=Registry.of([template]), policy=Policy())
    >>> scrub(body="OTP 4821.", header="ACMEBK", **sent), scrub(body="OTP 4821", header="ACMEBK", **sent)
    (None, '633')
    """
    answer = ANSWERS[namespace]
    if key := _sender_fault(registry, header, entity_id):
        return answer[key]
    template = registry.templates.get(template_id or "")
    if template is None:
        return answer[Reason.UNKNOWN_TEMPLATE if template_id else Reason.NO_TEMPLATE_ID]
    for fault in registry_faults(template, header, entity_id):
        return answer[fault.reason]
    if late := hours_fault(template, planned_at):
        return answer[late.reason]
    return _text_code(body, template, registry, policy, answer)


def _sender_fault(registry: Registry, header: str | None, entity_id: str | None) -> str | None:
    if registry.entities and not entity_id:
        return "no_entity"
    if registry.entities and entity_id not in registry.entities:
        return "unknown_entity"
    if registry.headers and header not in registry.headers:
        return "unknown_header"
    return None


def _text_code(
    body: str, template: Template, registry: Registry, policy: Policy, answer: Answer
) -> str | None:
    rules = matcher(template, policy)
    if not rules.fits(body):
        reasons = [fault.reason for fault in mismatch(body, rules).faults]
        only: Callable[[Reason], bool] = answer.__contains__
        return answer[reasons[0]] if len(reasons) == 1 and only(reasons[0]) else answer["mismatch"]
    return (
        answer[Reason.LINK_NOT_WHITELISTED] if any(link_faults(registry.whitelist(template), body)) else None
    )
