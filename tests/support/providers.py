"""Provider definitions: good ones, and changed ones."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

GOOD: dict[str, Any] = {
    "nickname": "RouteMobile",
    "endpoint": "https://api.rmlconnect.net/bulksms/personalizedbulksms",
    "callback_url": "https://in1.cb.wzrkt.com/sms/generic?account=X",
    "headers": {"Content-Type": "application/json"},
    "body": {
        "username": "${USER_NAME}",
        "password": "${PASS}",
        "source": "ACMEBK",
        "destination": "$$To",
        "message": "$$Body",
        "entityid": "1101000000000000001",
        "tempid": "$$TemplateID",
        "tagname": "$$CampaignID",
        "msgid": "$$MessageID",
        "udf1": "$$MessageID",
    },
}


INNER = ("destination", "message", "msgid", "udf1")


BATCHED = {
    **GOOD,
    "batch": {"key": "msgs", "size": 100},
    "body": {name: text for name, text in GOOD["body"].items() if name not in INNER}
    | {"msgs": [{name: GOOD["body"][name] for name in INNER}]},
}


Change = dict[str, Any]


def write(path: Path, base: dict[str, Any], change: Change) -> Path:
    """Write a definition with some dotted paths set, or removed where None."""
    data = copy.deepcopy(base)
    for where, value in change.items():
        *tables, key = where.split(".")
        table = data
        for name in tables:
            table = table[name]
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    path.write_text(json.dumps(data, indent=1))
    return path
