"""Codes by namespace, and what an operator would answer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rmanalytics.dlt import Category, Policy, Registry, Template, codes, scrub
from rmanalytics.dlt.scrub import ANSWERS
from rmanalytics.errors import BadInput

MEANINGS = {
    "the default namespace": (("633",), "template_mismatch"),
    "a number is as good as its digits": ((633,), "template_mismatch"),
    "614 of the platform": (("614", "platform6xx"), "pe_tm"),
    "614 of the others": (("614", "alt6xx_unattributed"), "header"),
    "909 of a gateway": (("909", "gateway9xxx_unattributed"), "header"),
    "leading zeros": (("0633",), "template_mismatch"),
    "words": (("CON-DND", "kaleyra_text"), "dnd"),
}


@pytest.mark.parametrize("arguments, category", MEANINGS.values(), ids=MEANINGS)
def test_meaning(arguments, category):
    """A code means what its namespace says."""
    assert codes.meaning(*arguments).category == category


def test_unknown_codes_mean_nothing():
    """A code that the namespace does not have is not guessed from another."""
    assert (codes.meaning("909"), codes.meaning(None), codes.meaning("")) == (None, None, None)


def test_the_table():
    """All 13 namespaces and 241 codes of the reference are there, and 614 has two readings."""
    table = codes.table()
    assert (len(table), len(table.namespaces)) == (241, 13)
    assert [row.namespace for row in table.readings("614")] == ["platform6xx", "alt6xx_unattributed"]


def test_unknown_namespace():
    """A namespace that is not in the table is refused with those that are."""
    with pytest.raises(BadInput, match="unknown code namespace 'jio': use one of platform6xx"):
        codes.meaning("633", "jio")


def test_own_table(tmp_path):
    """The user's CSV adds namespaces and overrides single codes."""
    path = tmp_path / "codes.csv"
    path.write_text(
        "namespace,code,meaning,category\nmine,77,our words,header\nplatform6xx,633,said otherwise,dnd\n"
    )
    table = codes.table().extended(path)
    assert (len(table), table.meaning("77", "mine").meaning) == (242, "our words")
    assert (table.meaning("633").category, codes.meaning("633").category) == ("dnd", "template_mismatch")


FAULTS = {
    "no column": ("code,meaning\n1,2\n", r"codes\.csv: line 1: no column namespace"),
    "damaged UTF-8": ("namespace,code,meaning\nmine,1,\u0905\u0906\udcff\n", r"codes\.csv: .*UTF-8"),
    "an open quote": ('namespace,code,meaning\nmine,"1,x\n', r"codes\.csv: line 2: a quote is never closed"),
    "a field without end": (
        f"namespace,code,meaning\nmine,1,{'x' * 200_000}\n",
        r"codes\.csv: line 2: is too long",
    ),
    "a code made decimal": (
        "namespace,code,meaning\nmine,633.0,x\n",
        r"codes\.csv: line 2: code 633\.0 is written as a decimal number: format the column as text",
    ),
    "a code twice": (
        "namespace,code,meaning\nmine,1,x\nmine,2,y\nmine,1,z\n",
        r"codes\.csv: line 4: code 1 is already on line 2: remove one of them",
    ),
    "a category that is none": (
        "namespace,code,meaning,category\nmine,1,x,dnd\nmine,2,y,headers\n",
        r"codes\.csv: line 3: category 'headers': write one of category, consent, .*unknown_outcome, or nothing",
    ),
    "a namespace misspelt": (
        "namespace,code,meaning\nplatform6x,633,x\n",
        r"codes\.csv: line 2: namespace 'platform6x' is almost platform6xx: write one of platform6xx, .*, twilio",
    ),
    "a namespace in another case": (
        "namespace,code,meaning\nVonage,1,x\n",
        r"codes\.csv: line 2: namespace 'Vonage' is almost vonage",
    ),
    "a code that lost digits": (
        "namespace,code,meaning\nmine,6.33E+18,x\n",
        r"codes\.csv: line 2: code 6\.33E\+18 is a number that lost digits",
    ),
    "two codes": (
        'namespace,code,meaning\nplatform6xx,"601,602",x\n',
        r"codes\.csv: line 2: code 601,602 is several codes: give each its own line",
    ),
    "a range in words": (
        "namespace,code,meaning\nplatform6xx,601 to 605,x\n",
        r"codes\.csv: line 2: code 601 to 605 is several codes: give each its own line",
    ),
    "a pattern": (
        "namespace,code,meaning\nplatform6xx,6xx,x\n",
        r"codes\.csv: line 2: code 6xx is several codes: give each its own line",
    ),
    "a range of codes": (
        "namespace,code,meaning\nplatform6xx,650-655,x\n",
        r"codes\.csv: line 2: code 650-655 is several codes: give each its own line",
    ),
    "full-width digits": (
        "namespace,code,meaning\nplatform6xx,\uff16\uff15\uff10,x\n",
        r"codes\.csv: line 2: code \uff16\uff15\uff10: write it in plain ASCII digits and letters",
    ),
    "a code twice, once with zeros": (
        "namespace,code,meaning\nmine,650,x\nmine,0650,y\n",
        r"codes\.csv: line 3: code 0650 is already on line 2: remove one of them",
    ),
    "only the column names": ("namespace,code,meaning\n", r"codes\.csv: has no rows: add one below"),
    "no code": ("namespace,code,meaning\nmine,,x\n", r"codes\.csv: line 2: code is empty"),
}


@pytest.mark.parametrize("text, expected", FAULTS.values(), ids=FAULTS)
def test_own_table_with_faults(tmp_path, text, expected):
    """A fault of the user's table is one line with file, line and column."""
    path = tmp_path / "codes.csv"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadInput, match=expected):
        codes.table().extended(path)


@pytest.mark.parametrize(
    "name, why", [("none.csv", "cannot be read: No such file"), (".", "has no extension")]
)
def test_own_table_that_is_no_file(name, why):
    """A table that cannot be opened is named."""
    with pytest.raises(BadInput, match=why):
        codes.table().extended(Path(name))


def test_every_answer_is_a_known_code():
    """What scrub answers is in the table of its namespace."""
    unknown = [
        (n, code) for n, answers in ANSWERS.items() for code in answers.values() if not codes.meaning(code, n)
    ]
    assert unknown == []


OTP, OLD, PROMO = "1107000000000000001", "1107000000000000002", "1107000000000000003"
ENTITY = "1101000000000000001"
REGISTRY = Registry.of(
    [
        Template(
            template_id=OTP, content="OTP {#numeric#} of {#var#}.", headers=("ACMEBK",), entity_id=ENTITY
        ),
        Template(template_id=OLD, content="Old.", headers=("ACMEBK",), entity_id=ENTITY, status="inactive"),
        Template(
            template_id=PROMO,
            content="Sale {#url#}",
            headers=("600123",),
            entity_id=ENTITY,
            category=Category.PROMOTIONAL,
            links=("https://acme.example",),
        ),
    ]
)
GOOD = {"body": "OTP 4821 of Ravi.", "template_id": OTP, "header": "ACMEBK", "entity_id": ENTITY}
SALE = {"body": "Sale https://acme.example/x", "template_id": PROMO, "header": "600123", "entity_id": ENTITY}
NIGHT = datetime(2026, 1, 5, 16, 0, tzinfo=UTC)

SCRUBBED = {
    "all right": (GOOD, None, None, None),
    "no entity": (GOOD | {"entity_id": None}, "604", "442", "7004"),
    "an unknown entity": (GOOD | {"entity_id": "1"}, "600", "412", "7003"),
    "an unknown header": (GOOD | {"header": "ACME"}, "620", "421", "5203"),
    "a header in another case": (GOOD | {"header": "acmebk"}, "620", "421", "5203"),
    "no template": (GOOD | {"template_id": None}, "637", "443", "5308"),
    "an unknown template": (GOOD | {"template_id": "9"}, "630", "426", "5304"),
    "an inactive template": (GOOD | {"template_id": OLD, "body": "Old."}, "631", "427", "5306"),
    "a header of another template": (GOOD | {"header": "600123"}, "634", "430", "5403"),
    "another text": (GOOD | {"body": "OTP 4821 of Ravi"}, "633", "429", "5307"),
    "a value too long": (GOOD | {"body": f"OTP 4821 of {'R' * 31}."}, "635", "431", "5312"),
    "a value of another type": (GOOD | {"body": "OTP 48a1 of Ravi."}, "633", "431", "5307"),
    "a link that is not whitelisted": (SALE | {"body": "Sale https://evil.example"}, "642", "497", "5901"),
    "promotional at night": (SALE | {"planned_at": NIGHT}, "651", "438", "5107"),
}


@pytest.mark.parametrize("message, platform, op4xx, scrub5xxx", SCRUBBED.values(), ids=SCRUBBED)
def test_scrub(message, platform, op4xx, scrub5xxx):
    """An operator's answer, in the words of each namespace."""
    names = ("platform6xx", "op4xx_unattributed", "scrub5xxx_7xxx")
    answers = [scrub(**message, registry=REGISTRY, policy=Policy(), namespace=name) for name in names]
    assert answers == [platform, op4xx, scrub5xxx]


def test_scrub_under_another_policy():
    """Another operator's reading lets through what the strict one drops."""
    message = GOOD | {"body": "OTP 4821 of Ravi"}
    assert scrub(**message, registry=REGISTRY, policy=Policy.named("msg91")) is None
