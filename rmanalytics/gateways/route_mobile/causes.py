"""What a submit code blames, for those who ask what to fix; see `codes.CODES` for what each one says."""

from __future__ import annotations

from enum import StrEnum

from rmanalytics.gateways.route_mobile.codes import CODES, CREDIT_CODES
from rmanalytics.models import Result


class Cause(StrEnum):
    """What is wrong when a message is not accepted."""

    CREDENTIALS = "credentials"
    PAYLOAD = "payload"
    HEADER = "header"
    TEMPLATE = "template"
    CREDIT = "credit"
    TRANSMISSION = "transmission"
    RECIPIENT = "recipient"
    STRANGE = "strange"


_OF_CODE = {
    "1702": Cause.PAYLOAD,
    "1703": Cause.CREDENTIALS,
    "1704": Cause.PAYLOAD,
    "1705": Cause.PAYLOAD,
    "1706": Cause.RECIPIENT,
    "1707": Cause.HEADER,
    "1708": Cause.PAYLOAD,
    "1709": Cause.CREDENTIALS,
    "1710": Cause.TRANSMISSION,
    "1715": Cause.TRANSMISSION,
    "1028": Cause.RECIPIENT,
    "1032": Cause.RECIPIENT,
    "1033": Cause.TEMPLATE,
    "1035": Cause.RECIPIENT,
    "1042": Cause.RECIPIENT,
    **dict.fromkeys(CREDIT_CODES, Cause.CREDIT),
}
_OF_HTTP = {401: Cause.CREDENTIALS, 403: Cause.CREDENTIALS, 407: Cause.CREDENTIALS, 408: Cause.TRANSMISSION}
_TOO_MANY = 429


def cause(result: str, code: str | None, http_status: int | None) -> Cause | None:
    """Return what an answer blames, None when the message was accepted.

    >>> cause("refused", "1703", 200), cause("unclear", None, None), cause("refused", None, 404)
    (<Cause.CREDENTIALS: 'credentials'>, <Cause.TRANSMISSION: 'transmission'>, <Cause.PAYLOAD: 'payload'>)
    """
    if result == Result.ACCEPTED:
        return None
    if code in _OF_CODE:
        return _OF_CODE[code]
    if code and code not in CODES:
        return Cause.STRANGE
    if http_status in _OF_HTTP:
        return _OF_HTTP[http_status]
    is_wrong = http_status is not None and 300 <= http_status < 500 and http_status != _TOO_MANY
    return Cause.PAYLOAD if is_wrong else Cause.TRANSMISSION
