"""Gupshup Enterprise SMS: its codes, words and field names as literal tables.

Marks say how sure a line is:
    D   documented on docs.gupshup.io (error codes; real-time delivery reports)
    O   observed by others who send through Gupshup
    I   inferred

Codes that the documentation has beyond these were not seen: they stay unknown until a row says otherwise.
"""

from __future__ import annotations

from rmanalytics.gateways.contract import Cause, DlrCode, GatewayProfile, SubmitCode
from rmanalytics.models import Consequence, Lasting, Party, Result, Status

ACCEPTED = "success"

_ABORT = Consequence.STOP
_SOON = Lasting.TEMPORARY
_ACCOUNT = (
    "put the user id and password of the Gupshup website into RMANALYTICS_GUPSHUP_USERID and _PASSWORD (.env)"
)
_URL = "check RMANALYTICS_GUPSHUP_URL against what Gupshup gave you"

CODES: dict[str, SubmitCode] = {
    ACCEPTED: SubmitCode(meaning="accepted", cause=None, party=Party.UNTOLD, result=Result.ACCEPTED),  # D
    # It is unknown whether it was sent, so it is not resent automatically.
    "100": SubmitCode(
        meaning="unknown error",
        cause=Cause.TRANSMISSION,
        party=Party.OPERATOR,
        lasting=Lasting.UNTOLD,
        fix="ask Gupshup what happened to them before sending them again",
        result=Result.UNCLEAR,
    ),  # D; unclear I
    # About the request: every further one would meet the same.
    "101": SubmitCode(
        meaning="a parameter is missing",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix="fill in the parameter that the answer names",
        then=_ABORT,
    ),  # D
    "102": SubmitCode(
        meaning="wrong user id or password",
        cause=Cause.CREDENTIALS,
        party=Party.ACCOUNT,
        fix=_ACCOUNT,
        then=_ABORT,
    ),  # D
    "103": SubmitCode(
        meaning="no such user",
        cause=Cause.CREDENTIALS,
        party=Party.ACCOUNT,
        fix=_ACCOUNT,
        then=_ABORT,
    ),  # D
    "104": SubmitCode(
        meaning="the account is disabled",
        cause=Cause.CREDENTIALS,
        party=Party.ACCOUNT,
        fix="ask Gupshup to enable the account",
        then=_ABORT,
    ),  # D
    "106": SubmitCode(
        meaning="the account may not use this method",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix="ask Gupshup to enable sendMessage for the account",
        then=_ABORT,
    ),  # D
    "107": SubmitCode(
        meaning="unknown version of the API",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix=_URL,
        then=_ABORT,
    ),  # D
    "108": SubmitCode(
        meaning="invalid mask (header)",
        cause=Cause.HEADER,
        party=Party.ACCOUNT,
        fix="set a header that Gupshup approved for this account (RMANALYTICS_GUPSHUP_HEADER, the batch's `header`)",
        then=_ABORT,
    ),  # D
    "109": SubmitCode(
        meaning="invalid parameter override_dnd",
        cause=Cause.PAYLOAD,
        party=Party.ACCOUNT,
        fix=_URL,
        then=_ABORT,
    ),  # D
    # About one number: the others go on.
    "105": SubmitCode(
        meaning="invalid phone number",
        cause=Cause.RECIPIENT,
        party=Party.NUMBER,
        fix="check these numbers: other messages are not affected",
    ),  # D
    "175": SubmitCode(
        meaning="international numbers are disabled for the account",
        cause=Cause.RECIPIENT,
        party=Party.ACCOUNT,
        fix="ask Gupshup to enable international numbers, or leave them out",
    ),  # O
}

STATUS: dict[str, Status] = {
    "SUCCESS": Status.DELIVERED,  # D, GET
    "DELIVERED": Status.DELIVERED,  # D, POST
    "FAILURE": Status.FAILED,  # D, GET
    "FAIL": Status.FAILED,  # D, GET
    "FAILED": Status.FAILED,  # D, POST
    "UNKNOWN": Status.UNKNOWN,  # D
}
"""Status words, upper case. A word that is not here becomes `unknown` and keeps its `raw_status`."""

_OWN: dict[str, tuple[str, str, Party, Lasting]] = {
    "001": ("ABSENT_SUBSCRIBER", "absent subscriber", Party.HANDSET, _SOON),
    "002": ("CALL_BARRED", "the subscriber bars messages", Party.NUMBER, Lasting.PERMANENT),
    "003": ("UNKNOWN_SUBSCRIBER", "unknown subscriber", Party.NUMBER, Lasting.PERMANENT),
    "004": ("SERVICE_DOWN", "the operator's service is down", Party.OPERATOR, _SOON),
    "005": ("SYSTEM_FAILURE", "failure in the operator's system", Party.OPERATOR, _SOON),
    "006": ("DND_FAIL", "do not disturb", Party.NUMBER, Lasting.PERMANENT),
    "007": ("BLOCKED", "the subscriber blocks this header", Party.NUMBER, Lasting.PERMANENT),
    "008": ("DND_TIMEOUT", "do not disturb could not be looked up in time", Party.OPERATOR, _SOON),
    "009": ("OUTSIDE_WORKING_HOURS", "outside of the hours for promotions", Party.CONTENT, _SOON),
}
"""`errCode` and `cause` of failed DLRs (O): the documentation lists none."""

DLR_CODES: dict[str, DlrCode] = {
    code: DlrCode(meaning=meaning, party=party, lasting=lasting, is_sure=False)
    for number, (word, meaning, party, lasting) in _OWN.items()
    for code in (number, word)
}

FIELDS: dict[str, tuple[str, ...]] = {
    "gateway_message_id": ("externalId",),
    "msisdn": ("phoneNo", "destAddr"),
    "header": ("mask", "srcAddr"),
    "raw_status": ("status", "eventType"),
    "error_code": ("errCode",),
    "done_at": ("deliveredTS", "eventTs"),
}
"""Our name of each DLR field, and its names in a GET and in a POST (D)."""

PROFILE = GatewayProfile(
    name="gupshup",
    title="Gupshup",
    codes=CODES,
    dlr_codes=DLR_CODES,
    dlr_fields=FIELDS,
    required=("userid", "password"),
    fixes={Cause.CREDENTIALS: _ACCOUNT, Cause.PAYLOAD: _URL},
    dlr_switch="Settings, Advanced Account Settings, Realtime Delivery URL",
)
