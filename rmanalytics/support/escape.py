"""Text of others, made safe to show: a terminal obeys control characters, a reader does not see them."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Return the text with control characters spelled out; line feeds and tabs stay.

    >>> visible("sale\x1b[2J")
    'sale\\x1b[2J'
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def word(text: str, most: int = 60) -> str:
    r"""Return a text of others as one word of a sentence: line ends and tabs spelled out too, what is long cut.

    >>> word("X 1.\nDLRs 2"), word("A" * 99, 5)
    ('X 1.\\nDLRs 2', 'AAAAA…')
    """
    shown = visible(text).replace("\n", "\\n").replace("\t", "\\t")
    return shown if len(shown) <= most else f"{shown[:most]}…"
