"""A line per request, for whoever asks for it: without token, query and body, the number masked."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from datetime import datetime
from urllib.parse import unquote_plus

from rmanalytics import gateways
from rmanalytics.collect.routes import HttpAnswer
from rmanalytics.sms import msisdn
from rmanalytics.support.escape import visible

_NUMBER = re.compile(
    rf"(?:^|&)(?:{'|'.join(map(re.escape, gateways.callback_names('msisdn')))})=([^&]{{1,64}})", re.IGNORECASE
)


def entry(at: datetime, peer: str, method: str, gateway: str, answer: HttpAnswer, fields: str) -> str:
    """Return the line of a request; `fields` is its query or form, `gateway` or a page's path, or `-`.

    >>> from datetime import UTC
    >>> from rmanalytics.collect.routes import DURABLE
    >>> at = datetime(2025, 1, 15, 10, 20, 30, tzinfo=UTC)
    >>> entry(at, "192.0.2.7:5", "GET", "simulator", DURABLE, "sMobileNo=%2B919812340001&sStatus=DELIVRD")
    '2025-01-15T10:20:30.000Z 192.0.2.7:5 GET simulator 9198****0001 200'
    """
    words = [f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", peer or "-", method[:16], gateway]
    return visible(" ".join([*words, _number(fields), str(answer.status), answer.reason]).rstrip())


def say(line: str) -> None:
    """Print the line on stderr; if it cannot be printed, nothing else suffers."""
    with suppress(OSError, ValueError):
        sys.stderr.write(line + "\n")


def _number(fields: str) -> str:
    found = _NUMBER.search(fields)
    digits = re.sub(r"\D", "", unquote_plus(found[1])) if found else ""
    return msisdn.mask(digits) or "-"
