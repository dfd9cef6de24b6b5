"""Our verdict against the operator's answer: each cell, rates, kinds and what to fix first."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest
from support.evidence import dlr, fold, message, submission

from rmanalytics.dlt import codes
from rmanalytics.metrics.template_checks import (
    ANSWERS,
    crossing,
    encodings,
    fixes,
    judged,
    kinds,
    template_codes,
)

COLUMNS = {"message_id": "string", "ok": "bool", "reason": "string", "slot": "int32", "expected": "string"}
COLUMNS |= {"actual": "string", "fix": "string", "fits_template_id": "string"}
TEMPLATE = template_codes(codes.table(), "platform6xx")


def checked(*told):
    """Checked messages of (state, code, ok, reason); `state` is a DLR's status, refused, or none."""
    messages, submissions, dlrs, checks = [], [], [], []
    for place, (state, code, ok, reason, *cause) in enumerate(told):
        name = f"m{place}"
        messages.append(message(name, header=f"H{place % 2}"))
        refusal = {"code": code} if state == "refused" else {}
        submissions.append(submission("refused" if refusal else "accepted", name, attempt_id=name, **refusal))
        if state not in {"refused", "none"}:
            dlrs.append(dlr(state, name, callback_id=name, error_code=code))
        slot, expected, actual = cause or (None, None, None)
        checks.append((name, ok, reason, slot, expected, actual, reason and f"fix {reason}", None))
    outcomes = fold(messages, submissions, dlrs)
    connection = outcomes.get_backend().con
    rows = pd.DataFrame(checks, columns=list(COLUMNS))
    connection.execute(
        "CREATE TABLE checks (message_id VARCHAR, ok BOOLEAN, reason VARCHAR, slot INTEGER, expected VARCHAR, "
        "actual VARCHAR, fix VARCHAR, fits_template_id VARCHAR)"
    )
    if len(rows):
        connection.executemany("INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [
            [None if pd.isna(value) else value for value in row] for row in checks
        ])  # fmt: skip
    return judged(outcomes, ibis.duckdb.from_connection(connection).table("checks"), TEMPLATE)


CELLS = {
    "rejected for its template": (("failed", "633"), "rejected"),
    "its code with leading zeros": (("failed", "0633"), "rejected"),
    "refused for its template": (("refused", "1033"), "rejected"),
    "refused otherwise": (("refused", "1706"), "otherwise"),
    "failed otherwise": (("failed", "205"), "otherwise"),
    "failed without a code": (("failed", None), "otherwise"),
    "a header's code is not the template's": (("failed", "620"), "otherwise"),
    "delivered": (("delivered", None), "delivered"),
    "queued": (("queued", None), "open"),
    "no DLR": (("none", None), "open"),
}


@pytest.mark.parametrize("ok", [True, False], ids=["matched", "mismatched"])
@pytest.mark.parametrize("told, answer", CELLS.values(), ids=CELLS)
def test_cells(told, answer, ok):
    """Each answer lands in its cell, under either verdict, and in no other."""
    (row,) = crossing(checked((*told, ok, None if ok else "letter_case"))).to_dict("records")
    verdict = "matched" if ok else "mismatched"
    cells = {f"n_{v}_{a}": row[f"n_{v}_{a}"] for v in ("matched", "mismatched") for a in ANSWERS}
    assert {name for name, n in cells.items() if n} == {f"n_{verdict}_{answer}"}
    assert sum(cells.values()) == row["n_messages"] == 1
    assert row["n_mismatched"] == (not ok)


MANY = [("failed", "633", False, "letter_case")] * 3 + [("delivered", None, True, None)] * 7


def test_rates():
    """The mismatch rate has its Wilson interval; groups add up to the whole; nothing checked has no rate."""
    (row,) = crossing(checked(*MANY)).to_dict("records")
    assert (row["mismatch_rate"], row["low"], row["high"]) == pytest.approx((0.3, 0.1078, 0.6032), abs=1e-4)
    by_header = crossing(checked(*MANY), "header")
    assert by_header["n_messages"].sum() == 10
    assert by_header["n_mismatched"].tolist() == [2, 1]
    (nothing,) = crossing(checked()).to_dict("records")
    assert nothing["n_messages"] == 0
    assert pd.isna(nothing["mismatch_rate"])


def test_kinds():
    """Kinds come by their messages, with what became of them."""
    found = kinds(checked(*MANY, ("delivered", None, False, "double_space")))
    assert found.values.tolist() == [["letter_case", 3, 3, 0, 0, 0], ["double_space", 1, 0, 1, 0, 0]]


def test_fixes():
    """Equal differences are one cause; values of one variable are, whatever they are; rejected ones come first."""
    found = fixes(
        checked(
            *[("delivered", None, False, "double_space", None, "", " ")] * 3,
            ("failed", "635", False, "variable_too_long", 2, "30 characters", "a very long value"),
            ("failed", "635", False, "variable_too_long", 2, "30 characters", "another long value"),
            ("delivered", None, True, None),
        )
    )
    assert found["reason"].tolist() == ["variable_too_long", "double_space"]
    assert found["slot"].fillna(0).tolist() == [2, 0]
    assert found["actual"].isna().tolist() == [True, False]
    assert found["n_messages"].tolist() == [2, 3]
    assert found["example"].tolist() == ["m3", "m0"]


def test_encodings():
    """Shares of messages and of segments, by encoding."""
    t = fold([message("a"), message("b"), message("c", encoding="ucs2", n_segments=2)])
    assert encodings(t).values.tolist() == [["gsm7", 2, 2, 2 / 3, 0.5], ["ucs2", 1, 2, 1 / 3, 0.5]]


def test_codes_of_the_users_own(tmp_path):
    """The user's own table of codes can name a rejection for the template."""
    (tmp_path / "own.csv").write_text(
        "namespace,code,meaning,category\nmine,77,text differs,template_mismatch\n"
    )
    own = codes.table().extended(tmp_path / "own.csv")
    assert template_codes(own, "mine") == ("77",)
    assert "633" in template_codes(own, "platform6xx")
    assert len({template_codes(own, name) for name in own.namespaces}) > 5
