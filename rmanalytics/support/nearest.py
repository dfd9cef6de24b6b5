"""Which known name a wrong one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

_MOST = 5


def near(name: str, known: Iterable[str]) -> str:
    """Return a question about the nearest name, to be put behind the wrong one; empty where none is near.

    >>> near("Diwaly", ["diwali", "holi"]), near("x", ["diwali"])
    (' (did you mean diwali?)', '')
    """
    found = get_close_matches(name.casefold(), [one.casefold() for one in known], 1)
    return f" (did you mean {found[0]}?)" if found else ""


def fields_at(model: Any, place: tuple[int | str, ...]) -> list[str]:
    """Return the names that a model knows where pydantic found one that it does not."""
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


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
