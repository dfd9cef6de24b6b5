"""Checks of many messages: the relation `template_checks`."""

from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest

from rmanalytics.dlt import SCHEMA, Category, Policy, Reason, Registry, Template, check

OTP, ORDER, PROMO, OLD = (f"110700000000000000{number}" for number in range(4))
ENTITY = "1101000000000000001"
REGISTRY = Registry.of(
    [
        Template(
            template_id=OTP,
            content="Your OTP is {#numeric#}. - ACME",
            headers=("ACMEBK", "ACMEIN"),
            entity_id=ENTITY,
            category=Category.TRANSACTIONAL,
        ),
        Template(
            template_id=ORDER,
            content="Track {#url#} now",
            headers=("ACMEBK",),
            links=("https://acme.example/t",),
        ),
        Template(template_id=PROMO, content="Sale! {#var#} off", category=Category.PROMOTIONAL),
        Template(template_id=OLD, content="Old text", status="Inactive"),
    ]
)
GOOD = {"template_id": OTP, "body": "Your OTP is 4821. - ACME", "header": "ACMEBK", "entity_id": ENTITY}
MORNING, NIGHT = datetime(2026, 1, 5, 4, 30, tzinfo=UTC), datetime(2026, 1, 5, 15, 30, tzinfo=UTC)
TRACK = {"template_id": ORDER, "header": "ACMEBK"}
SALE = {"template_id": PROMO, "body": "Sale! 50% off"}
R = Reason

CASES = {
    "all right": (GOOD, None, None, None, None),
    "another of its headers": (GOOD | {"header": "ACMEIN"}, None, None, None, None),
    "no header and no entity": (GOOD | {"header": None, "entity_id": None}, None, None, None, None),
    "the text": (GOOD | {"body": "Your OTP is 4821 - ACME"}, R.PUNCTUATION, 16, ".", ""),
    "no template id": (GOOD | {"template_id": None}, R.NO_TEMPLATE_ID, None, "a template id", ""),
    "an unknown id": (GOOD | {"template_id": "9"}, R.UNKNOWN_TEMPLATE, None, "a registered template id", "9"),
    "another template's text": (GOOD | {"template_id": PROMO}, R.ANOTHER_TEMPLATE_FITS, 0, "Sale! ", ""),
    "a header of another": (
        GOOD | {"header": "acmebk"},
        R.HEADER_NOT_REGISTERED,
        None,
        "ACMEBK, ACMEIN",
        "acmebk",
    ),
    "another entity": (GOOD | {"entity_id": "1"}, R.ENTITY_MISMATCH, None, ENTITY, "1"),
    "inactive": ({"template_id": OLD, "body": "Old text"}, R.TEMPLATE_INACTIVE, None, "active", "Inactive"),
    "a link with a query of its own": (
        TRACK | {"body": "Track https://acme.example/t?o=1 now"},
        None,
        None,
        None,
        None,
    ),
    "a link that is not whitelisted": (
        TRACK | {"body": "Track https://evil.example/t now"},
        R.LINK_NOT_WHITELISTED,
        6,
        "https://acme.example/t",
        "https://evil.example/t",
    ),
    "promotional at 10:00": (SALE | {"planned_at": MORNING}, None, None, None, None),
    "promotional at 21:00": (
        SALE | {"planned_at": NIGHT},
        R.OUTSIDE_HOURS,
        None,
        "10:00 to 21:00 Indian time",
        "21:00",
    ),
    "service at 21:00": (GOOD | {"planned_at": NIGHT}, None, None, None, None),
    "the text before the header": (
        GOOD | {"body": "Your OTP is x. - ACME", "header": "X"},
        R.VARIABLE_WRONG_TYPE,
        12,
        "digits only",
        "x",
    ),
    "no text": (GOOD | {"body": None}, R.DIFFERENT_TEXT, 0, "Your OTP is {#numeric#}. - ACME", ""),
}


def table(rows):
    """Return messages as an Arrow table with every column."""
    names = ("template_id", "body", "header", "entity_id", "planned_at")
    columns = {name: [row.get(name) for row in rows] for name in names}
    columns["planned_at"] = pa.array(columns["planned_at"], pa.timestamp("us", "UTC"))
    return pa.table({"message_id": [f"m{n}" for n in range(len(rows))], **columns})


@pytest.mark.parametrize("message, reason, position, expected, actual", CASES.values(), ids=CASES)
def test_reasons(message, reason, position, expected, actual):
    """Each message has one row: whether it matches, and the first thing that is wrong."""
    checks = check(table([message]), REGISTRY)
    assert checks.schema == SCHEMA
    (row,) = checks.select(
        ["message_id", "template_id", "ok", "reason", "position", "expected", "actual"]
    ).to_pylist()
    assert row == {
        "message_id": "m0",
        "template_id": message["template_id"],
        "ok": reason is None,
        "reason": reason,
        "position": position,
        "expected": expected,
        "actual": actual,
    }


def test_every_reason_has_a_case():
    """No word of the vocabulary is without a row in a table of given and expected."""
    from test_dlt_explain import KINDS

    shown = {case[2] for case in KINDS.values()} | {case[1] for case in CASES.values()}
    elsewhere = {Reason.ALLOWANCE_EXCEEDED, Reason.CATEGORY_MISMATCH}
    assert set(Reason) - elsewhere <= shown


def test_a_header_of_digits_is_for_promotional_templates():
    """A numeric header does not go with a service template, even when none is registered for it."""
    template = Template(template_id=OTP, content="Hello", category=Category.SERVICE_IMPLICIT)
    row = {"template_id": OTP, "body": "Hello", "header": "600123"}
    assert check(table([row]), [template]).column("reason").to_pylist() == [Reason.CATEGORY_MISMATCH]


def test_the_template_that_would_fit_is_named():
    """Beside the reason there is another template that the text fits."""
    rows = [GOOD | {"template_id": PROMO}, GOOD | {"template_id": "9"}, GOOD]
    assert check(table(rows), REGISTRY).column("fits_template_id").to_pylist() == [OTP, OTP, None]


def test_order_and_batches():
    """Rows come back in the order given, however the table is chunked."""
    rows = [message for message, *_ in CASES.values()] * 3
    whole = table(rows)
    parts = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 0), whole.slice(7)])
    assert check(parts, REGISTRY).to_pylist() == check(whole, REGISTRY).to_pylist()
    assert check(whole, REGISTRY).column("message_id").to_pylist() == [f"m{n}" for n in range(len(rows))]


def test_pandas_in():
    """A pandas frame is as good as an Arrow table, and absent columns are simply not looked at."""
    frame = pd.DataFrame([{"message_id": "m", "template_id": OTP, "body": "Your OTP is 4821. - ACME"}])
    assert check(frame, REGISTRY).column("ok").to_pylist() == [True]


def test_no_messages():
    """No messages give no rows."""
    assert check(table([]), REGISTRY).num_rows == 0


def test_without_explanations():
    """Verdicts alone say which texts do not fit, not why."""
    rows = [GOOD, GOOD | {"body": "x"}, GOOD | {"header": "x"}]
    checks = check(table(rows), REGISTRY, Policy(), explain=False)
    assert checks.select(["ok", "reason"]).to_pylist() == [
        {"ok": True, "reason": None},
        {"ok": False, "reason": None},
        {"ok": False, "reason": "header_not_registered"},
    ]


def test_the_first_of_two_templates_with_one_id_counts():
    """An id that comes twice keeps its first template; the other is listed as a duplicate."""
    first, second = (Template(template_id=OTP, content=content) for content in ("One", "Two"))
    registry = Registry.of([first, second])
    assert (registry.templates, registry.duplicates) == ({OTP: first}, (second,))


def test_several_processes():
    """Two processes give the same rows as one, in the same order."""
    whole = table([message for message, *_ in CASES.values()])
    parts = pa.concat_tables([whole.slice(at, 3) for at in range(0, whole.num_rows, 3)])
    assert check(parts, REGISTRY, workers=2).to_pylist() == check(whole, REGISTRY).to_pylist()
