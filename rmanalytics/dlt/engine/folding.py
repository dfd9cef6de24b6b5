"""A text and a template as a policy sees them, with the way back to the positions of the text as it came."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rmanalytics.dlt.engine.edits import Edit
from rmanalytics.dlt.engine.fixed_text import DOUBLE_QUOTES, SINGLE_QUOTES, LiteralRule
from rmanalytics.dlt.engine.matcher import Matcher
from rmanalytics.dlt.engine.slots import ignored_class
from rmanalytics.dlt.engine.text import NEWLINE, SPACE, Text
from rmanalytics.dlt.policy import Newlines, Policy, Spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Text and fixed text after folding, the rules over them, and the original position of each folded character."""

    rules: Matcher
    text: Text
    fixed: tuple[str, ...]
    text_at: tuple[int, ...] | None = None
    fixed_at: tuple[tuple[int, ...], ...] = ()

    def unfolded(self, edit: Edit) -> Edit:
        """Return the edit in positions of the text and of the template's fixed text as they are."""
        if self.text_at is None:
            return edit
        p, q = self.text_at[edit.p], _end(self.text_at, edit.p, edit.q)
        if edit.gap is not None:
            return edit._replace(p=p, q=q)
        at = self.fixed_at[edit.literal]
        return edit._replace(a=at[edit.a], b=_end(at, edit.a, edit.b), p=p, q=q)


def folded(text: str, rules: Matcher) -> Folded:
    """Return the text and the rules as the policy sees them; a literal policy sees them as they are."""
    fixed = tuple(literal.text for literal in rules.literals)
    if rules.policy.is_literal:
        return Folded(rules=rules, text=Text(text), fixed=fixed)
    plain, at = fold(text, rules.policy)
    whole = replace(rules.policy, trim=False)
    pieces = [fold(piece, whole) for piece in fixed]
    short = tuple(piece for piece, _ in pieces)
    literal = replace(
        rules,
        literals=tuple(LiteralRule(text=piece) for piece in short),
        gaps=tuple(replace(gap, least=0) if rules.policy.ignored else gap for gap in rules.gaps),
        patterns=replace(rules.patterns, fixed=None),
        policy=whole,
    )
    return Folded(
        rules=literal, text=Text(plain), fixed=short, text_at=at, fixed_at=tuple(where for _, where in pieces)
    )


def fold(text: str, policy: Policy) -> tuple[str, tuple[int, ...]]:
    """Return the text as the policy sees it, and the original position of each character, the end included.

    >>> fold("A  b.", Policy(spaces=Spaces.COLLAPSE, fold_case=True))
    ('a b.', (0, 1, 3, 4, 5))
    """
    kept: list[str] = []
    at: list[int] = []
    start = len(text) - len(text.lstrip()) if policy.trim else 0
    end = len(text.rstrip()) if policy.trim else len(text)
    for match in _token(policy).finditer(text, start, end):
        if match.lastgroup != "skipped":
            kept.append(_plain(match[0], match.lastgroup, policy))
            at.append(match.start())
    return "".join(kept), (*at, end)


def _plain(token: str, kind: str | None, policy: Policy) -> str:
    if kind == "space":
        return " "
    if kind == "newline":
        return "\n"
    if policy.fold_quotes and token in SINGLE_QUOTES:
        return "'"
    if policy.fold_quotes and token in DOUBLE_QUOTES:
        return '"'
    return token.lower()[0] if policy.fold_case else token


@lru_cache(maxsize=64)
def _token(policy: Policy) -> re.Pattern[str]:
    ways = []
    if skipped := ignored_class(policy):
        ways.append(f"(?P<skipped>[{skipped}]++)")
    if policy.spaces is Spaces.COLLAPSE:
        ways.append(f"(?P<space>[{SPACE}]++)")
    if policy.newlines is Newlines.UNIFY:
        ways.append(f"(?P<newline>\r\n|[{NEWLINE}])")
    return re.compile("|".join([*ways, "."]), re.DOTALL)


def _end(at: tuple[int, ...], start: int, stop: int) -> int:
    """Return where a folded piece ends in the text as it is: right behind its last character."""
    return at[stop - 1] + 1 if stop > start else at[stop]
