"""What to do about a mistake, in words: characters that people cannot tell apart are called by their Unicode names."""

from __future__ import annotations

import unicodedata

from rmanalytics.dlt.engine import lookalikes
from rmanalytics.dlt.engine.skeleton import Gap
from rmanalytics.dlt.engine.slots import GapRule
from rmanalytics.dlt.reasons import Reason
from rmanalytics.dlt.tags import EXAMPLES
from rmanalytics.support.wording import character

_ALIKE = frozenset({Reason.LOOKALIKE, Reason.CURLY_QUOTE, Reason.NO_BREAK_SPACE})
_MOST_NAMES = 3


def of_text(reason: Reason, expected: str, actual: str, position: int) -> str:
    """Return what makes a piece of the text the template's.

    >>> of_text(Reason.UNICODE_FORM, "\u00e9", "e\u0301", 3)
    'looks the same at character 4, but is written with other characters (U+0065 LATIN SMALL LETTER E, U+0301 \
COMBINING ACUTE ACCENT instead of U+00E9 LATIN SMALL LETTER E WITH ACUTE): normalise the text to NFC'
    """
    if reason is Reason.UNICODE_FORM:
        return _of_form(expected, actual, position)
    if not expected:
        return f"remove {_shown(actual)} at {character(position)}"
    if not actual:
        return f"insert {_shown(expected)} at {character(position)}"
    alike = _names(actual, set(expected)) if reason in _ALIKE and len(actual) > 1 else ""
    named = f" ({alike})" if alike else ""
    return f"write {_shown(expected)} instead of {_shown(actual)}{named} at {character(position)}"


def of_value(reason: Reason, gap: Gap, rule: GapRule, value: str, wrong: str) -> str:
    """Return what makes a variable's value fit; `wrong` is the first character that is not of its type."""
    last = gap.first + gap.n_slots - 1
    number = f"variable {gap.first}" if gap.n_slots == 1 else f"variables {gap.first}-{last}"
    if reason is Reason.VARIABLE_EMPTY:
        return f"give {number} a value, or register the text without it"
    if reason is Reason.VARIABLE_WRONG_TYPE:
        odd = f", not {lookalikes.name(wrong)}" if wrong and _is_odd(wrong) else ""
        return f"{number} takes {EXAMPLES[gap.tag]}{odd}: change the value, or register another tag"
    over = len(value) - (rule.most or 0)
    return f"shorten the value of {number} by {over}, or register another {{#var#}} next to it"


def _of_form(expected: str, actual: str, position: int) -> str:
    """Return how to compose the text as the template is: NFC where that is what the template has."""
    ours, theirs = _different(expected, actual)
    what = f"looks the same at {character(position)}, but is written with other characters ({theirs} instead of {ours})"
    if unicodedata.normalize("NFC", actual) == expected:
        return f"{what}: normalise the text to NFC"
    if unicodedata.normalize("NFD", actual) == expected:
        return (
            f"{what}: the template is not in NFC: normalise the text to NFD, or register the template in NFC"
        )
    return f"{what}: write these characters as the template does, or register the template in NFC"


def _different(expected: str, actual: str) -> tuple[str, str]:
    """Return the names of what two texts do not share at their beginnings and ends."""
    start = next((i for i, pair in enumerate(zip(expected, actual, strict=False)) if pair[0] != pair[1]), 0)
    one, other = expected[start:], actual[start:]
    while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return _names(one), _names(other)


def _names(text: str, but: set[str] | frozenset[str] = frozenset()) -> str:
    names = [lookalikes.name(one) for one in dict.fromkeys(text) if one not in but]
    return ", ".join([*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])])


def _shown(text: str) -> str:
    if len(text) == 1 and (not text.isascii() or not text.isprintable()):
        return lookalikes.name(text)
    unseen = "".join(one for one in text if _is_unseen(one))
    return f"{lookalikes.visible(text)!r} ({_names(unseen)})" if unseen else repr(lookalikes.visible(text))


def _is_unseen(character: str) -> bool:
    """Return whether one cannot see which character it is: an invisible or a special blank one."""
    return not character.isascii() and unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}


def _is_odd(character: str) -> bool:
    """Return whether a character is another than it seems to be, or a digit that is not 0 to 9."""
    is_digit = character.isdigit() and not character.isascii()
    return is_digit or _is_unseen(character) or lookalikes.skeleton(character) != character.casefold()
