"""Where fixed text occurs in a message under a policy: exactly, or with what the policy ignores."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rmanalytics.dlt.engine import positions
from rmanalytics.dlt.engine.slots import ignored_class
from rmanalytics.dlt.engine.text import NEWLINE, SPACE, Text
from rmanalytics.dlt.policy import Newlines, Policy, Spaces

SINGLE_QUOTES = "'‘’‚‛′`´"
DOUBLE_QUOTES = '"“”„‟″«»'

_CLUSTER = re.compile(
    r"\r\n|.[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u093c\u09bc\u09be\u09d7\u0a3c\u0b3c\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0c56\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u3099\u309a]*",
    re.S,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralRule:
    """Fixed text under a policy: as it is (`pattern` None), or as a pattern between ignored characters.

    The pattern is looked for in the text without the characters `dropped`. With them between any two of its own it
    would hold a class of a thousand ranges a hundred times, which takes a quarter of a second to compile.
    """

    text: str
    pattern: re.Pattern[str] | None = None
    before: str = ""
    after: str = ""
    dropped: str = ""


def rule(text: str, policy: Policy) -> LiteralRule:
    """Return how the policy reads the fixed text."""
    if policy.is_literal or not text:
        return LiteralRule(text=text, before=ignored_class(policy) if not text else "")
    skipped = ignored_class(policy)
    tokens = list(_tokens(text, policy, skipped))
    if not skipped and not policy.fold_case and "".join(tokens) == re.escape(text):
        return LiteralRule(text=text)
    core = "".join(tokens)
    spaces = (
        SPACE if policy.spaces is Spaces.COLLAPSE and tokens and tokens[-1].startswith(f"[{SPACE}]") else ""
    )
    flags = re.IGNORECASE if policy.fold_case else re.NOFLAG
    return LiteralRule(
        text=text,
        pattern=re.compile(f"(?=({core}))", flags),
        before=skipped,
        after=skipped + spaces,
        dropped=skipped if tokens else "",
    )


def ends(literal: LiteralRule, text: Text, starts: int) -> int:
    """Return where the fixed text may end that begins at one of `starts`."""
    if literal.pattern is None:
        return (starts & text.occurrences(literal.text)) << len(literal.text)
    starts, reached = _skip_up(starts, literal.before, text), 0
    for length, begins in cores(literal, text).items():
        reached |= (starts & begins) << length
    return _skip_up(reached, literal.after, text) & text.all


def starts(literal: LiteralRule, text: Text, stops: int) -> int:
    """Return where the fixed text may begin that ends at one of `stops`."""
    if literal.pattern is None:
        return (stops >> len(literal.text)) & text.occurrences(literal.text)
    stops, reached = _skip_down(stops, literal.after, text), 0
    for length, begins in cores(literal, text).items():
        reached |= (stops >> length) & begins
    return _skip_down(reached, literal.before, text)


def cores(literal: LiteralRule, text: Text) -> dict[int, int]:
    """Return where a folded literal's core begins, by the core's length."""
    assert literal.pattern is not None  # noqa: S101
    if literal.pattern not in text.cores:
        found: dict[int, list[int]] = {}
        for start, end in _spans(literal.pattern, literal.dropped, text):
            found.setdefault(end - start, []).append(start)
        text.cores[literal.pattern] = {length: positions.of(at, text.n) for length, at in found.items()}
    return text.cores[literal.pattern]


def _spans(pattern: re.Pattern[str], dropped: str, text: Text) -> Iterator[tuple[int, int]]:
    """Yield where the pattern begins and ends, in positions of the whole text."""
    if not dropped:
        yield from (match.span(1) for match in pattern.finditer(text.text))
        return
    kept, at = text.without(dropped)
    for match in pattern.finditer(kept):
        start, end = match.span(1)
        yield at[start], at[end - 1] + 1


def _skip_up(found: int, inside: str, text: Text) -> int:
    return positions.walk_up(found, text.inside(inside), text.n) if inside else found


def _skip_down(found: int, inside: str, text: Text) -> int:
    return positions.walk_down(found, text.inside(inside), text.n) if inside else found


def _tokens(text: str, policy: Policy, skipped: str) -> Iterator[str]:
    ignored = _class(skipped) if skipped else None
    collapsing = policy.spaces is Spaces.COLLAPSE
    previous = ""
    for cluster in _CLUSTER.findall(text):
        if ignored and ignored.fullmatch(cluster):
            continue
        token = _token(cluster, policy)
        if collapsing and token == f"[{SPACE}]" and previous == token:
            continue
        if previous and collapsing and previous == f"[{SPACE}]":
            yield f"[{SPACE}]++"
        elif previous:
            yield previous
        previous = token
    if previous:
        yield previous


def _token(cluster: str, policy: Policy) -> str:
    if policy.spaces is Spaces.COLLAPSE and _class(SPACE).fullmatch(cluster):
        return f"[{SPACE}]"
    if policy.newlines is Newlines.UNIFY and _class(NEWLINE).fullmatch(cluster):
        return rf"(?:\r\n|[{NEWLINE}])"
    if policy.fold_quotes and cluster in SINGLE_QUOTES:
        return f"[{re.escape(SINGLE_QUOTES)}]"
    if policy.fold_quotes and cluster in DOUBLE_QUOTES:
        return f"[{re.escape(DOUBLE_QUOTES)}]"
    if policy.unicode_forms:
        forms = dict.fromkeys((cluster, *(unicodedata.normalize(form, cluster) for form in ("NFC", "NFD"))))
        if len(forms) > 1:
            return f"(?:{'|'.join(map(re.escape, forms))})"
    return re.escape(cluster)


@cache
def _class(inside: str) -> re.Pattern[str]:
    return re.compile(f"[{inside}]+")
