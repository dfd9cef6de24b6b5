"""What an operator's code means is what the settings say, on every page and in the verdict."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import seeding
from support.verdicts import AT, became, facts

from rmanalytics import config, dlt, notebook
from rmanalytics.metrics import failures
from rmanalytics.notebook import sections
from rmanalytics.validate import REGISTRY
from rmanalytics.validate.facts.chosen import Scope
from rmanalytics.validate.facts.database import gather

CHECKS = {check.name: check.look for check in REGISTRY}
CODES = """namespace,code,symbol,meaning,category
ours,633,OURS_633,our reading of 633,dnd
ours,20b,OURS_20B,our reading of 20b,header
"""
FRAME = pd.DataFrame(
    {"state": ["failed"] * 2, "code": ["633", "20b"], "n_messages": [2, 1], "share": 0.1, "low": 0.0}
).assign(high=0.2, first_at=seeding.START, last_at=pd.NaT, gateways=[("route_mobile",)] * 2)
SAID = ["DLT, usually: our reading of 633", "DLT, usually: our reading of 20b"]


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dlt.Reading:
    """The reading of a settings file's codes, whose environment stays set."""
    path = tmp_path / "codes.csv"
    path.write_text(CODES)
    monkeypatch.setenv("RMANALYTICS_DLT_CODES", str(path))
    monkeypatch.setenv("RMANALYTICS_DLT_NAMESPACE", "ours")
    return dlt.reading(config.load(home=tmp_path / "data"))


def test_tables_of_a_page(home: Path, ours: dlt.Reading) -> None:
    """Both tables of codes say what the settings of the selection's home say, and the same."""
    chosen = notebook.select(home=home, as_of=seeding.AS_OF)
    assert chosen.reading.meaning("20b") == ours.meaning("20b")
    caused = failures.caused(FRAME, chosen.reading)
    assert caused["meaning"].tolist() == SAID
    assert caused["party"].tolist() == ["number", "account"]
    for made in (notebook.codes_table(FRAME, chosen), sections.failures.causes_table(caused, chosen)):
        assert [said in made.text for said in SAID] == [True, True]


VERDICTS: dict[str, tuple[str, str, str]] = {
    "delivered": ("delivered", "20b", "not delivered: OURS_20B (20b)"),
    "codes are known": ("error_codes", "20b", "every code is known"),
    "setup": ("template", "20b", "DLT rejects 1 message: OURS_20B (20b)"),
}


@pytest.mark.parametrize("name, code, says", VERDICTS.values(), ids=VERDICTS)
def test_checks_of_validate(name: str, code: str, says: str, ours: dlt.Reading) -> None:
    """A check names a code as the settings do, and judges it by their category."""
    given: dict[str, Any] = {"became": (became("failed", code),), "reading": ours}
    assert CHECKS[name](facts(**given)).says == says


def test_facts_carry_the_settings(home: Path, ours: dlt.Reading) -> None:
    """What validate gathers is read as the settings of the home say."""
    gathered = gather(home, config.load(home=home), Scope(as_of=AT + timedelta(days=1)))
    assert gathered.reading.meaning("20b") == ours.meaning("20b")
