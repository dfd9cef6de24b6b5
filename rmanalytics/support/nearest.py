"""Which known name a wrong one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 5


def meant(name: str, known: Iterable[str], *, else_: str = "there are", most: int = 1) -> str:
    """Return a question about the `most` names nearest to a wrong one; where none is near, the first there are.

    >>> meant("Diwaly", ["diwali", "holi"]), meant("x", ["diwali", "holi"]), meant("x", "abcdefg", else_="use")
    ('did you mean diwali?', 'there are diwali, holi', 'use a, b, c, d, e and 2 more')
    """
    names = list(known)
    folded = {one.casefold(): one for one in reversed(names)}
    if close := get_close_matches(name.casefold(), list(folded), most):
        return f"did you mean {' or '.join(folded[one] for one in close)}?"
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return f"{else_} {', '.join(names[:_MOST])}{more}"
