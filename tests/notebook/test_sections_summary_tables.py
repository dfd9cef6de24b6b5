"""Tables: what a row tells."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from support import seeding

from rmanalytics import metrics, notebook
from rmanalytics.metrics.failures import failure_codes
from rmanalytics.notebook import numbers


def rows(made) -> list[list[str]]:
    """The texts of a table's rows."""
    body = made.text.partition("<tbody>")[2]
    texts = (re.sub(r"<[^>]+>", "\t", row) for row in body.split("</tr>"))
    return [
        [text for text in row.replace("&nbsp;", " ").split("\t") if text.strip()]
        for row in texts
        if row.strip("</>a-z")
    ]


@pytest.fixture(scope="module")
def chosen(home):
    """A selection of the seeded messages."""
    return notebook.select(home=home, as_of=seeding.AS_OF)


@pytest.fixture(scope="module")
def total(chosen):
    """Its totals."""
    return numbers.total(chosen)


def test_all_rates(total):
    """Each rate has its counts, its share and the range of the true one."""
    told = rows(notebook.all_rates_table(total))[:6]
    assert [row[0] for row in told] == ["accepted", "delivered", "failed", "queued", "unknown", "no DLR"]
    assert told[1][1:3] == [f"{total['n_delivered']:,}", f"{total['n_accepted']:,}"]


def test_rates(chosen):
    """There is a row per campaign, the largest first, whose counts are those of the metric."""
    frame = metrics.rates(chosen.outcomes)
    told = rows(notebook.rates_table(frame, "campaign_id"))[: len(frame)]
    largest = frame.nlargest(1, "n_submitted").iloc[0]
    assert told[0][:2] == [largest["campaign_id"], f"{largest['n_submitted']:,}"]
    assert [row[0] for row in told] == frame.nlargest(100, "n_submitted")["campaign_id"].tolist()


def test_rates_of_many_groups():
    """Of very many groups the largest hundred are shown, and how many there are is said."""
    n = 250
    frame = pd.DataFrame({"header": [f"H{place}" for place in range(n)], "n_submitted": range(n)})
    for name in ("accepted", "delivered", "failed", "queued", "unknown", "no_dlr"):
        frame[f"n_{name}"] = 1
    frame = frame.assign(delivery_rate=1.0, delivery_low=0.2, delivery_high=1.0)
    made = notebook.rates_table(frame, "header")
    assert made.text.count("<tr>") == 101
    assert "The 100 largest of 250." in made.text


CODES = {
    "a gateway's code": ("refused", "1706", "invalid destination"),
    "a DLT code": ("failed", "633", "DLT, usually: text does not fit the template given"),
    "a DLT number from the gateway": ("refused", "633", "not documented: ask the gateway"),
    "an operator's own": ("failed", "20b", "not documented: ask the gateway"),
    "no code": ("failed", None, ""),
}


@pytest.mark.parametrize("state, code, meaning", CODES.values(), ids=CODES)
def test_codes(state, code, meaning, chosen):
    """A code is explained only where its meaning is known, and by whom it was given."""
    frame = pd.DataFrame(
        {"state": [state], "code": [code], "n_messages": [3], "share": [0.03], "low": [0.01]}
    )
    frame = frame.assign(high=0.08, first_at=seeding.START, last_at=pd.NaT)
    (told, *_) = rows(notebook.codes_table(frame, chosen))
    expected = [
        code or "no code",
        "gateway" if state == "refused" else "operator",
        "3",
        "3.0 % ",
        "(1.0 – 8.0 %)",
    ]
    assert told == [*expected, *([meaning] if meaning else []), "20 Nov 09:00", "–"]


def test_codes_of_the_selection(chosen):
    """Every code of the selection has a row."""
    frame = failure_codes(chosen.outcomes)
    assert notebook.codes_table(frame, chosen).text.count("<tr>") == len(frame) + 1


def test_trust(chosen, total):
    """How DLRs were matched is told most certain first, and what casts doubt on them behind it."""
    told = rows(notebook.trust_table(chosen, total))
    names = [row[0] for row in told if len(row) > 2]
    assert names[:2] == ["gateway message id", "message id"]
    assert names[-9:] == [
        "repeated",
        "late",
        "unreadable time",
        "impossible time",
        "another number",
        "contradicting",
        "negative time",
        "from DLRs only",
        "unreadable",
    ]
    assert told[len(names) - 1][1] == "2"


def test_identity(total):
    """Both sums are written out with their residuals."""
    submitted, accepted = rows(notebook.identity_table(total))[:2]
    assert submitted[0] == "submitted"
    assert submitted[-1] == accepted[-1] == "0"
    parts = [int(part.replace(",", "")) for part in re.findall(r"[\d,]+", accepted[2])]
    assert sum(parts) == total["n_accepted"]
