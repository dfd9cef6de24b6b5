"""What codes mean, who acts on them, and when they come in bursts."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest
from scipy.stats import hypergeom

from rmanalytics import dlt, metrics
from rmanalytics.metrics import failures
from rmanalytics.metrics.bursts import at_least, bursts
from rmanalytics.metrics.failures import cause, caused, parties
from rmanalytics.models import Lasting, Party

CAUSES = {
    "a platform's": ("failed", "633", Party.CONTENT, Lasting.PERMANENT),
    "a platform's, zero in front": ("failed", "0650", Party.NUMBER, Lasting.PERMANENT),
    "only one list has it": ("failed", "5307", Party.CONTENT, Lasting.PERMANENT),
    "the network's": ("failed", "27", Party.HANDSET, Lasting.TEMPORARY),
    "nobody's": ("failed", "20b", Party.UNTOLD, Lasting.UNTOLD),
    "documented without a meaning": ("failed", "205", Party.UNTOLD, Lasting.UNTOLD),
    "no code": ("failed", None, Party.UNTOLD, Lasting.UNTOLD),
    "no credit": ("refused", "1025", Party.ACCOUNT, Lasting.TEMPORARY),
    "wrong number": ("refused", "1706", Party.NUMBER, Lasting.PERMANENT),
    "the same number as a refusal": ("refused", "633", Party.UNTOLD, Lasting.UNTOLD),
}


@pytest.mark.parametrize("state, code, party, lasting", CAUSES.values(), ids=CAUSES)
def test_cause(state: str, code: str | None, party: Party, lasting: Lasting) -> None:
    """A code has one party to act on it, or nobody is named."""
    found = cause(state, code)
    assert (found.party, found.lasting) == (party, lasting)


def test_every_category_has_its_party() -> None:
    """No category of the code table is left without a party."""
    assert {row.category for row in dlt.codes.table()} == set(dlt.CATEGORIES)


def test_only_the_gateways_own_codes_are_sure() -> None:
    """What operators' numbers mean is a usual reading, never called sure."""
    assert cause("refused", "1706").is_sure
    assert not cause("failed", "633").is_sure


def test_parties() -> None:
    """Messages are summed by who acts on them; the running share ends in 1."""
    codes = pd.DataFrame(
        [("failed", "633", 6), ("failed", "630", 3), ("failed", "650", 1)],
        columns=["state", "code", "n_messages"],
    )
    causes = caused(codes)
    assert causes["running_share"].tolist() == pytest.approx([0.6, 0.9, 1])
    assert parties(causes).values.tolist() == [
        ["content", "permanent", 9, 2, 0.9],
        ["number", "permanent", 1, 1, 0.1],
    ]
    assert parties(caused(codes.head(0))).empty


def test_the_gateways_words_need_its_name() -> None:
    """A DLR code that is one gateway's own means that only in its DLRs; codes of no gateway are read as before."""
    assert cause("failed", "001", ["gupshup"]).meaning == "absent subscriber"
    assert cause("failed", "001", ["route_mobile"]) == failures.UNKNOWN
    assert cause("failed", "633", ["gupshup"]) == cause("failed", "633", ["route_mobile"])


def test_the_former_name_warns() -> None:
    """Notebooks that people copied still import `causes`, and are told what to import instead."""
    with pytest.deprecated_call(match="is now rmanalytics.metrics.failures"):
        from rmanalytics.metrics import causes
    assert causes is failures
    with pytest.raises(AttributeError):
        _ = metrics.nothing


@pytest.mark.parametrize("k, n_hour, n_code, n", [(6, 10, 20, 200), (50, 400, 90, 5000), (9, 9, 9, 900)])
def test_tail_is_scipys(k: int, n_hour: int, n_code: int, n: int) -> None:
    """The test's probability is scipy's."""
    assert at_least(k, n_hour, n_code, n) == pytest.approx(hypergeom.sf(k - 1, n, n_code, n_hour), rel=1e-9)


def outcomes(*rows: tuple[float, str, str | None, int]):
    """So many outcomes planned in that hour of the day (UTC), of that state and code."""
    frame = pd.DataFrame(
        [(hour, state, code) for hour, state, code, n in rows for _ in range(n)],
        columns=["hour", "state", "code"],
    )
    planned_at = pd.Timestamp("2026-11-20", tz="UTC") + pd.to_timedelta(
        frame["hour"].astype("float64"), unit="h"
    )
    codes = frame["code"].astype("str")
    table = frame.assign(
        planned_at=planned_at, error_code=codes, submit_code=codes, state=frame["state"].astype("str")
    )
    table = table.assign(age_s=90_000.0, latency_s=5.0)
    return ibis.memtable(table[["planned_at", "state", "error_code", "submit_code", "age_s", "latency_s"]])


def test_a_burst_is_found() -> None:
    """Two adjacent hours with a code tenfold are one burst, on the clock of the zone; steady codes are none."""
    calm = [(hour, "delivered", None, 95) for hour in range(10)] + [
        (hour, "failed", "650", 3) for hour in range(10)
    ]
    found = bursts(
        outcomes(*calm, (4, "failed", "633", 20), (5, "failed", "633", 25), (8, "failed", "633", 1)),
        zone="Asia/Kolkata",
    )
    [row] = found.to_dict("records")
    assert (row["code"], row["hours"], row["n_messages"], row["n_planned"]) == ("633", 2, 45, 241)
    assert row["started_at"] == pd.Timestamp("2026-11-20 09:00")
    assert row["p_value"] < 1e-6


def test_no_burst() -> None:
    """Without failures, or without messages, there is none."""
    assert bursts(outcomes((1, "delivered", None, 50))).empty
    assert bursts(outcomes()).empty
