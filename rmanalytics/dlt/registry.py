"""The registered templates together, and what besides the text the registry lets a message fail for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from rmanalytics.dlt.engine.mistakes import Mistake
from rmanalytics.dlt.reasons import Reason
from rmanalytics.dlt.template import Category, Template
from rmanalytics.sms import row_values

INDIA = ZoneInfo("Asia/Kolkata")
PROMOTIONAL_HOURS = range(10, 21)
"""Hours of the day, Indian time, in which promotional messages may be sent (`data/reference/dlt.md`, part 1)."""

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Templates by their id. `links` are whitelisted for all of them; none known: links are not checked."""

    templates: Mapping[str, Template]
    links: tuple[str, ...] = ()
    duplicates: tuple[Template, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, templates: Iterable[Template], links: Iterable[str] = ()) -> Registry:
        """Return the registry of these templates; of two with one id the first is kept."""
        kept: dict[str, Template] = {}
        again = [
            template
            for template in templates
            if kept.setdefault(template.template_id, template) is not template
        ]
        return cls(templates=kept, links=tuple(links), duplicates=tuple(again))

    @cached_property
    def headers(self) -> frozenset[str]:
        """Every header that some template is linked to."""
        return frozenset(header for template in self.templates.values() for header in template.headers)

    @cached_property
    def entities(self) -> frozenset[str]:
        """Every entity id that some template belongs to."""
        return frozenset(template.entity_id for template in self.templates.values() if template.entity_id)

    def whitelist(self, template: Template) -> tuple[str, ...]:
        """Return the links that a text of the template may have."""
        return template.links + self.links


def identity_fault(registry: Registry, template_id: str | None) -> Mistake | None:
    """Return why there is no template to compare with, None when there is one."""
    if not template_id:
        return _fault(Reason.NO_TEMPLATE_ID, "a template id", "", "send the template id with the message")
    if template_id not in registry.templates:
        fix = "register the template, or correct the id (as text: 19 digits do not survive a number)"
        if not re.fullmatch(row_values.TEMPLATE_ID, template_id):
            fix = row_values.TEMPLATE_ID_FIX
        return _fault(Reason.UNKNOWN_TEMPLATE, "a registered template id", template_id, fix)
    return None


def registry_faults(template: Template, header: str | None, entity_id: str | None) -> Iterator[Mistake]:
    """Yield what the registry says against a message of this template, whatever its text."""
    if not template.is_active:
        fix = "have the template activated, or use another one"
        yield _fault(Reason.TEMPLATE_INACTIVE, "active", template.status or "", fix)
    if entity_id and template.entity_id and entity_id != template.entity_id:
        fix = "send the entity id that owns the template"
        yield _fault(Reason.ENTITY_MISMATCH, template.entity_id, entity_id, fix)
    if header and template.headers and header not in template.headers:
        fix = f"send from {' or '.join(template.headers)}, or link {header} to the template"
        yield _fault(Reason.HEADER_NOT_REGISTERED, ", ".join(template.headers), header, fix)
    if header and (kind := _wrong_kind(template, header)):
        fix = "use a header of letters; only promotional templates may have either kind"
        yield _fault(Reason.CATEGORY_MISMATCH, kind, header, fix)


def link_faults(whitelist: tuple[str, ...], text: str) -> Iterator[Mistake]:
    """Yield the links of the text that are not whitelisted; nothing when no whitelist is known."""
    if not whitelist:
        return
    for match in _LINK.finditer(text):
        link = match[0].rstrip(".,;:!?)")
        if not any(allows(allowed, link) for allowed in whitelist):
            fix = f"have {link} whitelisted, or use a whitelisted link"
            yield _fault(Reason.LINK_NOT_WHITELISTED, ", ".join(whitelist), link, fix, match.start())


def hours_fault(template: Template, planned_at: datetime | None) -> Mistake | None:
    """Return the fault of a promotional message outside its hours; the time must know its zone."""
    if template.category is not Category.PROMOTIONAL or planned_at is None:
        return None
    local = planned_at.astimezone(INDIA)
    if local.hour in PROMOTIONAL_HOURS:
        return None
    hours = "10:00 to 21:00 Indian time"
    return _fault(Reason.OUTSIDE_HOURS, hours, f"{local:%H:%M}", "send it within these hours")


def allows(allowed: str, link: str) -> bool:
    """Return whether a whitelisted link covers another: the same, or what goes on behind its `?`, `/` or `#`.

    >>> allows("https://shop.example/o", "https://shop.example/o?id=7")
    True
    >>> allows("https://shop.example/o", "https://shop.example/other")
    False
    """
    stem = allowed.split("?", 1)[0].rstrip("/*")
    return link.startswith(stem) and (len(link) == len(stem) or link[len(stem)] in "/?#")


def _wrong_kind(template: Template, header: str) -> str | None:
    if template.category in (None, Category.PROMOTIONAL) or not header.isdigit():
        return None
    return f"a header of letters ({template.category})"


def _fault(reason: Reason, expected: str, actual: str, fix: str, position: int | None = None) -> Mistake:
    return Mistake(
        reason=reason,
        position=position,
        template_position=None,
        expected=expected,
        actual=actual,
        fix=fix,
    )
