"""Msisdns: one spelling for every way to write a phone number; India's ways first.

A bare number of ten digits is Indian; every other number needs its country code. Whether a foreign number
is possible (country code and length) comes from the `phonenumbers` library; whether it is in use is for
the gateway to say, because numbering plans grow faster than anybody's tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, ValidationResult

from rmanalytics.models import Route

INDIAN = r"(?:\+91|0{0,2}91|0)?[6-9][0-9]{9}"
"""Every way to write an Indian mobile number once separators are gone; the last ten digits are the number."""

SIMULATED = "919999900"
"""How numbers begin that choose an outcome at the simulator; none of them is sent for real."""

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
SEPARATORS = f" \t\u00a0\u2007\u2009\u202f()./{DASHES}"
INVISIBLE = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
_GONE = dict.fromkeys((*map(ord, SEPARATORS), *INVISIBLE))

_indian = re.compile(INDIAN).fullmatch
_negative = re.compile(f"[^0-9+{DASHES}]*[{DASHES}].*[0-9]").match
_plain = re.compile(r"\+?[0-9]+").fullmatch
_foreign_character = re.compile(r"[^+0-9]|(?<=.)\+").search
_from_spreadsheet = re.compile(r"\s*\+?[0-9]+(?:\.0*|(?:\.[0-9]+)?[eE]\+?[0-9]+)\s*").fullmatch
_fraction = re.compile(r"\s*'?(?:\+|0{0,2})91[6-9][0-9]{9}(?:\.[0-9]{1,4}|,[0-9]{2})\s*").fullmatch
"""An Indian number with its country code and decimals: nobody writes the end of a second number behind it so."""

_two_whole = re.compile(rf"\s*'?{INDIAN}\s*[-/.,;|]\s*{INDIAN}\s*").fullmatch
_BETWEEN = f"[{re.escape(SEPARATORS)}]"
_two_numbers = re.compile(
    rf"\s*'?(?:0|(?:\+|00)?91)?{_BETWEEN}*[6-9](?:{_BETWEEN}*[0-9]){{9}}(?:{_BETWEEN}|[,;|])+[0-9]{{1,5}}{_BETWEEN}*"
).fullmatch
"""An Indian number, grouped or not, and the end of another one or an extension: `98123 45678/79`, `… (11)`."""

_FIX = "write other numbers with + and country code"
_IMPOSSIBLE = {
    ValidationResult.INVALID_COUNTRY_CODE: "does not begin with an existing country code",
    ValidationResult.TOO_SHORT: "is too short for +{}",
    ValidationResult.TOO_LONG: "is too long for +{}",
}


def normalise(text: str) -> str:
    """Return the number as E.164 digits without plus; raise ValueError with a reason for people.

    >>> [normalise(way) for way in ("+91 98000-00001", "09800000001", "9800000001", "+44 7700 900123")]
    ['919800000001', '919800000001', '919800000001', '447700900123']
    """
    if _indian(text):
        return f"91{text[-10:]}"
    if text[:1] == "+" and text[1:3] != "91" and _possible()(text[1:]):
        return text[1:]
    if _negative(text):
        raise ValueError("begins with a minus sign: remove it, if the number is right")
    number = text.translate(_GONE).removeprefix("'")  # Excel's mark for text
    if _indian(number) and not _from_spreadsheet(text):
        return f"91{number[-10:]}"
    _check(text, number)
    if number.startswith("+"):
        return _abroad(number[1:])
    if number.startswith("00"):
        return _abroad(number[2:])
    return _abroad(_with_country_code(number))


def normalised(text: str | None) -> str | None:
    """Return the number as `normalise` does, None where it is none.

    >>> normalised("+91 98123 40001"), normalised("12"), normalised(None)
    ('919812340001', None, None)
    """
    try:
        return normalise(text or "")
    except ValueError:
        return None


def route(msisdn: str) -> Route:
    """Return domestic for a normalised Indian number, else international.

    >>> route("919800000001"), route("447700900123")
    (<Route.DOMESTIC: 'domestic'>, <Route.INTERNATIONAL: 'international'>)
    """
    return Route.DOMESTIC if msisdn.startswith("91") else Route.INTERNATIONAL


def mask(text: str) -> str:
    """Return the number as people may see it: the middle hidden, of a short one all but two digits.

    >>> mask("919812340001"), mask("98000")
    ('9198****0001', '***00')
    """
    if len(text) > 10:
        return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}"
    return "*" * max(0, len(text) - 2) + text[-2:]


def last10(text: str) -> str:
    """Return the last ten digits, by which numbers are compared where a country code may be missing.

    >>> last10("+91 98000 00001"), last10("98000")
    ('9800000001', '98000')
    """
    return re.sub(r"[^0-9]", "", text)[-10:]


def _check(text: str, number: str) -> None:
    if not number:
        raise ValueError("is empty")
    if _from_spreadsheet(text):
        raise ValueError("was turned into a decimal number by a spreadsheet: format the column as text")
    if _fraction(text):
        raise ValueError("is a number with a fraction: format the column as text")
    if number.endswith(",0"):
        raise ValueError("was turned into a decimal number, with a comma: format the column as text")
    if _two_numbers(text) or _two_whole(text):
        raise ValueError(
            "looks like two numbers in one cell: give each its own row, or write it with + or 00"
        )
    if found := _foreign_character(number):
        raise ValueError(f"contains {found[0]!r}, which is not allowed in a number")
    if not _plain(number):
        raise ValueError("has no digits")


def _with_country_code(digits: str) -> str:
    """Return digits that were written without plus or 00, if they can be distinguished from a local number."""
    if digits.startswith("0"):
        raise ValueError("begins with 0, but no Indian mobile number follows")
    if len(digits) == 10:
        raise ValueError(f"does not begin with 6 to 9 as Indian mobile numbers do: {_FIX}")
    if len(digits) < 10:
        raise ValueError(f"is too short, an Indian mobile number has 10 digits: {_FIX}")
    return digits


def _abroad(digits: str) -> str:
    is_indian = digits.startswith("91")
    if (is_indian and len(digits) == 12 and _indian(digits)) or (not is_indian and _possible()(digits)):
        return digits
    return _by_library(digits)


def _by_library(digits: str) -> str:
    """Return the number with a trunk prefix taken out, as in +44 (0)7700 900123."""
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except NumberParseException as error:
        raise ValueError(_unparsable(error)) from None
    if number.country_code == 91:
        return _indian_or_fault(phonenumbers.national_significant_number(number))
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict != ValidationResult.IS_POSSIBLE:
        reason = _IMPOSSIBLE.get(verdict, "has a length that +{} does not use")
        raise ValueError(reason.format(number.country_code))
    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


def _indian_or_fault(national: str) -> str:
    if _indian(national) and len(national) == 10:
        return f"91{national}"
    if len(national) != 10:
        raise ValueError(f"has {len(national)} digits after 91: an Indian mobile number has 10")
    raise ValueError("is not an Indian mobile number: they have 6 to 9 after 91")


def _unparsable(error: NumberParseException) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return _IMPOSSIBLE[ValidationResult.INVALID_COUNTRY_CODE]
    if error.error_type == NumberParseException.TOO_LONG:
        return "is too long: no number has more than 15 digits"
    return "is too short"


@cache
def _possible() -> Callable[[str], object]:
    """Return a matcher of country codes and lengths they use; made when needed: it reads 215 countries."""
    return re.compile("|".join(map(_country, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))).fullmatch


def _country(code: int) -> str:
    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None or metadata.general_desc is None:
        return "(?!)"
    first = "[1-9]" if metadata.national_prefix_for_parsing else "[0-9]"
    longest = 15 - len(str(code))
    rests = [f"[0-9]{{{n - 1}}}" for n in metadata.general_desc.possible_length if 0 < n <= longest]
    return f"{code}{first}(?:{'|'.join(rests)})"
