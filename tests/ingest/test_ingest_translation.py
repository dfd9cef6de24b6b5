"""DLRs are read by settings once; when one of these changes later, it is noticed."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from support.records import callback

from rmanalytics import config, journal, warehouse
from rmanalytics.ingest.run import ingest
from rmanalytics.ingest.translation import current
from rmanalytics.status import status

WORDS = "word,status\nDEFERRED,queued\n"
CHANGES = {
    "RMANALYTICS_ROUTE_MOBILE_TIMEZONE": "RMANALYTICS_ROUTE_MOBILE_TIMEZONE (then Asia/Kolkata, now UTC)",
    "RMANALYTICS_GUPSHUP_TIMEZONE": "RMANALYTICS_GUPSHUP_TIMEZONE (then Asia/Kolkata, now UTC)",
    "RMANALYTICS_STATUS_WORDS": "RMANALYTICS_STATUS_WORDS",
}


def _changed(settings: config.Settings, setting: str, folder: Path) -> config.Settings:
    (folder / "words.csv").write_text(WORDS)
    name = setting.removeprefix(config.PREFIX).lower()
    value = folder / "words.csv" if name == "status_words" else "UTC"
    return settings.model_copy(update={name: value})


@pytest.mark.parametrize("setting", current(config.Settings()))
def test_a_setting_that_changed(
    setting: str, settings: config.Settings, write: Callable[..., Path], tmp_path: Path
) -> None:
    """Ingest and status name it with the fix, which is one; the old value is right again too."""
    write(journal.CALLBACKS, callback())
    assert ingest(settings).outdated == ""
    other = _changed(settings, setting, tmp_path)
    says = f"DLRs were read by other settings: {CHANGES[setting]}: delete {settings.database} and run "
    says += "`rmanalytics ingest` (the journal keeps everything)"
    assert [ingest(other).outdated for _ in range(2)] == [says, says]
    assert says in ingest(other).describe()
    assert _screen(other) == says + "."
    assert ingest(settings).outdated == _screen(settings) == ""
    settings.database.unlink()
    assert ingest(other).outdated == _screen(other) == ""


def test_nothing_was_read_yet(settings: config.Settings, write: Callable[..., Path], tmp_path: Path) -> None:
    """A change before the first DLR is none."""
    ingest(settings)
    other = _changed(settings, "RMANALYTICS_ROUTE_MOBILE_TIMEZONE", tmp_path)
    write(journal.CALLBACKS, callback())
    assert [ingest(other).outdated for _ in range(2)] == ["", ""]


def test_a_database_of_before(settings: config.Settings, write: Callable[..., Path], tmp_path: Path) -> None:
    """Where nothing is written down yet, the settings of now count as those of then, and status says nothing."""
    write(journal.CALLBACKS, callback())
    ingest(settings)
    other = _changed(settings, "RMANALYTICS_ROUTE_MOBILE_TIMEZONE", tmp_path)
    with warehouse.writer(settings.database) as connection:
        connection.execute("DELETE FROM translations")
    assert ingest(other).outdated == ""
    with warehouse.writer(settings.database) as connection:
        connection.execute("DROP TABLE translations")
    assert _screen(settings) == ""


def _screen(settings: config.Settings) -> str:
    """What status says of it, unwrapped; empty for nothing."""
    console = Console(width=1000, record=True, file=StringIO())
    console.print(status(settings).screen())
    return "".join(line.strip() for line in console.export_text().splitlines() if "other settings" in line)
