"""Which column of a file is which of ours: given by the user, or recognised by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rmanalytics.errors import BadInput


class NoColumn(BadInput):
    """`n` columns are there under none of their names; `fix` says what to do where they are nowhere else either."""

    def __init__(self, text: str, fix: str, n: int) -> None:
        super().__init__(f"{text}: {fix}")
        self.text = text
        self.n = n


Spellings = Mapping[str, Sequence[str]]
"""Our name of each column, and what others call it, the name that is believed first in front."""


def plain(name: str) -> str:
    """Return the name as names are compared: without case, blanks and punctuation.

    >>> plain("DLT Template-ID"), plain("sMobile No")
    ('dlttemplateid', 'smobileno')
    """
    return re.sub(r"[\W_]+", "", name.lower())


def recognise(
    names: Sequence[str],
    spellings: Spellings,
    given: Mapping[str, str] | None = None,
    *,
    required: Iterable[str] = (),
    is_strict: bool = False,
) -> dict[str, str]:
    """Return the file's name of each of our columns that it has; `given` maps ours to theirs and wins.

    Our own name wins over the first spelling, that over the others; strictly, of several others none does.
    Raises BadInput with the candidates when a column is missing, ambiguous or misspelt in `given`.

    >>> recognise(["Template ID", "Text"], {"template_id": (), "content": ("text",)})
    {'template_id': 'Template ID', 'content': 'Text'}
    """
    given = given or {}
    _check(names, spellings, given)
    taken = set(given.values())
    free = [name for name in names if name not in taken]
    found = dict(given)
    for ours, others in spellings.items():
        if ours not in found and (theirs := _candidate(ours, others, free, is_strict)) is not None:
            found[ours] = theirs
    if missing := [ours for ours in required if ours not in found]:
        have = _listed(names)
        raise NoColumn(
            f"no column {', '.join(missing)} (it has {have})", "rename it, or map it", len(missing)
        )
    if twice := [name for name, n in Counter(names).items() if n > 1 and name in found.values()]:
        raise BadInput(f"column {', '.join(twice)} occurs twice: remove one")
    return {ours: found[ours] for ours in spellings if ours in found}


def _check(names: Sequence[str], spellings: Spellings, given: Mapping[str, str]) -> None:
    for ours, theirs in given.items():
        if ours not in spellings:
            raise BadInput(
                f"--map {ours}={theirs}: {ours} is not one of our columns: use one of {', '.join(spellings)}"
            )
        if theirs not in names:
            raise NoColumn(
                f"--map {ours}={theirs}: the file has no column {theirs}",
                f"it has {_listed(names)}",
                len(spellings),
            )


def _listed(names: Sequence[str]) -> str:
    """Return the names on one line: a title in quotes may have several."""
    return ", ".join(" ".join(name.split()) for name in names) or "none"


def _candidate(ours: str, others: Sequence[str], names: Sequence[str], is_strict: bool) -> str | None:
    found: dict[str, str] = {}
    for spelling in (ours, *others):
        found |= {name: spelling for name in names if plain(name) == plain(spelling) and name not in found}
    first = next(iter(found), None)
    rivals = (
        [
            name
            for name, spelling in found.items()
            if _rank(spelling, ours, others) == _rank(found[first], ours, others)
        ]
        if first
        else []
    )
    if len(rivals) > 1 and (is_strict or len({plain(name) for name in rivals}) < len(rivals)):
        raise BadInput(
            f"{' and '.join(rivals)} could each be {ours}: choose one with --map {ours}={rivals[0]}"
        )
    return first


def _rank(spelling: str, ours: str, others: Sequence[str]) -> int:
    return 0 if spelling == ours else 1 if spelling == others[0] else 2
