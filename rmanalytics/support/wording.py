"""Numbers and lists as text: shares, durations, counts with their noun."""

from __future__ import annotations

from collections.abc import Iterable


def percent(share: float, digits: int = 1) -> str:
    """Return a share as a percentage; all and nothing are never rounded to.

    >>> percent(0.9713), percent(0.99999), percent(1), percent(0.00001), percent(float("nan"))
    ('97.1 %', '> 99.9 %', '100 %', '< 0.1 %', '–')
    """
    if share != share:
        return "–"
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    step = 10.0**-digits
    if 100 * share < step / 2:
        return f"< {step:.{digits}f} %"
    if 100 * (1 - share) < step / 2:
        return f"> {100 - step:.{digits}f} %"
    return f"{100 * share:.{digits}f} %"


def interval(low: float, high: float) -> str:
    """Return the two ends of a share's interval, the unit once.

    >>> interval(0.935, 0.95), interval(0.2, 1), interval(float("nan"), float("nan"))
    ('93.5 – 95.0 %', '20.0 – 100 %', '–')
    """
    if low != low:
        return "–"
    return f"{percent(low).removesuffix(' %')} – {percent(high)}"


def duration(seconds: float) -> str:
    """Return a duration in the unit that reads best.

    >>> [duration(s) for s in (0.042, 3.21, 75, 5400, 200_000, float("nan"))]
    ['0.04 s', '3.2 s', '75 s', '90 min', '56 h', '–']
    """
    if seconds != seconds:
        return "–"
    for limit, divisor, unit in ((1, 1, ".2f"), (10, 1, ".1f"), (120, 1, ".0f")):
        if abs(seconds) < limit:
            return f"{seconds / divisor:{unit}} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 7200 else f"{seconds / 3600:.0f} h"


def count(n: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun; `many` where its plural is not just an s more.

    >>> count(1, "message"), count(1200, "DLR"), count(2, "mismatch", "mismatches")
    ('1 message', '1,200 DLRs', '2 mismatches')
    """
    return f"{n:,} {nouns(n, noun, many)}"


def nouns(n: int, noun: str, many: str | None = None) -> str:
    """Return the noun as written after a count."""
    return noun if n == 1 else many or f"{noun}s"


def verb(n: float, one: str, many: str) -> str:
    """Return the form that fits the count, of a verb or a pronoun.

    >>> verb(1, "was", "were"), verb(0, "it", "them")
    ('was', 'them')
    """
    return one if n == 1 else many


def are(n: int) -> str:
    """Return `is` or `are`, whichever fits the count."""
    return verb(n, "is", "are")


def listed(parts: Iterable[str]) -> str:
    """Return parts, at least one, as a sentence lists them.

    >>> listed(["one"]), listed(["one", "two", "three"])
    ('one', 'one, two and three')
    """
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def unstarred(name: object) -> str:
    """Return a name out of the data whose stars do not mark anything bold.

    >>> unstarred("summer*sale")
    'summer∗sale'
    """
    return str(name).replace("*", "∗")


def bold(name: object) -> str:
    """Return a name out of the data in bold; its own stars do not end that.

    >>> bold("summer*sale")
    '**summer∗sale**'
    """
    return f"**{unstarred(name)}**"


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its class where it says nothing.

    >>> first_line(ValueError("no such column\\nLINE 1: SELECT x")), first_line(KeyError())
    ('no such column', 'KeyError')
    """
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def unfit(said: str) -> str:
    """Return what pydantic says of a value as a person would.

    >>> unfit("Input should be a valid integer, unable to parse string as an integer"), unfit("Field required")
    ('has to be a whole number', 'is missing')
    >>> unfit("Input should be 'GET' or 'POST'"), unfit("Value error, is empty")
    ("has to be 'GET' or 'POST'", 'is empty')
    """
    text = said.removeprefix("Value error, ").partition(", unable to")[0].partition(", got a ")[0]
    if text.startswith("Input should be a valid datetime"):
        return "has to be a time such as 2025-01-15T00:00:00+05:30"
    for theirs, ours in _UNFIT.items():
        text = text.replace(theirs, ours)
    return text


_UNFIT = {
    "Input is not a valid path for <class 'pathlib.Path'>": "has to be a path in quotes",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "Input should be": "has to be",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "text",
    "a valid boolean": "true or false",
    "a valid list": "a list",
    "a valid dictionary": "a table of names and values",
    "Field required": "is missing",
    "Extra inputs are not permitted": "is not known",
}


def character(position: int) -> str:
    """Return a place in a text as people count it, from 1; data counts from 0.

    >>> character(0)
    'character 1'
    """
    return f"character {position + 1:,}"
