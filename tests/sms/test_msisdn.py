"""Msisdns: every way to write a number becomes one, and what is none says why."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rmanalytics.models import Route
from rmanalytics.sms import msisdn

GOOD = {
    "ten digits": ("9800000001", "919800000001"),
    "begins with 6": ("6000000001", "916000000001"),
    "plus and country code": ("+919800000001", "919800000001"),
    "country code without plus": ("919800000001", "919800000001"),
    "trunk zero": ("09800000001", "919800000001"),
    "international prefix": ("00919800000001", "919800000001"),
    "zero and country code": ("0919800000001", "919800000001"),
    "trunk zero after the country code": ("+91 09800000001", "919800000001"),
    "a ten-digit number that begins with 91 keeps it": ("9180000001", "919180000001"),
    "spaces and hyphens": (" +91 98000-00001 ", "919800000001"),
    "parentheses": ("(+91) 98000 00001", "919800000001"),
    "dots as separators": ("98.000.00001", "919800000001"),
    "no-break space and en dash": ("+91\u00a098000–00001", "919800000001"),
    "invisible marks of a contact list": ("\u202a+91 98000 00001\u202c", "919800000001"),
    "Excel's apostrophe": ("'9800000001", "919800000001"),
    "British": ("+44 7700 900123", "447700900123"),
    "British with trunk zero": ("+44 (0)7700 900123", "447700900123"),
    "British after 00": ("00447700900123", "447700900123"),
    "British without plus": ("447700900123", "447700900123"),
    "American": ("+1 415-555-0100", "14155550100"),
    "Singapore needs its plus": ("+65 9123 4567", "6591234567"),
    "Emirates": ("+971501234567", "971501234567"),
    "Italian zeros stay": ("+39 06 1234567", "39061234567"),
}


@pytest.mark.parametrize(("text", "expected"), GOOD.values(), ids=GOOD)
def test_normalise(text: str, expected: str) -> None:
    """Each way to write a number becomes its E.164 digits."""
    assert msisdn.normalise(text) == expected


SPREADSHEET = "was turned into a decimal number by a spreadsheet: format the column as text"
FRACTION = "is a number with a fraction: format the column as text"
TWO = "looks like two numbers in one cell: give each its own row, or write it with + or 00"
BAD = {
    "nothing": ("", "is empty"),
    "blank": ("  ", "is empty"),
    "a minus sign": ("-919800000001", "begins with a minus sign: remove it, if the number is right"),
    "a minus sign of Word": (
        "\u22129800000001",
        "begins with a minus sign: remove it, if the number is right",
    ),
    "a decimal comma": (
        "919800000001,0",
        "was turned into a decimal number, with a comma: format the column as text",
    ),
    "a dash for none": ("-", "is empty"),
    "only a plus": ("+", "has no digits"),
    "letters": ("98O0000001", "contains 'O', which is not allowed in a number"),
    "two numbers": ("9800000001,9800000002", TWO),
    "two numbers, a slash": ("9800000102/9800000103", TWO),
    "two numbers with 91": ("919800000102 - +919800000103", TWO),
    "a number and a word": ("9800000001,x", "contains ',', which is not allowed in a number"),
    "decimals": ("919800000105.50", FRACTION),
    "a decimal": ("919800000102.5", FRACTION),
    "decimals behind a comma": ("919800000109,00", FRACTION),
    "plus in the middle": ("98+00000001", "contains '+', which is not allowed in a number"),
    "spreadsheet's exponent": ("9.19800000001E+11", SPREADSHEET),
    "short exponent": ("9.198E+11", SPREADSHEET),
    "spreadsheet's decimal": ("919800000001.0", SPREADSHEET),
    "decimal that would be Indian": ("980000000.0", SPREADSHEET),
    "too short": (
        "98000",
        "is too short, an Indian mobile number has 10 digits: write other numbers with + and country code",
    ),
    "landline": (
        "2223456789",
        "does not begin with 6 to 9 as Indian mobile numbers do: write other numbers with + and country code",
    ),
    "landline with zero": ("02223456789", "begins with 0, but no Indian mobile number follows"),
    "landline after 91": ("912223456789", "is not an Indian mobile number: they have 6 to 9 after 91"),
    "nine digits after 91": ("+91980000000", "has 9 digits after 91: an Indian mobile number has 10"),
    "eleven digits after 91": ("+9198000000011", "has 11 digits after 91: an Indian mobile number has 10"),
    "no such country": ("+999123456789", "does not begin with an existing country code"),
    "too short for Britain": ("+44770", "is too short for +44"),
    "too long for Britain": ("+44770090012345", "is too long for +44"),
    "a length between those in use": ("+4477009001", "has a length that +44 does not use"),
    "two in one cell": ("8123456789/90", TWO),
    "two in one cell, grouped": ("98765 43210/11", TWO),
    "two in one cell, with dashes": ("98000-00101 / 102", TWO),
    "an extension in brackets": ("98765 43210 (11)", TWO),
    "an extension behind a dash": ("98765-43210-11", TWO),
    "two in one cell, a digit": ("9412345678 / 2", TWO),
    "two in one cell, a full stop": ("8612345678.9", TWO),
    "two in one cell, with 91": ("+91 8212345678-80", TWO),
    "twenty digits": ("44770090012344770090", "is too long: no number has more than 15 digits"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_normalise_refuses(text: str, reason: str) -> None:
    """What is no number is refused with a reason for people."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        msisdn.normalise(text)


ROUTES = {"Indian": ("919800000001", Route.DOMESTIC), "British": ("447700900123", Route.INTERNATIONAL)}


@pytest.mark.parametrize(("number", "expected"), ROUTES.values(), ids=ROUTES)
def test_route(number: str, expected: Route) -> None:
    """India is domestic, everything else international."""
    assert msisdn.route(number) is expected


MASKS = {
    "Indian": ("919812340001", "9198****0001"),
    "thirteen": ("4915112345678", "4915*****5678"),
    "ten show two": ("9812340001", "********01"),
    "short": ("98000", "***00"),
    "two": ("12", "12"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("number", "expected"), MASKS.values(), ids=MASKS)
def test_mask(number: str, expected: str) -> None:
    """A masked number shows country and end, never the subscriber."""
    assert msisdn.mask(number) == expected


@given(st.text("0123456789+-() .", max_size=20))
def test_normal_form_is_stable(text: str) -> None:
    """A normalised number is plain digits and normalises to itself."""
    try:
        number = msisdn.normalise(text)
    except ValueError:
        return
    assert number.isdecimal() and len(number) <= 15
    assert msisdn.normalise(f"+{number}") == number


@given(st.sampled_from([1, 44, 49, 65, 66, 92, 234, 880, 966, 971, 977]), st.integers(10**5, 10**12))
def test_agrees_with_the_library(country_code: int, national: int) -> None:
    """For a number without trunk prefix our fast way and the library say the same."""
    theirs = phonenumbers.parse(f"+{country_code}{national}", None)
    assume(phonenumbers.national_significant_number(theirs) == str(national))
    possible = (
        phonenumbers.is_possible_number_with_reason(theirs) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    assert _is_number(f"+{country_code}{national}") == possible


def _is_number(text: str) -> bool:
    try:
        msisdn.normalise(text)
    except ValueError:
        return False
    return True
