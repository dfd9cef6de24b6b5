"""Route Mobile's codes, words and field names as literal tables.

Marks say how sure a line is:
    D   documented by Route Mobile (or on CleverTap's Route Mobile page)
    DC  documented only through a code comment that copies Route Mobile's PDF
    O   observed in public code that talks to Route Mobile or to a white-label host
    I   inferred
"""

from __future__ import annotations

from dataclasses import dataclass

from rmanalytics.models import Consequence, Lasting, Party, Result, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A submit code: what it says of its message, of the rest of the request, and of further requests.

    `party` and `lasting` (who can do something about it, and whether it would happen again) follow from the
    meaning (I).
    """

    meaning: str
    result: Result = Result.REFUSED
    aborts: bool = False
    then: Consequence = Consequence.GO_ON
    party: Party = Party.ACCOUNT
    lasting: Lasting = Lasting.PERMANENT


_ABORT = Consequence.STOP
_AGAIN = Consequence.RETRY
_SOON = Lasting.TEMPORARY

CODES: dict[str, Code] = {
    "1701": Code(meaning="accepted", result=Result.ACCEPTED),  # D
    # About the request: what it names wrong is the same in every further request, so sending stops.
    "1702": Code(meaning="a parameter is missing or blank", aborts=True, then=_ABORT),  # D
    "1703": Code(meaning="invalid username or password", aborts=True, then=_ABORT),  # D
    "1704": Code(meaning="invalid type", aborts=True, then=_ABORT),  # D
    "1707": Code(meaning="invalid source (header)", aborts=True, then=_ABORT),  # D
    "1708": Code(meaning="invalid dlr", aborts=True, then=_ABORT),  # D
    "1710": Code(
        meaning="internal error of the gateway, not to be retried",
        aborts=True,
        then=_ABORT,
        party=Party.OPERATOR,
    ),  # D
    # About this body: the next request has another one.
    "1705": Code(meaning="invalid message", aborts=True, party=Party.CONTENT),  # D
    # The only one that Route Mobile lets clients retry.
    "1709": Code(
        meaning="user validation failed, may be retried", aborts=True, then=_AGAIN, lasting=_SOON
    ),  # D
    # State unknown: "do not resubmit the same message".
    "1715": Code(
        meaning="response timeout, never to be resent",
        result=Result.UNCLEAR,
        aborts=True,
        party=Party.OPERATOR,
        lasting=_SOON,
    ),  # D
    # Credit: every further message would meet the same.
    "1025": Code(meaning="insufficient credit", aborts=True, then=_ABORT, lasting=_SOON),  # D
    "1026": Code(
        meaning="insufficient reseller credit", aborts=True, then=_ABORT, lasting=_SOON
    ),  # O; batch effect I
    "1725": Code(
        meaning="insufficient credit", aborts=True, then=_ABORT, lasting=_SOON
    ),  # O, an alias of 1025
    "1726": Code(
        meaning="insufficient reseller credit", aborts=True, then=_ABORT, lasting=_SOON
    ),  # O, an alias of 1026
    # About one number: the others go on.
    "1706": Code(meaning="invalid destination", party=Party.NUMBER),  # D
    "1028": Code(meaning="spam message", party=Party.CONTENT),  # DC
    "1032": Code(meaning="rejected: do not disturb", party=Party.NUMBER),  # D
    "1033": Code(meaning="source does not match the template", party=Party.CONTENT),  # D
    "1035": Code(meaning="the user opted out", party=Party.NUMBER),  # D
    "1042": Code(meaning="explicitly rejected: do not disturb", party=Party.NUMBER),  # D
    # Answers of the OTP check: they say nothing about a submission.
    "101": Code(meaning="answer of the OTP check: ok", result=Result.UNCLEAR),  # D
    "102": Code(meaning="answer of the OTP check: expired", result=Result.UNCLEAR),  # D
    "103": Code(meaning="answer of the OTP check: not found", result=Result.UNCLEAR),  # D
    "104": Code(meaning="answer of the OTP check: number not found", result=Result.UNCLEAR),  # D
    # The word of the WebEngage endpoint.
    "sms_accepted": Code(meaning="accepted", result=Result.ACCEPTED),  # D
}

UNKNOWN_CODE = Code(meaning="unknown code", party=Party.UNTOLD, lasting=Lasting.UNTOLD)

CREDIT_CODES = frozenset({"1025", "1026", "1725", "1726"})
"""Processing stopped at the first number it could not pay for; numbers behind it were never looked at."""

TEMPLATE_CODES = frozenset({"1033"})
"""Refusals that name the template."""

HTTP_GO_ON = frozenset({400, 413, 414, 422})
"""Statuses (without a code in the body) that may be about this request alone; other 4xx and 3xx hit all."""

STATUS: dict[str, Status] = {
    "DELIVRD": Status.DELIVERED,  # D
    "DELIVERED": Status.DELIVERED,  # O
    "UNDELIV": Status.FAILED,  # D
    "UNDELIVERABLE": Status.FAILED,  # O
    "REJECTD": Status.FAILED,  # D
    "REJECTED": Status.FAILED,  # O
    "EXPIRED": Status.FAILED,  # D
    "DELETED": Status.FAILED,  # D
    "ACKED": Status.QUEUED,  # D
    "ENROUTE": Status.QUEUED,  # D
    "ACCEPTED": Status.QUEUED,  # D
    "ACCEPTD": Status.QUEUED,  # SMPP's spelling
    "UNKNOWN": Status.UNKNOWN,  # D
    "1": Status.DELIVERED,  # Kannel: delivered to phone
    "2": Status.FAILED,  # Kannel: not delivered to phone
    "4": Status.QUEUED,  # Kannel: queued on SMSC
    "8": Status.QUEUED,  # Kannel: delivered to SMSC
    "16": Status.FAILED,  # Kannel: rejected by SMSC
}
"""Status words, upper case. A word that is not here becomes `unknown` and keeps its `raw_status`."""

FIELDS: dict[str, tuple[str, ...]] = {
    "gateway_message_id": ("sMessageId", "messageId", "message_id", "unique_id"),
    "client_message_id": ("msgid",),
    "msisdn": ("sMobileNo", "sDestination", "mobileno", "mobile", "destination", "msisdn"),
    "header": ("sSender", "sender"),
    "raw_status": ("sStatus", "status"),
    "error_code": ("iErrCode", "ErrCode", "sErrCode", "sError", "reason"),
    "submitted_at": ("dtSubmit", "dtSent"),
    "done_at": ("dtDone",),
    "cost": ("iCostPerSms",),
    "charge": ("iCharge",),
    "mcc_mnc": ("iMCCMNC",),
    "tag": ("sTagName", "tagname"),
    "udf1": ("sUdf1", "udf1"),
    "udf2": ("sUdf2", "udf2"),
}
"""Our name of each DLR field, and its spellings in a callback: the documented one first, then the aliases in
the order in which they are believed. Case and blanks in a name do not matter (`sMobile No`)."""
