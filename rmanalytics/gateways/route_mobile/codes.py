"""Route Mobile's codes, words and field names as literal tables.

Marks say how sure a line is:
    D   documented by Route Mobile (or on CleverTap's Route Mobile page)
    DC  documented only through a code comment that copies Route Mobile's PDF
    O   observed in public code that talks to Route Mobile or to a white-label host
    I   inferred
"""

from __future__ import annotations

from rmanalytics.gateways.contract import Cause, DlrCode, GatewayProfile, SubmitCode
from rmanalytics.models import Consequence, Lasting, Party, Result, Status

_ABORT = Consequence.STOP
_AGAIN = Consequence.RETRY
_SOON = Lasting.TEMPORARY

_ACCOUNT = (
    "put the correct user name and password into RMANALYTICS_ROUTE_MOBILE_USERNAME and _PASSWORD (.env) and "
)
_ACCOUNT += "into CleverTap's provider"
_FILE_ACCOUNT = (
    "correct `username` and `password` in the provider file, or in .env the variables that they name"
)
_URL = "check RMANALYTICS_ROUTE_MOBILE_URL and _FORMAT against what Route Mobile gave you"
_FILE_URL = "check `endpoint`, `request_type` and `parameters` in the provider file against what Route Mobile gave you"
_FILE_URL += ": `rmanalytics provider lint FILE` names what is wrong"
_TOP_UP = "top up the Route Mobile account"
_WAIT = "ask Route Mobile what happened to them before sending them again"
_NUMBERS = "check these numbers: other messages are not affected"
_OTP = {
    code: SubmitCode(
        meaning=f"answer of the OTP check: {said}",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix=f"this is not an answer to a submission: {_URL}",
        file_fix=f"this is not an answer to a submission: {_FILE_URL}",
        result=Result.UNCLEAR,
    )
    for code, said in {
        "101": "ok",  # D
        "102": "expired",  # D
        "103": "not found",  # D
        "104": "number not found",  # D
    }.items()
}

CODES: dict[str, SubmitCode] = {
    "1701": SubmitCode(meaning="accepted", cause=None, party=Party.UNTOLD, result=Result.ACCEPTED),  # D
    # About the request: what it names wrong is the same in every further request, so sending stops.
    "1702": SubmitCode(
        meaning="a parameter is missing or blank",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix="fill in every parameter of the request: `rmanalytics provider lint` names the missing one",
        file_fix="fill in every parameter, and let `Content-Type` name the format that the payload has: "
        "`rmanalytics provider lint FILE` names what is wrong",
        aborts=True,
        then=_ABORT,
    ),  # D
    "1703": SubmitCode(
        meaning="invalid username or password",
        cause=Cause.CREDENTIALS,
        party=Party.ACCOUNT,
        fix=_ACCOUNT,
        file_fix=_FILE_ACCOUNT,
        aborts=True,
        then=_ABORT,
    ),  # D
    "1704": SubmitCode(
        meaning="invalid type",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix="set `type` to a number that the endpoint takes (0 plain, 2 Unicode)",
        aborts=True,
        then=_ABORT,
    ),  # D
    "1707": SubmitCode(
        meaning="invalid source (header)",
        cause=Cause.HEADER,
        party=Party.ACCOUNT,
        fix="set a header that Route Mobile registered for this account (RMANALYTICS_ROUTE_MOBILE_HEADER, the "
        "batch's `header`, `source` in CleverTap)",
        file_fix="set `source` in the provider file to a header that Route Mobile registered for this account",
        aborts=True,
        then=_ABORT,
    ),  # D
    "1708": SubmitCode(
        meaning="invalid dlr",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix="set `dlr` to 1",
        aborts=True,
        then=_ABORT,
    ),  # D
    "1710": SubmitCode(
        meaning="internal error of the gateway, do not retry",
        cause=Cause.TRANSMISSION,
        party=Party.OPERATOR,
        fix=_WAIT,
        aborts=True,
        then=_ABORT,
    ),  # D
    # About this body: the next request has another one.
    "1705": SubmitCode(
        meaning="invalid message",
        cause=Cause.PAYLOAD,
        party=Party.CONTENT,
        fix="send a body that is not empty, and hex only with type 2 or 6",
        aborts=True,
    ),  # D
    # The only one that Route Mobile lets clients retry.
    "1709": SubmitCode(
        meaning="user validation failed, may be retried",
        cause=Cause.CREDENTIALS,
        party=Party.ACCOUNT,
        lasting=_SOON,
        fix="ask Route Mobile whether the account is active and this address may use it",
        aborts=True,
        then=_AGAIN,
    ),  # D
    # State unknown: "do not resubmit the same message".
    "1715": SubmitCode(
        meaning="response timeout, never resend",
        cause=Cause.TRANSMISSION,
        party=Party.OPERATOR,
        lasting=_SOON,
        fix=_WAIT,
        result=Result.UNCLEAR,
        aborts=True,
    ),  # D
    # Credit: every further message would meet the same.
    "1025": SubmitCode(
        meaning="insufficient credit",
        cause=Cause.CREDIT,
        party=Party.ACCOUNT,
        lasting=_SOON,
        fix=_TOP_UP,
        aborts=True,
        then=_ABORT,
    ),  # D
    "1026": SubmitCode(
        meaning="insufficient reseller credit",
        cause=Cause.CREDIT,
        party=Party.ACCOUNT,
        lasting=_SOON,
        fix=_TOP_UP,
        aborts=True,
        then=_ABORT,
    ),  # O; batch effect I
    "1725": SubmitCode(
        meaning="insufficient credit",
        cause=Cause.CREDIT,
        party=Party.ACCOUNT,
        lasting=_SOON,
        fix=_TOP_UP,
        aborts=True,
        then=_ABORT,
    ),  # O, an alias of 1025
    "1726": SubmitCode(
        meaning="insufficient reseller credit",
        cause=Cause.CREDIT,
        party=Party.ACCOUNT,
        lasting=_SOON,
        fix=_TOP_UP,
        aborts=True,
        then=_ABORT,
    ),  # O, an alias of 1026
    # About one number: the others go on.
    "1706": SubmitCode(
        meaning="invalid destination", cause=Cause.RECIPIENT, party=Party.NUMBER, fix=_NUMBERS
    ),  # D
    "1028": SubmitCode(
        meaning="spam message",
        cause=Cause.RECIPIENT,
        party=Party.CONTENT,
        fix="change the text, which the gateway takes for spam: other messages are not affected",
    ),  # DC
    "1032": SubmitCode(
        meaning="rejected: do not disturb",
        cause=Cause.RECIPIENT,
        party=Party.NUMBER,
        fix="take other numbers, these want no such messages: other messages are not affected",
    ),  # D
    "1033": SubmitCode(
        meaning="source does not match the template",
        cause=Cause.TEMPLATE,
        party=Party.CONTENT,
        fix="link the header with the template in the DLT portal",
    ),  # D
    "1035": SubmitCode(
        meaning="the user opted out", cause=Cause.RECIPIENT, party=Party.NUMBER, fix=_NUMBERS
    ),  # D
    "1042": SubmitCode(
        meaning="explicitly rejected: do not disturb", cause=Cause.RECIPIENT, party=Party.NUMBER, fix=_NUMBERS
    ),  # D
    # Answers of the OTP check: they say nothing about a submission.
    **_OTP,
    # The word of the WebEngage endpoint.
    "sms_accepted": SubmitCode(
        meaning="accepted", cause=None, party=Party.UNTOLD, result=Result.ACCEPTED
    ),  # D
}

CREDIT_CODES = frozenset(code for code, known in CODES.items() if known.cause is Cause.CREDIT)
"""Processing stopped at the first number it could not pay for; later numbers were never looked at."""

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
the order in which they are believed; ids, numbers and statuses have to agree. Case and blanks in a name do not
matter (`sMobile No`)."""

PROFILE = GatewayProfile(
    name="route_mobile",
    title="Route Mobile",
    codes=CODES,
    dlr_codes={"205": DlrCode(meaning="unknown error")},  # D
    dlr_fields=FIELDS,
    required=("username", "password"),
    fixes={Cause.CREDENTIALS: _ACCOUNT, Cause.PAYLOAD: _URL},
    file_fixes={Cause.CREDENTIALS: _FILE_ACCOUNT, Cause.PAYLOAD: _FILE_URL},
    dlr_switch="`dlr=1`",
)
