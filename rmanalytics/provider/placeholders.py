"""The `$$` placeholders of CleverTap and the `${NAME}` references of ours, found and filled."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SYSTEM = ("To", "Body", "TemplateID", "TemplateVariables", "CampaignID", "MessageID")
"""CleverTap's dynamic replacements; case counts."""

_MARK = re.compile(r"\$\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\}", re.ASCII)

_HALF = re.compile(
    r"(?P<dollars>\$\$\$+|(?<!\$)\$)(?P<plain>[A-Za-z_]\w*)|\$*\{\{?\s*\$*(?P<braced>[A-Za-z_]\w*)\s*\}?\}",
    re.ASCII,
)
"""What is no mark but looks like one: one dollar or three, or braces as other senders have them."""

_BLANK = re.compile(r"x{3,}|\*{3,}|<[^<>]*>|your[_ -].*|changeme", re.IGNORECASE)

Place = tuple[str, str]
"""A dotted path in the file and the text there."""


def places(value: Any, path: str) -> Iterator[Place]:
    """Yield every text below a value with its path.

    >>> list(places({"a": ["x", {"b": 1}]}, "body"))
    [('body.a.0', 'x'), ('body.a.1.b', '1')]
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from places(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from places(inner, f"{path}.{place}")
    elif value is not None:
        yield path, str(value)


def names(text: str) -> list[str]:
    """Return the placeholders in a text, in order.

    >>> names("$$To and $$to, ${SECRET}")
    ['To', 'to']
    """
    return [found[1] for found in _MARK.finditer(text) if found[1]]


def references(text: str) -> list[str]:
    """Return the names of the environment in a text."""
    return [found[2] for found in _MARK.finditer(text) if found[2]]


def marks(text: str) -> list[str]:
    """Return placeholders and references in a text, as they are written.

    >>> marks("https://$$a.${B}/x")
    ['$$a', '${B}']
    """
    return [found[0] for found in _MARK.finditer(text)]


def is_blank(text: str) -> bool:
    """Return whether a value is the documentation's blank.

    >>> is_blank("xxxx"), is_blank("Bearer <API_KEY>"), is_blank("xxl"), is_blank("your-password")
    (True, True, False, True)
    """
    return bool(_BLANK.fullmatch(re.sub(r"^(?i:bearer|basic|token)\s+", "", text.strip())))


def is_reference(text: str) -> bool:
    """Return whether all of a secret is referenced, a scheme such as `Bearer` apart.

    >>> is_reference("${PASS}"), is_reference("Bearer ${KEY}"), is_reference("hunter2"), is_reference("$$key")
    (True, True, False, True)
    """
    rest = _MARK.sub("", re.sub(r"^(?i:bearer|basic|token)\s+", "", text.strip()))
    return bool(_MARK.search(text)) and not rest.strip()


def meant(name: str) -> str | None:
    """Return the system placeholder that a misspelt one is near to, None for a custom one.

    A letter that is doubled is near to any name; other mistakes are only in longer names.

    >>> meant("TemplateId"), meant("MesageID"), meant("Too"), meant("hid"), meant("To")
    ('TemplateID', 'MessageID', 'To', None, None)
    """
    if name in SYSTEM:
        return None
    folded = {known.casefold(): known for known in SYSTEM}
    if single := folded.get(re.sub(r"(.)\1+", r"\1", name.casefold())):
        return single
    found = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.85)
    return folded[found[0]] if found else None


def half_marked(text: str) -> list[tuple[str, str]]:
    """Return what looks like one of CleverTap's placeholders but is sent as it is written, each with the right name.

    >>> half_marked("$Body, {{To}}, $$$Body, ${Body} and {$$templateid}")
    [('$Body', 'Body'), ('{{To}}', 'To'), ('$$$Body', 'Body'), ('${Body}', 'Body'), ('{$$templateid}', 'TemplateID')]
    >>> half_marked("$$Body ${BODY} $5 {price} $$OTP")
    []
    """
    found = []
    for mark in _HALF.finditer(text):
        name = mark["plain"] or mark["braced"]
        right = name if name in SYSTEM else meant(name)
        if right and not (mark[0] == f"${{{name}}}" and name != right):
            found.append((mark[0], right))
    return found


def fill(text: str, value: Callable[[str], str], secret: Callable[[str], str]) -> str:
    """Return the text with each mark replaced once: what a value holds is never replaced again.

    >>> fill("$$Body-${K}", {"Body": "$$To"}.__getitem__, str.lower)
    '$$To-k'
    """
    return _MARK.sub(lambda found: value(found[1]) if found[1] else secret(found[2]), text)
