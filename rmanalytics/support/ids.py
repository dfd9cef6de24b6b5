"""Ids that a spreadsheet or a data frame turned into numbers: digits are lost, or are not the id's own."""

from __future__ import annotations

import re

FLOAT = r"[0-9]{1,15}\.0+"
"""A whole number written as a decimal one, short enough to have kept all of its digits."""

LOST_DIGITS = r"[0-9]+\.0*|[0-9]+(\.[0-9]+)?[eE][+][0-9]+|[0-9]+\.[0-9]+[eE]-?[0-9]+"
"""What Excel, pandas and JSON write for a number; a hex id such as 219e0112 has neither a plus nor a full stop."""

QUOTED = "'[^'].*"
"""Excel's mark for text, exported together with the id."""

ROUNDED = r"[0-9]{15}0{4,}"
"""A long id as Excel keeps it: 15 digits and zeros. One in 10,000 real ids of 19 digits looks like it."""

NO_TEXT = r"NULL|\\N"
"""What databases write for no value, and nobody sends as a message."""

NO_VALUE = (
    r"(?i:\(?<?(?:null|nil|none|nan|nat|na|undefined)>?\)?|\\N|#?n/a|#(?:ref|value|null|spill|num|div/0)!|#name\?"
    r"|0+(?:\.0+)?|[!-/:-@\[-`{-~ –—]+)"
)
"""What databases, data frames and spreadsheets write where there is nothing, or an error; zeros; punctuation."""

FORMULA = r"=.+"
"""A formula that was exported as text; an id of digits and letters never begins like it."""

BLANKS = "".join(chr(n) for n in (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)))
BLANKS += "".join(chr(n) for n in (0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
_UNSEEN = "".join(chr(n) for n in (0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060))
_UNSEEN += "".join(chr(n) for n in (*range(0x2066, 0x206A), 0xFEFF))
_JOINERS = "\u200c\u200d"
AROUND = BLANKS + _UNSEEN + _JOINERS
"""What nobody sees at the ends of a text: it is no part of an id."""

_AROUND_SQL = f"concat({', '.join(f'chr({ord(sign)})' for sign in AROUND)})"
"""In ASCII, because DuckDB reads other texts of queries character by character."""

INVISIBLE = f"[{_UNSEEN}]|[!-~][{_JOINERS}]|[{_JOINERS}][!-~]"
"""What makes two ids of one that people read; letters of India's scripts may need the joiners."""

LONGEST = 1_000
"""Characters of an id: a request of 1,000 messages is a journal line that `send` can read again."""

CONTROL = r"[\x00-\x1f\x7f]"
"""What no id holds: whoever reads it next may end at it."""

WHY_CONTROL = "holds a control character: remove it"
WHY_FORMULA = "is a formula: export the table with its values"
WHY_INVISIBLE = "holds an invisible character: remove it"
WHY_LONG = f"characters: use an id of at most {LONGEST:,}"
WHY_NO_VALUE = "means that there is no value: leave the cell empty, or correct it"
WHY_DECIMAL = "is written as a decimal number: format the column as text and export again"
REASON = "is a number that lost digits: format the column as text and export again"
WHY_QUOTED = "begins with an apostrophe: remove it and format the column as text"

_lost = re.compile(LOST_DIGITS).fullmatch
has_control = re.compile(CONTROL).search
has_invisible = re.compile(INVISIBLE).search
is_no_value = re.compile(NO_VALUE).fullmatch
is_no_text = re.compile(NO_TEXT).fullmatch
is_formula = re.compile(FORMULA, re.DOTALL).fullmatch


def in_ascii(pattern: str) -> str:
    """Return a pattern for SQL: duckdb's Python reads queries with other characters one by one."""
    return re.sub(r"[^\x00-\x7f]", lambda sign: rf"\x{{{ord(sign[0]):x}}}", pattern)


def why_no_value(text: str) -> str | None:
    """Return why a text names nothing, whatever it should be the id of.

    >>> [why_no_value(text) for text in ("219e0112", "=A1")]
    [None, 'is a formula: export the table with its values']
    """
    if is_no_value(text):
        return WHY_NO_VALUE
    return WHY_FORMULA if is_formula(text) else None


def has_lost_digits(text: str) -> bool:
    """Return whether an id was made a number on its way.

    >>> [has_lost_digits(text) for text in ("1.10716E+18", "1700000001.0", "219e0112", "user.123|7")]
    [True, True, False, False]
    """
    return _lost(text) is not None


def why_number(text: str) -> str | None:
    """Return why a code or a word is what a spreadsheet made of a number; None where it is not.

    >>> why_number("650.0"), why_number("DELIVRD"), why_number("650"), why_number("6.5E+18") == REASON
    ('is written as a decimal number: format the column as text and export again', None, None, True)
    """
    if not has_lost_digits(text):
        return None
    return WHY_DECIMAL if re.fullmatch(FLOAT, text) else REASON


def why_unfit(text: str) -> str | None:
    """Return why a text is no id of anything, whatever it is the id of: too long, or with what nobody sees.

    >>> why_unfit("a" * 1_001), why_unfit("a\\x00"), why_unfit("1107")
    ('has 1,001 characters: use an id of at most 1,000', 'holds a control character: remove it', None)
    """
    if len(text) > LONGEST:
        return f"has {len(text):,} {WHY_LONG}"
    if has_control(text):
        return WHY_CONTROL
    return WHY_INVISIBLE if has_invisible(text) else None


def rounded_forms(whole: str) -> list[str]:
    """Return what a spreadsheet and a data frame make of a long id of digits; nothing where they keep it.

    >>> rounded_forms("1107000000000000101"), rounded_forms("1707000000")
    (['1107000000000000000', '1107000000000000128'], [])
    """
    if not (whole.isascii() and whole.isdecimal()):
        return []
    forms = (whole[:15] + "0" * (len(whole) - 15), str(int(float(whole))))
    return [form for form in dict.fromkeys(forms) if form != whole and len(form) == len(whole)]


def trimmed(text: str) -> str:
    """Return the SQL of a text without blanks at its ends, seen and unseen ones.

    DuckDB builds the set of signs anew for each value, 3 µs: most texts have none, which costs a tenth to see.
    """
    is_trim = f"left({text}, 1) BETWEEN '!' AND '~' AND right({text}, 1) BETWEEN '!' AND '~'"
    return f"CASE WHEN {is_trim} THEN {text} ELSE trim({text}, {_AROUND_SQL}) END"
