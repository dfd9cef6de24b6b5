"""Numbers, ids, codes and times of DLRs: each text says one value or none, the same for every gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import gateway_samples as samples

from rmanalytics import gateways
from rmanalytics.gateways import fields
from rmanalytics.gateways.timestamps import moment
from rmanalytics.sms import msisdn
from rmanalytics.support.ids import has_lost_digits


def read(expression: str, *texts: str | None) -> list[Any]:
    """What the SQL reads in each text."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = f"SELECT {expression} FROM (SELECT unnest($1::VARCHAR[]) AS t)"
        return [row[0] for row in connection.execute(query, [list(texts)]).fetchall()]


NUMBERS = {
    "plain": ("919800000001", "919800000001"),
    "ten digits": ("9800000001", "9800000001"),
    "plus, blanks and hyphens": ("+91 98000-00001", "919800000001"),
    "parentheses": ("(+91) 98000 00001", "919800000001"),
    "trunk zero": ("09800000001", "9800000001"),
    "international prefix": ("00919800000001", "919800000001"),
    "no-break space": ("+91\u00a09800000001", "919800000001"),
    "Excel's apostrophe": ("'919800000001", "919800000001"),
    "pandas": ("919800000001.0", "919800000001"),
    "two decimals": ("919800000001.00", "919800000001"),
    "plus and decimal": ("+919800000001.0", "919800000001"),
    "a fraction": ("919800000001.5", None),
    "no digit behind the stop": ("919800000001.", None),
    "exponent": ("9.198E+11", None),
    "all digits and an exponent": ("9.19800000001E11", None),
    "a minus sign": ("-919800000001", None),
    "a long minus sign": (" \u2212919800000001", None),
    "slash": ("919800000001/1", None),
    "two numbers": ("919800000001;919800000002", None),
    "commas": ("9,19,80,00,00,001", None),
    "letters": ("tel:919800000001", None),
    "masked": ("9198****0001", None),
    "plus inside": ("91+9800000001", None),
    "zeros": ("000", None),
    "nothing": (None, None),
}


def test_numbers() -> None:
    """A text is the digits it writes as a phone number, or no number."""
    texts, expected = zip(*NUMBERS.values(), strict=True)
    assert dict(zip(NUMBERS, read(fields.number("t"), *texts), strict=True)) == dict(
        zip(NUMBERS, expected, strict=True)
    )


DIGITS = st.text("0123456789", min_size=1, max_size=14)
INDIAN = st.tuples(
    st.sampled_from(["", "0", "91", "+91", "0091", "+91 0"]), st.from_regex("[6-9][0-9]{9}", fullmatch=True)
)
WRITTEN = st.one_of(
    st.text("0123456789 +-().,/;eE'\u00a0", max_size=18),
    DIGITS.map(lambda digits: f"{digits}.0"),
    INDIAN.flatmap(
        lambda parts: st.sampled_from(msisdn.SEPARATORS).map(
            lambda apart: parts[0] + parts[1][:5] + apart + parts[1][5:]
        )
    ),
)


@given(st.lists(WRITTEN, min_size=1, max_size=40))
@settings(deadline=None)
def test_the_two_parsers_agree(texts: list[str]) -> None:
    """What Python and SQL both take is the same last ten digits; SQL gives only digits of the text, in their order."""
    for text, found in zip(texts, read(fields.number("t"), *texts), strict=True):
        if found is None:
            continue
        assert found in "".join(filter(str.isdigit, text))
        try:
            normal = msisdn.normalise(text)
        except ValueError:
            continue
        if normal.startswith("91"):  # abroad a trunk zero may stand inside the number
            assert msisdn.last10(found) == msisdn.last10(normal)


IDS = {
    "a whole number of pandas": ("5123456789.0", "5123456789"),
    "too long for a float": ("1107000000000000128.0", None),
    "Excel": ("5.12345E+18", None),
    "Python": ("1e+18", None),
    "Java": ("1.7E9", None),
    "no digit behind the stop": ("1700000001.", None),
    "hex": ("219e0112", "219e0112"),
    "short hex": ("1e5", "1e5"),
    "dots": ("user.123|7", "user.123|7"),
    "plus in a text": ("a+b", "a+b"),
    "digits": ("1107000000000000128", "1107000000000000128"),
    "nothing": (None, None),
}


def test_ids() -> None:
    """An id that was made a number is its integer while no digit is lost, else none."""
    texts, expected = zip(*IDS.values(), strict=True)
    assert read(fields.identifier("t"), *texts) == list(expected)
    lost = [name for name, (text, found) in IDS.items() if text and has_lost_digits(text) and found]
    assert lost == ["a whole number of pandas"]


CODES = {
    "0": None,
    "000": None,
    "0.0": None,
    "0.00": None,
    "69.0": "69",
    "069": "069",
    "69": "69",
    "6.9": "6.9",
    "": None,
}


def test_codes() -> None:
    """Zero is no code however it is written; a decimal whole number is the number."""
    assert dict(zip(CODES, read(fields.code("t"), *CODES), strict=True)) == CODES


AT = datetime(2025, 1, 15, 4, 50, 30, tzinfo=UTC)
DAY = datetime(2025, 1, 14, 18, 30, tzinfo=UTC)
TIMES = {
    "the gateway's own": ("2025-01-15 10:20:30", AT),
    "ISO": ("2025-01-15T10:20:30", AT),
    "ISO in UTC": ("2025-01-15T04:50:30Z", AT),
    "an offset": ("2025-01-15T10:20:30+05:30", AT),
    "an offset behind a blank": ("2025-01-15 10:20:30 +05:30", AT),
    "Snowflake": ("2025-01-15 10:20:30.000 +0530", AT),
    "BigQuery": ("2025-01-15 04:50:30 UTC", AT),
    "GMT": ("2025-01-15 04:50:30 GMT", AT),
    "Z behind a blank": ("2025-01-15 04:50:30 Z", AT),
    "hours alone behind a blank": ("2025-01-15 04:50:30 +00", AT),
    "nanoseconds": ("2025-01-15T10:20:30.000000000", AT),
    "SAS": ("15JAN2025:10:20:30", AT),
    "a mail's": ("Wed, 15 Jan 2025 10:20:30 +0530", AT),
    "JavaScript": ("Wed, 15 Jan 2025 04:50:30 GMT", AT),
    "Java, with a zone that has two meanings": ("Wed Jan 15 10:20:30 IST 2025", None),
    "single digits": ("2025-1-15 10:20:30", AT),
    "slashes, year first": ("2025/01/15 10:20:30", AT),
    "seconds": ("1736916630", AT),
    "seconds as a float": ("1736916630.0", AT),
    "milliseconds": ("1736916630000", AT),
    "milliseconds as a float": ("1736916630000.0", AT),
    "month's name": ("15 Jan 2025 10:20:30", AT),
    "month's name and a comma": ("15 Jan, 2025 10:20:30", AT),
    "compact": ("20250115102030", AT),
    "compact day": ("20250115", DAY),
    "month first": ("Jan 15, 2025", DAY),
    "day with month's name": ("15-Jan-2025", DAY),
    "a bare day": ("2025-01-15", DAY),
    "no such day": ("20250230", None),
    "day/month/year": ("15/01/2025 10:20:30", None),
    "month/day/year": ("01/15/2025", None),
    "day first with hyphens": ("15-01-2025 10:20:30", None),
    "twelve digits": ("202501151020", None),
    "a small number": ("99", None),
    "a phone number": ("919800000001", None),
    "words": ("yesterday", None),
    "nothing": (None, None),
}


def test_times() -> None:
    """Each spelling is the moment it names, or none."""
    texts, expected = zip(*TIMES.values(), strict=True)
    found = dict(zip(TIMES, read(moment("t", "Asia/Kolkata"), *texts), strict=True))
    assert found == dict(zip(TIMES, expected, strict=True))


NAMES = {
    "route_mobile": "sMobileNo={}&sMessageId=a&sStatus=DELIVRD",
    "simulator": "sMobileNo={}&sMessageId=a&sStatus=DELIVRD",
    "gupshup": "phoneNo={}&externalId=a&status=SUCCESS",
    "kannel": "to={}&id=a&status=1",
}


@pytest.mark.parametrize("name", sorted(gateways.READERS.keys() & NAMES.keys()))
def test_a_number_that_is_none(name: str) -> None:
    """With every gateway such a number is null, and its DLR still counts by its id."""
    written = {"919800000001.0": "919800000001", "9.198E%2B11": None, "919800000001/1": None, "a;b": None}
    callbacks = [samples.callback(NAMES[name].format(text), gateway=name) for text in written]
    found = [(row["gateway_message_id"], row["msisdn"]) for row in samples.dlrs(callbacks, name)]
    assert found == [("a", number) for number in written.values()]


JSON = (
    '{"sMessageId": 5123456789.0, "sMobileNo": 919800000001.0, "sStatus": "DELIVRD", "iErrCode": 0.0, '
    '"dtDone": 1736916630000}'
)


def test_json_floats() -> None:
    """Numbers that pandas wrote into JSON are the numbers they were."""
    (row,) = samples.dlrs([samples.callback(body=JSON)])
    names = ("gateway_message_id", "msisdn", "error_code", "done_at", "is_time_unread")
    assert [row[name] for name in names] == ["5123456789", "919800000001", None, AT, False]
