"""Registered templates: fixed text, slots, what the registry says about them, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from rmanalytics.dlt.engine.explain import Explanation, explain
from rmanalytics.dlt.engine.matcher import matcher
from rmanalytics.dlt.engine.skeleton import MOST_CHARACTERS, SLOT, Skeleton, is_misspelt
from rmanalytics.dlt.policy import STRICT, Policy
from rmanalytics.dlt.tags import ALIASES, Tag, tag_of
from rmanalytics.sms import row_values
from rmanalytics.support.wording import character, count

LEAST_FIXED_SHARE = 0.3
"""TRAI May 2023: at least 30 % of a template with many variables is fixed; Kaleyra asks 60 %."""

_KNOWN = ", ".join((*Tag, *ALIASES))

_HASHED = re.compile(
    r"(?<![{\w])#\s*[A-Za-z]\w*\s*#(?![}\w])|\{\{[^{}]*\}\}|\{\s+#[^{}]*#\s*\}|\{#[^{}#]*#\s+\}|\{var\}"
    r"|\{#\s*[A-Za-z]\w*\s*\}|\{\s*[A-Za-z]\w*\s*#\}"
)


class Category(StrEnum):
    """What a template was registered as."""

    PROMOTIONAL = "promotional"
    TRANSACTIONAL = "transactional"
    SERVICE_IMPLICIT = "service_implicit"
    SERVICE_EXPLICIT = "service_explicit"
    GOVERNMENT = "government"


class FaultKind(StrEnum):
    """What can be wrong with a template itself."""

    INVALID_PLACEHOLDER = "invalid_placeholder"
    UNKNOWN_TAG = "unknown_tag"
    TAG_LIST_LENGTH = "tag_list_length"
    ANGLE_BRACKET = "angle_bracket"
    TOO_LONG = "too_long"
    UNUSUAL_ID = "unusual_id"
    ENDS_IN_VARIABLE = "ends_in_variable"
    CONTIGUOUS_VARIABLES = "contiguous_variables"
    LITTLE_FIXED_TEXT = "little_fixed_text"


MISREAD = frozenset({FaultKind.INVALID_PLACEHOLDER, FaultKind.UNKNOWN_TAG, FaultKind.TAG_LIST_LENGTH})
"""Faults by which a variable may be read as another one than the registry means."""

WARNED_OF = MISREAD | {FaultKind.UNUSUAL_ID}
"""Faults by which a message may be judged otherwise than by its operator: whoever reads templates warns of them."""


class TemplateFault(NamedTuple):
    """A fault of a template: `position` counts code points of its content from 0, `text` is what is there."""

    kind: FaultKind
    position: int
    text: str
    fix: str

    def describe(self) -> str:
        """Return it in words."""
        return f"{self.kind} {self.text!r} at {character(self.position)}: {self.fix}"


@dataclass(frozen=True, kw_only=True)
class Template(Skeleton):
    """A registered template: a skeleton, and what the registry says about it.

    >>> Template(template_id="1107000000000000001", content="Hi {#var#}{#var#}, OTP {#number#}").slots
    (<Tag.VAR: 'var'>, <Tag.VAR: 'var'>, <Tag.NUMERIC: 'numeric'>)
    """

    headers: tuple[str, ...] = ()
    entity_id: str | None = None
    category: Category | None = None
    status: str | None = None
    links: tuple[str, ...] = ()
    line: int | None = field(default=None, compare=False)

    def fits(self, text: str, policy: Policy = STRICT) -> bool:
        """Return whether the text is the template with every slot filled as the policy allows."""
        return matcher(self, policy).fits(text)

    def explain(self, text: str, policy: Policy = STRICT) -> Explanation:
        """Return what keeps the text from fitting under the policy; its faults are empty when it fits."""
        return explain(text, self, policy)

    @property
    def is_active(self) -> bool:
        """Whether the registry lets it be used; a template without a status is."""
        return (self.status or "active").lower() in {
            "active",
            "approved",
            "registered",
            "whitelisted",
            "verified",
            "1",
        }

    @cached_property
    def faults(self) -> tuple[TemplateFault, ...]:
        """What is wrong with the template itself, whatever the messages are."""
        return tuple(sorted(_faults(self), key=lambda fault: fault.position))


def _faults(template: Template) -> Iterator[TemplateFault]:
    yield from _placeholder_faults(template.content)
    yield from _tag_faults(template)
    yield from _shape_faults(template)
    for bracket in re.finditer("[<>]", template.content):
        fix = "registries refuse < and >: register without it"
        yield TemplateFault(FaultKind.ANGLE_BRACKET, bracket.start(), bracket[0], fix)
    if not re.fullmatch(row_values.TEMPLATE_ID, template.template_id):
        yield TemplateFault(FaultKind.UNUSUAL_ID, 0, template.template_id, row_values.TEMPLATE_ID_FIX)


def _placeholder_faults(content: str) -> Iterator[TemplateFault]:
    for match in SLOT.finditer(content):
        if tag_of(match[1]) is None and is_misspelt(match[1]):
            tag = tag_of(match[1].strip().rstrip("0123456789").lower()) or Tag.VAR
            fix = f"read as fixed text; write {{#{tag}#}}"
            yield TemplateFault(FaultKind.INVALID_PLACEHOLDER, match.start(), match[0], fix)
    for match in _HASHED.finditer(content):
        fix = "read as fixed text; write {#var#}"
        yield TemplateFault(FaultKind.INVALID_PLACEHOLDER, match.start(), match[0], fix)


def _tag_faults(template: Template) -> Iterator[TemplateFault]:
    beside, n_slots = template.variable_tags, len(template.slots)
    for gap in template.gaps:
        if gap.name is not None and gap.tag is Tag.VAR:
            fix = f"read as var; known are {_KNOWN}"
            yield TemplateFault(FaultKind.UNKNOWN_TAG, gap.position, gap.text, fix)
    if beside and len(beside) != n_slots:
        fix = f"{count(len(beside), 'tag')} for {count(n_slots, 'variable')}: name one tag per variable"
        yield TemplateFault(FaultKind.TAG_LIST_LENGTH, 0, ", ".join(beside), fix)
    for name in beside:
        if tag_of(name.strip(" {}#")) is None:
            yield TemplateFault(FaultKind.UNKNOWN_TAG, 0, name, f"read as var; known are {_KNOWN}")


def _shape_faults(template: Template) -> Iterator[TemplateFault]:
    content, gaps = template.content, template.gaps
    if len(content) > MOST_CHARACTERS:
        yield TemplateFault(
            FaultKind.TOO_LONG, MOST_CHARACTERS, content[MOST_CHARACTERS:], "shorten to 2000 characters"
        )
    for gap in gaps:
        if gap.n_slots > 1:
            fix = "allowed by most registries, pooling their limits; TRAI's 2023 text bans it"
            yield TemplateFault(FaultKind.CONTIGUOUS_VARIABLES, gap.position, gap.text, fix)
    if gaps and not template.literals[-1].text.strip(" .!"):
        fix = "some registries refuse a variable as the last word: end in your brand"
        yield TemplateFault(FaultKind.ENDS_IN_VARIABLE, gaps[-1].position, gaps[-1].text, fix)
    fixed = sum(len(literal.text) for literal in template.literals)
    if content and fixed < LEAST_FIXED_SHARE * len(content):
        fix = f"{fixed} of {len(content)} characters are fixed; registries ask 30 to 60 %"
        yield TemplateFault(FaultKind.LITTLE_FIXED_TEXT, 0, content[:20], fix)
