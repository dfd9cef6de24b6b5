"""A regular expression per template: the fast path, used only where its time grows with the text alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Protocol

from rmanalytics.dlt.engine.skeleton import Skeleton
from rmanalytics.dlt.engine.slots import GapRule
from rmanalytics.dlt.policy import Policy, Pooling
from rmanalytics.dlt.tags import LINKS, letters_and_digits, special_characters

MOST_BRANCHES = 1000
"""Ways to fill the slots up to which backtracking is allowed: a few microseconds at worst."""
MOST_COMPILED = 1000
"""Characters of a template up to which expressions are made of it: compiling longer ones costs more than it saves."""
MOST_GAPS = 30
LARGE_CLASS = 400
"""Characters of a class from which on compiling it takes milliseconds, each time it is used."""


class Test(Protocol):
    """A test of one text: something truthy when it passes."""

    def __call__(self, text: str, /) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """The tests of a template: an expression compiled when first used, and its fixed texts; None where there is none.

    What `accept` passes fits; the rest does not if `is_exact`; nor does what `may_fit` fails.
    """

    source: str | None
    is_exact: bool
    fixed: tuple[str, ...] | None

    @cached_property
    def accept(self) -> Test:
        """A test that only texts pass which fit."""
        return _never if self.source is None else re.compile(self.source, re.DOTALL).fullmatch

    @cached_property
    def may_fit(self) -> Test:
        """A test that every text passes which fits."""
        return _always if self.fixed is None else partial(_has_all, self.fixed)


def patterns(template: Skeleton, slots: Sequence[GapRule], policy: Policy) -> Patterns:
    """Return the two tests of a template under a policy."""
    if len(template.content) > MOST_COMPILED or len(slots) > MOST_GAPS:
        return Patterns(source=None, is_exact=False, fixed=None)
    fixed = [literal.text for literal in template.literals]
    bodies = [_body(slot, policy) for slot in slots]
    seen = tuple(fixed) if policy.is_literal else None
    if None in bodies:
        return Patterns(source=None, is_exact=False, fixed=seen)
    forced = [_is_forced(slot, following) for slot, following in zip(slots, fixed[1:], strict=True)]
    bounded = _branches(slots, forced) <= MOST_BRANCHES
    is_exact = bounded and policy.is_literal and policy.pooling is not Pooling.TEMPLATE and _are_plain(slots)
    source = _joined(fixed, [body or "" for body in bodies], forced, bounded)
    return Patterns(source=source, is_exact=is_exact, fixed=seen)


def _joined(fixed: Sequence[str], bodies: Sequence[str], forced: Sequence[bool], bounded: bool) -> str:
    """Return the expression; with too many branches each slot takes its first end and no other."""
    source = re.escape(fixed[0])
    final = len(bodies) - 1
    for number, (body, following) in enumerate(zip(bodies, fixed[1:], strict=True)):
        step = f"{body}{'+' if forced[number] else ''}{re.escape(following)}"
        source += (
            step if bounded or forced[number] or number == final else f"(?>{body}?{re.escape(following)})"
        )
    return source


def _body(slot: GapRule, policy: Policy) -> str | None:
    most = "" if slot.most is None else slot.most
    if slot.shape is not None and slot.tag in LINKS and slot.most is not None:
        heads = (r"https://", r"http://", r"www\.")
        ways = (rf"{head}\S{{1,{slot.most - len(head.replace(chr(92), ''))}}}" for head in heads)
        return f"(?:{'|'.join(ways)}){'' if slot.least else '?'}"
    if slot.shape is not None or (policy.pooling is Pooling.TEMPLATE):
        return None
    return f"{'.' if slot.inside is None else _class(slot.inside)}{{{slot.least},{most}}}"


def _class(inside: str) -> str:
    """Return the class as an expression; of a large one what most values have, which compiles quickly."""
    if not _is_large(inside):
        return f"[{inside}]"
    has_letters, has_special = inside.startswith(letters_and_digits()), special_characters() in inside
    if has_special:
        return r"\S" if has_letters else r"[0-9!-/:-@\[-`{-~]"
    rest = inside.removeprefix(letters_and_digits())
    letters = "[^\\W_\U00010000-\U0010ffff]"
    return f"(?:{letters}|[{rest}])" if rest else letters


def _is_large(inside: str | None) -> bool:
    return inside is not None and len(inside) > LARGE_CLASS


def _are_plain(slots: Sequence[GapRule]) -> bool:
    return not any(slot.counts_letters or _is_large(slot.inside) for slot in slots)


def _is_forced(slot: GapRule, following: str) -> bool:
    """Return whether the fixed text that follows can begin only where the value's characters stop."""
    if slot.inside is None or slot.shape is not None or not following:
        return False
    return re.fullmatch(f"[{slot.inside}]", following[0]) is None


def _branches(slots: Sequence[GapRule], forced: Sequence[bool]) -> int:
    product = 1
    for slot, is_forced in zip(slots, forced, strict=True):
        product *= 1 if is_forced else (slot.most or 10 * MOST_BRANCHES)
    return product


def _has_all(fixed: Sequence[str], text: str, /) -> bool:
    """Return whether the fixed texts are there in order, whatever is between them: leftmost is enough."""
    if len(fixed) == 1:
        return text == fixed[0]
    at, end = len(fixed[0]), len(text) - len(fixed[-1])
    if at > end or not text.startswith(fixed[0]) or not text.endswith(fixed[-1]):
        return False
    for piece in fixed[1:-1]:
        at = text.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    return at <= end


def _never(text: str, /) -> object:
    return None


def _always(text: str, /) -> object:
    return True
