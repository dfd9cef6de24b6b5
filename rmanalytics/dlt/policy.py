"""Policies: how operators are said to read a template; contradicting sources have a name each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from rmanalytics.dlt.tags import LINKS, VI_ALSO, Tag
from rmanalytics.errors import BadInput


class Ignored(IntEnum):
    """Which punctuation is skipped; a larger value is laxer, here and below."""

    NOTHING = 0
    AIRTEL_LIST = 1
    SPECIAL = 2


class Spaces(IntEnum):
    """How white space within a line is read: as it is, any run as one space, or not at all."""

    EXACT = 0
    COLLAPSE = 1
    IGNORE = 2


class Newlines(IntEnum):
    """How line endings are read: as they are, all forms alike, or not at all."""

    EXACT = 0
    UNIFY = 1
    IGNORE = 2


class Counted(IntEnum):
    """Which characters of a value count toward its limit."""

    ALL = 0
    LETTERS_AND_DIGITS = 1


class Pooling(IntEnum):
    """What adjacent slots hold: one limit together, one each, or a share of the template's allowance."""

    NONE = 0
    ADJACENT = 1
    TEMPLATE = 2


AIRTEL_LIST = "~`!@#$%^&*()_+={}[]|\\/:;\"'<>,.?-"
"""Characters that Airtel is said to exempt (public code citing archive.is/XJJHV); the effect is unclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One reading of the rules. The defaults are the strict one; `dataclasses.replace` makes others.

    >>> Policy.named("msg91").var_limit, Policy.named("strict").ignored
    (40, <Ignored.NOTHING: 0>)
    """

    name: str = "custom"
    source: str = ""
    var_limit: int = 30
    typed_limit: int = 40
    url_limit: int = 120
    counted: Counted = Counted.ALL
    pooling: Pooling = Pooling.ADJACENT
    allow_empty: bool = False
    alphanumeric_also: str = ""
    alphanumeric_any: bool = False
    short_tags_lax: bool = True
    ignored: Ignored = Ignored.NOTHING
    spaces: Spaces = Spaces.EXACT
    newlines: Newlines = Newlines.EXACT
    fold_case: bool = False
    fold_quotes: bool = False
    unicode_forms: bool = False
    trim: bool = False

    @classmethod
    def named(cls, name: str) -> Policy:
        """Return the preset of that name; raise BadInput listing the presets when there is none."""
        if name not in PRESETS:
            raise BadInput(f"unknown policy {name!r}: use one of {', '.join(PRESETS)}")
        return PRESETS[name]

    @property
    def is_literal(self) -> bool:
        """Whether fixed text must be there character by character."""
        return not (
            self.ignored
            or self.spaces
            or self.newlines
            or self.fold_case
            or self.fold_quotes
            or self.unicode_forms
            or self.trim
        )

    def limit(self, tag: Tag) -> int | None:
        """Return how long one slot's value may be; None: no source names a limit."""
        if tag in LINKS:
            return self.url_limit
        if tag is Tag.CBN:
            return None
        return self.var_limit if tag is Tag.VAR else self.typed_limit


STRICT = Policy(
    name="strict",
    source="AWS, cMercury, MsgClub, CleverTap: exact; 30 per variable, adjacent variables pool theirs",
)
LENIENT = Policy(
    name="lenient",
    source="every leniency that any source states, together",
    var_limit=40,
    counted=Counted.LETTERS_AND_DIGITS,
    pooling=Pooling.TEMPLATE,
    allow_empty=True,
    alphanumeric_also=" ._/-:",
    alphanumeric_any=True,
    ignored=Ignored.SPECIAL,
    spaces=Spaces.IGNORE,
    newlines=Newlines.IGNORE,
    fold_quotes=True,
    unicode_forms=True,
    trim=True,
)
_READINGS = (
    STRICT,
    Policy(
        name="msg91",
        source="MSG91: special characters, spaces, enters, full stop and comma are ignored; 40 per variable",
        var_limit=40,
        ignored=Ignored.SPECIAL,
        spaces=Spaces.IGNORE,
        newlines=Newlines.IGNORE,
    ),
    Policy(
        name="kaleyra",
        source="Kaleyra 3000107310: fixed text exact, variables 0 to 30, only letters and digits count",
        counted=Counted.LETTERS_AND_DIGITS,
        allow_empty=True,
    ),
    Policy(
        name="airtel",
        source="hasgeek/funnel citing archive.is/XJJHV: a list of exempted characters, read as skipped",
        ignored=Ignored.AIRTEL_LIST,
    ),
    Policy(
        name="vi",
        source="a Vi sample check: alphanumeric takes space . _ / but neither hyphen nor colon",
        alphanumeric_also=VI_ALSO,
    ),
    Policy(
        name="jio",
        source="Jio-approved use: alphanumeric holds hyphens and whole sentences",
        alphanumeric_any=True,
    ),
    Policy(
        name="direction",
        source="Direction of 18 Nov 2025: {#num#}, {#alp#}, {#uro#}, {#urg#} take only what the long tags take",
        short_tags_lax=False,
    ),
    Policy(
        name="shared_allowance",
        source="hasgeek/funnel: one allowance shared over the whole template",
        pooling=Pooling.TEMPLATE,
    ),
    Policy(
        name="no_pooling",
        source="TRAI text of Feb 2023: no contiguous variables, so a run of them holds what one does",
        pooling=Pooling.NONE,
    ),
    Policy(name="limit_20", source="sangamamonline: 20 per variable", var_limit=20),
    Policy(
        name="trimmed",
        source="no operator statement: white space around the message does not count",
        trim=True,
    ),
    Policy(
        name="canonical",
        source="no source: composed and decomposed letters (NFC, NFD) are the same",
        unicode_forms=True,
    ),
    LENIENT,
)
PRESETS = {policy.name: policy for policy in _READINGS}
