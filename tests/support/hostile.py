"""Callbacks meant to be too much, for whoever reads callbacks."""

from __future__ import annotations

from typing import Any

from support.records import callback

MIB = 1 << 20
BODIES = {
    "pairs": "a=b&" * (MIB // 4),
    "items": "[" + "{}," * (MIB // 3) + "{}]",
    "items behind a line end": "\n[" + "{}," * (MIB // 3) + "{}]",
    "items of a form": "response=[" + "{}," * (MIB // 3) + "{}]",
    "encoded items of a form": "response=%5B" + "%7B%7D%2C" * (MIB // 9) + "%7B%7D%5D",
    "pairs behind question marks": "?status=x" * (MIB // 9),
    "pairs behind semicolons": "a=b;" * (MIB // 4),
    "values encoded many times": "a=" + "%25" * (MIB // 4) + "41&b=c=d",
    "brackets": "[" * (MIB // 2) + "]" * (MIB // 2),
    "objects in objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "80,000 keys": "{" + ",".join(f'"k{n}":1' for n in range(80_000)) + "}",
    "quotes": '{"a":"' + '\\"' * 400_000 + '"}',
    "digits": '{"sMessageId":' + "9" * 400 + "}",
    "no text": "\x00\x01\udcff",
    "a lone surrogate": '{"sMessageId":"\\ud800","sStatus":"\\udfff"}',
}
"""Each stored word for word; none may stop or spoil those beside it."""


def hostile(body: str, n: int) -> dict[str, Any]:
    """A callback with that body, as the collector writes what is no UTF-8."""
    text = body.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return {**callback("POST", sMessageId="x"), "callback_id": f"hostile{n}", "body": text}
