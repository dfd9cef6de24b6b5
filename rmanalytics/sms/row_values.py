"""What a message's row may hold, wherever it is read: its lists of variables, its ids and texts, its route."""

from __future__ import annotations

import json
from typing import Any

from rmanalytics.models import Route

NO_LIST = 'is not a JSON list such as ["1234", "10 minutes"], with "" where one is empty'
NO_ROUTE = f"is neither {Route.DOMESTIC} nor {Route.INTERNATIONAL}"
OTHER_ROUTE = "contradicts the number, which is "

TEMPLATE_ID = r"[0-9]{19}"
"""How operators number DLT templates. Some accept 12 digits and more, so another id is warned of and goes."""

TEMPLATE_ID_FIX = "a template id has 19 digits: compare it with the registry's, as text"

CONTROL_IN_TEXT = r"[\x00-\x08\x0b\x0e-\x1f\x7f]"
"""What no phone shows and gateways cut texts at; line ends, tabs and GSM-7's page break are text."""


def variables(text: str) -> list[str] | None:
    """Return the texts of a JSON list, numbers as written; None where it is no list of them: null may be any value.

    >>> variables('["Asha", 12.50, ""]'), variables('["Asha", null]'), variables('["Asha", ["a"]]'), variables("{}")
    (['Asha', '12.50', ''], None, None, None)
    """
    try:
        values = json.loads(text, parse_int=str, parse_float=str)
        if not isinstance(values, list) or any(
            value is None or isinstance(value, list | dict) for value in values
        ):
            return None
        texts = [_text(value) for value in values]
        "".join(texts).encode()  # half of an emoji is no text
    except (ValueError, RecursionError):
        return None
    return texts


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
