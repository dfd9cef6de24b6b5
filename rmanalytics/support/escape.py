"""Text of others, made safe to show: a terminal obeys control characters, a reader does not see them."""

from __future__ import annotations

import re
from collections.abc import Iterable

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


def shorter(names: Iterable[str], most: int) -> dict[str, str]:
    """Return for each name one of at most so many characters; all can be told apart, and long ones keep both ends.

    >>> list(shorter(["a", "diwali-2026-north-a", "diwali-2026-north-b"], 12).values())
    ['a', 'diwali…rth-a', 'diwali…rth-b']
    >>> list(shorter(["2026-a-diwali-sale", "2026-b-diwali-sale", "2026-xx-a-diwali-sale"], 10).values())
    ['2026-…sale', '2026…ale~2', '2026…ale~3']
    """
    cut: dict[str, str] = {}
    used: set[str] = set()
    for name in dict.fromkeys(names):
        short, n = _middle_out(name, most), 1
        while short in used:
            n += 1
            short = _middle_out(name, most - len(f"~{n}")) + f"~{n}"
        cut[name] = short
        used.add(short)
    return cut


def _middle_out(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    end = (most - 1) // 2
    return f"{name[: most - 1 - end]}…{name[-end:]}"
