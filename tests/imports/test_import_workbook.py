"""Workbooks: text is text, whole numbers keep their digits, spoilt ones are named."""

from __future__ import annotations

from pathlib import Path

from support import workbooks

from rmanalytics import config
from rmanalytics.imports import Options, bring_in


def test_a_workbook(settings: config.Settings, tmp_path: Path) -> None:
    """A long id that was kept as a number is rejected with its line and the fix, never rounded."""
    head = ("message_id", "campaign_id", "msisdn")
    good = ("1107000000000000001", "7", 919800000001.0)
    workbooks.write(tmp_path / "a.xlsx", {"a": [head, good, (1.107e18, "7", "9800000002")]})
    read = bring_in(settings, "messages", tmp_path / "a.xlsx", options=Options(is_dry_run=True))
    assert [(row["message_id"], row["msisdn"]) for row in read.first_rows] == [
        ("1107000000000000001", "919800000001")
    ]
    assert [reject.line for reject in read.rejects] == [3]
    assert "lost digits: format the column as text and export again" in read.rejects[0].reason
