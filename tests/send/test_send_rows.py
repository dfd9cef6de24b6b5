"""Rows: what can be sent becomes a message, what cannot says why, field by field."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sending import HEADER, TEMPLATE

from rmanalytics.send import batch_file, rows
from rmanalytics.send.rows import BadRow, Defaults
from rmanalytics.sms import msisdn, row_values, segments
from rmanalytics.support.ids import REASON, WHY_NO_VALUE, WHY_QUOTED

DEFAULTS = Defaults(header_variable="RMANALYTICS_ROUTE_MOBILE_HEADER")


def _chunk(*given_rows: dict[str, str | None]) -> pa.RecordBatch:
    plain = {
        "msisdn": "919800000001",
        "body": "x",
        "campaign_id": "c",
        "template_id": TEMPLATE,
        "header": HEADER,
    }
    records = [{"line": line} | plain | row for line, row in enumerate(given_rows, 2)]
    return pa.RecordBatch.from_pylist(records, schema=batch_file.SCHEMA)


MADE = "m" + hashlib.sha256(b"919800000001 1 c x").hexdigest()[:20]
ABROAD = "m" + hashlib.sha256(b"14155550100 1 c x").hexdigest()[:20]

GOOD: dict[str, tuple[dict[str, str | None], dict[str, Any]]] = {
    "a message id is made from number, campaign and text": ({}, {"message_id": MADE}),
    "its own message id stays": ({"message_id": " m1 "}, {"message_id": "m1"}),
    "number": ({"msisdn": "+91 98000-00001"}, {"msisdn": "919800000001", "route": "domestic"}),
    "number abroad needs no template": (
        {"msisdn": "+447700900123", "template_id": None},
        {"msisdn": "447700900123", "route": "international", "template_id": None},
    ),
    "route in any case": ({"route": " Domestic "}, {"route": "domestic"}),
    "ids of hex digits and of several parts": (
        {"message_id": "user.123|7.", "campaign_id": "219e0112"},
        {"message_id": "user.123|7.", "campaign_id": "219e0112"},
    ),
    "blanks in the body stay": ({"body": " x \n"}, {"body": " x \n"}),
    "blanks around ids go": ({"campaign_id": "\tc1\u00a0"}, {"campaign_id": "c1"}),
    "160 characters are one segment": ({"body": "a" * 160}, {"encoding": "gsm7", "n_segments": 1}),
    "161 are two": ({"body": "a" * 161}, {"encoding": "gsm7", "n_segments": 2}),
    "an extension character counts twice": ({"body": "€" * 81}, {"encoding": "gsm7", "n_segments": 2}),
    "Hindi is UCS-2": ({"body": "नमस्ते " * 11}, {"encoding": "ucs2", "n_segments": 2}),
    "variables": ({"template_variables": '["1234", 10, ""]'}, {"template_variables": ["1234", "10", ""]}),
    "no variables": ({"template_variables": " "}, {"template_variables": []}),
}


@pytest.mark.parametrize(("row", "expected"), GOOD.values(), ids=GOOD)
def test_good_row(row: dict[str, str | None], expected: dict[str, Any]) -> None:
    """A row that can be sent is completed and normalised."""
    checked = rows.check(_chunk(row), DEFAULTS)
    assert checked.faults == []
    [found] = checked.good.to_pylist()
    assert {name: found[name] for name in expected} == expected


def test_whole_row() -> None:
    """All columns of a completed row, defaults included; the entity is for domestic messages only."""
    defaults = Defaults(header="DEFALT", entity_id="1101")
    chunk = _chunk({"header": None}, {"header": None, "msisdn": "+14155550100"}, {"entity_id": "1102"})
    assert [list(row.values()) for row in rows.check(chunk, defaults).good.to_pylist()] == [
        [2, MADE, "c", "domestic", "919800000001", "DEFALT", "1101", TEMPLATE, [], "x", "gsm7", 1],
        [3, ABROAD, "c", "international", "14155550100", "DEFALT", None, TEMPLATE, [], "x", "gsm7", 1],
        [4, MADE, "c", "domestic", "919800000001", HEADER, "1102", TEMPLATE, [], "x", "gsm7", 1],
    ]


ZEROS = (
    "ends in zeros as spreadsheets round long numbers: format the column as text and export again "
    "(or import the templates, if it is right)"
)

BAD: dict[str, tuple[dict[str, str | None], list[tuple[str, str, str]]]] = {
    "no value for a number": ({"msisdn": "NULL"}, [("msisdn", "**LL", WHY_NO_VALUE)]),
    "no value for a text": ({"body": "NULL"}, [("body", "NULL", WHY_NO_VALUE)]),
    "no value for a text, by MySQL": ({"body": "\\N"}, [("body", "\\N", WHY_NO_VALUE)]),
    "null among variables": (
        {"template_variables": '["a", null]'},
        [("template_variables", '["a", null]', row_values.NO_LIST)],
    ),
    "number": (
        {"msisdn": "91980000000"},
        [("msisdn", "9198***0000", "has 9 digits after 91: an Indian mobile number has 10")],
    ),
    "no number": ({"msisdn": None}, [("msisdn", "", "is empty")]),
    "no body": ({"body": None}, [("body", "", "is empty")]),
    "blank body": ({"body": " \n"}, [("body", "", "is empty")]),
    "no campaign": ({"campaign_id": " "}, [("campaign_id", "", "is empty")]),
    "no template": (
        {"template_id": None},
        [("template_id", "", "is empty: a domestic message needs its DLT template")],
    ),
    "ids that a spreadsheet made numbers": (
        {"campaign_id": "1.70E+09", "template_id": "1.10716E+18", "entity_id": "1.10100E+18"},
        [
            ("campaign_id", "1.70E+09", REASON),
            ("template_id", "1.10716E+18", REASON),
            ("entity_id", "1.10100E+18", REASON),
        ],
    ),
    "ids as Excel rounds and marks them": (
        {"template_id": "1107000000000000000", "entity_id": "'1101000000000000001", "campaign_id": "'42"},
        [
            ("campaign_id", "'42", WHY_QUOTED),
            ("template_id", "1107000000000000000", ZEROS),
            ("entity_id", "'1101000000000000001", WHY_QUOTED),
        ],
    ),
    "ids that pandas made numbers": (
        {"message_id": "2.0", "template_id": "1107000000000000128.0"},
        [("message_id", "2.0", REASON), ("template_id", "1107000000000000128.0", REASON)],
    ),
    "no header": (
        {"header": None},
        [("header", "", "is empty: name it in the row or set RMANALYTICS_ROUTE_MOBILE_HEADER")],
    ),
    "variables are no JSON": (
        {"template_variables": "[" * 50_000 + "]" * 50_000},
        [("template_variables", "[" * 40 + "…", row_values.NO_LIST)],
    ),
    "words for nothing": (
        {"campaign_id": "NULL", "template_id": "\\N", "header": "#N/A", "entity_id": "nan"},
        [
            (field, value, "means that there is no value: leave the cell empty, or correct it")
            for field, value in (
                ("campaign_id", "NULL"),
                ("template_id", "\\N"),
                ("entity_id", "nan"),
                ("header", "#N/A"),
            )
        ],
    ),
    "control characters": (
        {"body": "Hi\x01", "message_id": "m\x002", "campaign_id": "c\td", "header": "A\x7f"},
        [
            (field, value, "holds a control character: remove it")
            for field, value in (
                ("body", "Hi\x01"),
                ("message_id", "m\x002"),
                ("campaign_id", "c d"),
                ("header", "A\x7f"),
            )
        ],
    ),
    "ids without end": (
        {"campaign_id": "c" * 5_000, "header": "A" * 1_001},
        [
            ("campaign_id", "c" * 40 + "…", "has 5,000 characters: use an id of at most 1,000"),
            ("header", "A" * 40 + "…", "has 1,001 characters: use an id of at most 1,000"),
        ],
    ),
    **{
        f"variables: {kind}": (
            {"template_variables": text},
            [("template_variables", text, row_values.NO_LIST)],
        )
        for kind, text in {"a list in a list": '["a", ["b"]]', "an object in a list": '[{"a": 1}]'}.items()
    },
    "half an emoji": (
        {"template_variables": '["Asha \\ud83d"]'},
        [("template_variables", '["Asha \\ud83d"]', row_values.NO_LIST)],
    ),
    "no list": (
        {"template_variables": "1234"},
        [("template_variables", "1234", row_values.NO_LIST)],
    ),
    "variables are broken JSON, a number in them is masked": (
        {"template_variables": '["919812340001"'},
        [("template_variables", '["9198****0001"', row_values.NO_LIST)],
    ),
    "route word": ({"route": "local"}, [("route", "local", "is neither domestic nor international")]),
    "route word with a bad number": (
        {"route": "local", "msisdn": "1"},
        [
            (
                "msisdn",
                "1",
                "is too short, an Indian mobile number has 10 digits: write other numbers with + and country code",
            ),
            ("route", "local", "is neither domestic nor international"),
        ],
    ),
    "route contradicts the number": (
        {"route": "international"},
        [("route", "international", "contradicts the number, which is domestic")],
    ),
    "a row that cannot be read has no other fault": (
        {"broken": "is not a JSON object", "body": None, "msisdn": None},
        [("row", "", "is not a JSON object")],
    ),
    "all at once, long values cut": (
        {"body": "", "campaign_id": None, "route": "x" * 50},
        [
            ("body", "", "is empty"),
            ("campaign_id", "", "is empty"),
            ("route", "x" * 40 + "…", "is neither domestic nor international"),
        ],
    ),
}


@pytest.mark.parametrize(("row", "expected"), BAD.values(), ids=BAD)
def test_bad_row(row: dict[str, str | None], expected: list[tuple[str, str, str]]) -> None:
    """A row that cannot be sent says so field by field, between good ones that can."""
    checked = rows.check(_chunk({}, row, {}), DEFAULTS)
    assert checked.good["line"].to_pylist() == [2, 4]
    faults = [BadRow(line=3, field=field, value=value, reason=reason) for field, value, reason in expected]
    assert checked.faults == faults


REGISTERED = frozenset({"1107000000000000101", "1107000000000010000", "1107000000000000333"})
AS_TEXT = "format the column as text and export again"

WITH_REGISTRY: dict[str, tuple[str, str | None]] = {
    "registered": ("1107000000000000101", None),
    "registered, and it ends in zeros": ("1107000000000010000", None),
    "by Excel": ("1107000000000000000", f"is 1107000000000000101 of the registry, rounded: {AS_TEXT}"),
    "by a float": ("1107000000000000128", f"is 1107000000000000101 of the registry, rounded: {AS_TEXT}"),
    "zeros of no registered one": ("1107999999999990000", ZEROS),
    "not registered, as far as is known": ("1107999999999999991", None),
}


@pytest.mark.parametrize(("template_id", "reason"), WITH_REGISTRY.values(), ids=WITH_REGISTRY)
def test_template_ids_beside_a_registry(template_id: str, reason: str | None) -> None:
    """What a rounded template id was is seen in the registry, and a registered one is never refused."""
    checked = rows.check(_chunk({"template_id": template_id}), replace(DEFAULTS, registered=REGISTERED))
    assert [fault.reason for fault in checked.faults] == [reason] * bool(reason)


SAMPLES = ("919800000101", "+447700900123", "919999900001", "+91 99999 00777")


@pytest.mark.parametrize("number", SAMPLES)
@pytest.mark.parametrize("is_real", [True, False])
def test_sample_numbers_never_go_for_real(number: str, is_real: bool) -> None:
    """The shipped numbers and the simulator's series may be somebody's phones."""
    checked = rows.check(_chunk({"msisdn": number}), replace(DEFAULTS, is_real=is_real))
    reason = "is a sample number, which may be somebody's phone: use your own number"
    assert [fault.reason for fault in checked.faults] == [reason] * is_real


@given(st.lists(st.text("+ 0123456789()-.", max_size=16), min_size=1, max_size=20))
def test_numbers_are_normalised_as_msisdn_does(numbers: list[str]) -> None:
    """The fast way through a whole chunk and `msisdn.normalise` say the same."""
    checked = rows.check(_chunk(*[{"msisdn": number} for number in numbers]), DEFAULTS)
    assert dict(zip(checked.good["line"].to_pylist(), checked.good["msisdn"].to_pylist(), strict=True)) == {
        line: number for line, text in enumerate(numbers, 2) if (number := _normalised(text))
    }


def _normalised(text: str) -> str | None:
    try:
        return msisdn.normalise(text)
    except ValueError:
        return None


@given(st.lists(st.text(st.sampled_from(segments.BASIC + "^€[~हि😀`\x0c\u2028")), min_size=1, max_size=20))
def test_bodies_are_measured_as_segments_does(bodies: list[str]) -> None:
    """The fast way through a whole chunk and `segments` say the same."""
    checked = rows.check(_chunk(*[{"body": f"{body}." * 30} for body in bodies]), DEFAULTS)
    found = [(row["body"], row["encoding"], row["n_segments"]) for row in checked.good.to_pylist()]
    assert found == [(body, segments.encoding(body), segments.count(body)) for body, _, _ in found]
    assert len(found) == len(bodies)
