"""From edits to words: what kind of mistake each one is, where it stands, and what fixes it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rmanalytics.dlt.engine import fixes, lookalikes
from rmanalytics.dlt.engine.edits import Edit
from rmanalytics.dlt.engine.fixed_text import DOUBLE_QUOTES, SINGLE_QUOTES
from rmanalytics.dlt.engine.matcher import Matcher
from rmanalytics.dlt.engine.skeleton import Gap, Skeleton
from rmanalytics.dlt.engine.slots import GapRule, reaches
from rmanalytics.dlt.engine.text import NEWLINE, Text, run_of
from rmanalytics.dlt.reasons import Reason
from rmanalytics.dlt.tags import EXAMPLES
from rmanalytics.support.wording import character

_SPACES = frozenset("\t\u1680 \u00a0\u202f\u205f\u3000") | {chr(code) for code in range(0x2000, 0x200B)}
_NEWLINES = frozenset(NEWLINE)
_QUOTES = frozenset(SINGLE_QUOTES + DOUBLE_QUOTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake: positions count code points from 0, of the message and of the template's content."""

    reason: Reason
    position: int | None
    template_position: int | None
    expected: str
    actual: str
    fix: str
    slot: int | None = None


def of_edits(edits: Sequence[Edit], rules: Matcher, text: str) -> tuple[Mistake, ...]:
    """Return the faults that the edits of a text amount to, in its order."""
    groups: list[list[Edit]] = []
    for edit in edits:
        if groups and _continues(groups[-1][-1], edit):
            groups[-1].append(edit)
        else:
            groups.append([edit])
    pieces = [piece for group in groups for piece in _pieces(group, rules)]
    return tuple(_of_group(piece, rules, text) for piece in pieces)


def exceeded(rules: Matcher, text: str) -> Mistake:
    """Return the fault of a text whose values are too long only together."""
    return Mistake(
        reason=Reason.ALLOWANCE_EXCEEDED,
        position=None,
        template_position=None,
        expected=f"at most {rules.allowance} characters that count",
        actual=text,
        fix="shorten the values, or register more variables",
    )


def different(first: Mistake) -> Mistake:
    """Return the fault of a text that has little in common with the template, from `first` on."""
    fix = "check the template id: the text may belong to another template"
    return replace(first, reason=Reason.DIFFERENT_TEXT, fix=fix, slot=None)


def beyond_all(template: Skeleton, text: str, shown: int) -> Mistake:
    """Return the fault of a text longer than any SMS; it shows no more than `shown` characters of it."""
    return Mistake(
        reason=Reason.DIFFERENT_TEXT,
        position=0,
        template_position=0,
        expected=template.content,
        actual=text[:shown],
        fix=f"{len(text):,} characters are too long for an SMS: check the template id and the text",
    )


def beyond_alignment(template: Skeleton, text: str, start: int, position: int) -> Mistake:
    """Return the fault of a text too long to compare further than to where it leaves the template, at `start`."""
    return Mistake(
        reason=Reason.DIFFERENT_TEXT,
        position=position,
        template_position=start,
        expected=template.content[start:],
        actual=text[position:],
        fix=f"check the template id: from {character(position)} on the text differs in too many places to list",
    )


def _continues(first: Edit, second: Edit) -> bool:
    """Return whether two edits miss what belongs together: there is no text between them."""
    return first.p == first.q == second.p == second.q


def _pieces(group: list[Edit], rules: Matcher) -> list[list[Edit]]:
    """Return a group that misses fixed text as one; values alone as a fault each."""
    if any(edit.gap is None for edit in group):
        return [group]
    return [[edit] for edit in group if edit.p < edit.q or rules.gaps[edit.gap or 0].least]


def _place(edit: Edit, template: Skeleton) -> tuple[int, int]:
    """Return where an edit begins and ends in the template's content."""
    if edit.gap is not None:
        gap = template.gaps[edit.gap]
        return gap.position, gap.position + len(gap.text)
    start = template.literals[edit.literal].position
    return start + edit.a, start + edit.b


def _of_group(group: Sequence[Edit], rules: Matcher, text: str) -> Mistake:
    edit, template = group[0], rules.template
    if len(group) == 1 and edit.gap is not None:
        return _of_value(template.gaps[edit.gap], rules.gaps[edit.gap], edit, text)
    start, end = _place(edit, template)[0], _place(group[-1], template)[1]
    expected, actual = template.content[start:end], text[edit.p : edit.q]
    if len(group) > 1:
        reason = Reason.TRUNCATED if edit.p == len(text) else Reason.MISSING_TEXT
    else:
        reason = _reason(edit, template, text)
    return Mistake(
        reason=reason,
        position=edit.p,
        template_position=start,
        expected=expected,
        actual=actual,
        fix=fixes.of_text(reason, expected, actual, edit.p),
    )


def _reason(edit: Edit, template: Skeleton, text: str) -> Reason:
    fixed = template.literals[edit.literal].text
    expected, actual = fixed[edit.a : edit.b], text[edit.p : edit.q]
    at_end = edit.literal == len(template.literals) - 1 and edit.b == len(fixed) and edit.q == len(text)
    at_start = edit.literal == 0 and edit.a == 0 and edit.p == 0
    if not expected:
        neighbours = fixed[max(0, edit.a - 1) : edit.a + 1]
        return _of_piece(actual, neighbours, Reason.EXTRA_TEXT, Reason.EXTRA_SPACE, at_start, at_end)
    if not actual:
        neighbours = text[max(0, edit.p - 1) : edit.p + 1]
        return _of_piece(expected, neighbours, Reason.MISSING_TEXT, Reason.MISSING_SPACE, False, at_end)
    return _of_change(expected, actual)


def _of_piece(
    piece: str, neighbours: str, text: Reason, space: Reason, at_start: bool, at_end: bool
) -> Reason:
    """Return what a missing or an extra piece is."""
    if lookalikes.is_invisible(piece):
        return Reason.INVISIBLE_CHARACTER
    if _only(piece, _SPACES):
        return Reason.DOUBLE_SPACE if set(neighbours) & _SPACES and not at_end else space
    if _only(piece, _SPACES | _NEWLINES):
        return Reason.LINE_ENDING
    if at_end and (text is Reason.EXTRA_TEXT or len(piece) > 1):
        return Reason.TRAILING_TEXT if text is Reason.EXTRA_TEXT else Reason.TRUNCATED
    if _is_punctuation(piece):
        return Reason.PUNCTUATION
    return Reason.LEADING_TEXT if at_start else text


def _of_change(expected: str, actual: str) -> Reason:
    if unicodedata.normalize("NFC", expected) == unicodedata.normalize("NFC", actual):
        return Reason.UNICODE_FORM
    if lookalikes.is_invisible(expected + actual):
        return Reason.INVISIBLE_CHARACTER
    if expected.casefold() == actual.casefold():
        return Reason.LETTER_CASE
    if _only(expected + actual, _SPACES | _NEWLINES):
        return _of_white_space(expected, actual)
    if _skeleton(expected) == _skeleton(actual):
        return Reason.CURLY_QUOTE if _only(expected + actual, _QUOTES) else Reason.LOOKALIKE
    if len(expected) == len(actual) == 1:
        return Reason.PUNCTUATION if _is_punctuation(expected + actual) else Reason.CHANGED_CHARACTER
    return Reason.PUNCTUATION if _is_punctuation(expected + actual) else Reason.CHANGED_TEXT


def _of_white_space(expected: str, actual: str) -> Reason:
    if not _only(expected + actual, _SPACES):
        return Reason.LINE_ENDING
    return Reason.NO_BREAK_SPACE if len(expected) == len(actual) else Reason.DOUBLE_SPACE


def _of_value(gap: Gap, rule: GapRule, edit: Edit, text: str) -> Mistake:
    value, wrong = text[edit.p : edit.q], 0
    if not value and rule.least:
        reason, expected = Reason.VARIABLE_EMPTY, EXAMPLES[gap.tag]
    elif (wrong := _first_wrong(rule, value)) >= 0:
        reason, expected = Reason.VARIABLE_WRONG_TYPE, EXAMPLES[gap.tag]
    else:
        reason, expected, wrong = Reason.VARIABLE_TOO_LONG, f"at most {rule.most} characters", rule.most or 0
    return Mistake(
        reason=reason,
        position=edit.p + wrong,
        template_position=gap.position,
        expected=expected,
        actual=value,
        fix=fixes.of_value(reason, gap, rule, value, value[wrong : wrong + 1]),
        slot=gap.first,
    )


def _first_wrong(rule: GapRule, value: str) -> int:
    """Return where the value stops being of its type, -1 when all of it is."""
    if rule.shape is not None:
        found = reaches(GapRule(tag=rule.tag, least=1, most=None, shape=rule.shape), Text(value))
        return -1 if np.any((found.starts == 0) & (found.highs == len(value))) else 0
    if rule.inside is None:
        return -1
    run = run_of(rule.inside).match(value)
    end = run.end() if run else 0
    return -1 if end == len(value) else end


def _skeleton(text: str) -> str:
    return "".join(map(lookalikes.skeleton, text))


def _only(text: str, characters: frozenset[str]) -> bool:
    return bool(text) and all(character in characters for character in text)


def _is_punctuation(text: str) -> bool:
    return bool(text) and all(
        unicodedata.category(character)[0] in ("PS" if character.isascii() else "P") for character in text
    )
