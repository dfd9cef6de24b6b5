"""What can be imported: the columns of each kind, what others call them, and which ones it needs."""

from __future__ import annotations

from dataclasses import dataclass

from rmanalytics import gateways
from rmanalytics.dlt.files import ALIASES
from rmanalytics.support.columns import Spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of export: `exact` columns lose digits as numbers; of `one_of` at least one must be there.

    Of rows that have the same `key` the relation keeps one; without a key the check rejects the later ones.
    So it does those that differ from an earlier one in what they `say`. `known_at` is the column that says since
    when a row is known; other exports have none.
    """

    name: str
    spellings: Spellings
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    is_strict: bool = True
    key: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    known_at: str = "NULL"


MESSAGES: Spellings = {
    "message_id": ("msgid", "$$MessageID", "meta", "client_message_id"),
    "campaign_id": ("$$CampaignID", "campaign", "tagname", "sTagName", "tag"),
    "msisdn": ("$$To", "destination", "sMobileNo", "mobile", "mobileno", "mobile_number", "phone", "to"),
    "gateway": ("provider",),
    "route": (),
    "header": ("source", "sSender", "sender", "sender_id"),
    "entity_id": ("entityid", "pe_id", "peid"),
    "template_id": ("tempid", "$$TemplateID", "dlt_template_id", "dlt_te_id"),
    "template_variables": ("$$TemplateVariables", "variables"),
    "body": ("$$Body", "message", "text", "content", "sms"),
    "planned_at": ("sent_at", "send_time", "sent_time", "date", "time", "ts"),
    "submitted_at": ("attempted_at", "dtSubmit", "submit_time"),
    "submit_result": ("result",),
    "submit_code": ("code",),
    "gateway_message_id": ("sMessageId", "gateway_id", "route_mobile_id", "unique_id"),
}
_REPORT: Spellings = {
    "campaign_id": ("campaign",),
    "campaign_name": ("name", "message_name"),
    "day": ("date", "period", "start_date", "sent_on", "scheduled_on"),
    "provider": ("SMS/Email/WA service provider", "sms_service_provider", "service_provider"),
    "n_sent": ("total_sent_events", "total_sent", "sent", "total_sent_users"),
    "n_delivered": ("total_delivered_events", "total_delivered", "delivered", "total_delivered_users"),
    "n_errors": ("errors", "total_errors", "failed"),
    "n_clicked": ("total_clicks", "total_clicked", "clicked", "clicks"),
    "status": ("campaign_status",),
    "channel": ("campaign_channel",),
}
_ERRORS: Spellings = {
    "campaign_id": ("campaign",),
    "occurred_at": ("at", "time", "timestamp", "date", "day", "ts"),
    "error": ("error_text", "error_message", "description", "reason", "message"),
    "n_errors": ("count", "n", "errors", "total", "users", "occurrences"),
    "provider": ("service_provider", "sms_service_provider"),
}
_RECEIVED: Spellings = {"received_at": ("callback_received_at",)}
"""When whoever kept the log received the callback; a portal's own "received" may be when it got the message."""

_IDS = (
    "message_id",
    "campaign_id",
    "msisdn",
    "entity_id",
    "template_id",
    "gateway_message_id",
    "client_message_id",
)

_MESSAGE = ("msisdn", "campaign_id", "header", "entity_id", "template_id", "template_variables", "body")
"""What makes two rows of an export one message, which it may list for each part or attempt."""

_STATEMENT = (
    "gateway_message_id",
    "client_message_id",
    "msisdn",
    "raw_status",
    "error_code",
    "submitted_at",
    "done_at",
)
"""What makes two DLRs of an import one statement: `ingest/sql/imports/new_dlrs.sql`."""

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="messages",
            spellings=MESSAGES,
            required=("campaign_id", "msisdn"),
            exact=_IDS,
            key=("message_id",),
            says=_MESSAGE,
            known_at="planned_at",
        ),
        Kind(
            name="dlrs",
            spellings={**gateways.dlr_fields(), **_RECEIVED},
            required=("raw_status",),
            one_of=("gateway_message_id", "client_message_id", "msisdn"),
            exact=_IDS,
            is_strict=False,
            key=_STATEMENT,
            known_at="received_at",
        ),
        Kind(
            name="templates",
            spellings=ALIASES,
            required=("template_id", "content"),
            exact=("template_id", "entity_id"),
            is_strict=False,
        ),
        Kind(
            name="clevertap-report",
            spellings=_REPORT,
            required=("campaign_id", "n_sent"),
            exact=_IDS,
            key=("campaign_id", "day", "provider"),
        ),
        Kind(
            name="clevertap-errors",
            spellings=_ERRORS,
            required=("error",),
            exact=_IDS,
            key=("campaign_id", "occurred_at", "provider", "error"),
        ),
    )
}
"""By the word that the command line uses."""
