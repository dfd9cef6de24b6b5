"""Times on screens: every command writes them in the display zone, whatever it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import command
from support.relaying import callback, home, write
from support.standin import Reply, standing_in

ZONE = {"RMANALYTICS_DISPLAY_ZONE": "Asia/Kathmandu"}
OTHER = re.compile(r"\d\d:\d\d(:\d\d)? ?(Z|UTC|IST|\+0530)\b")
SCREENS: dict[str, tuple[str, ...]] = {
    "relay status": ("relay", "status"),
    "relay run": ("relay", "run", "--once"),
    "status": ("status",),
    "doctor": ("doctor",),
    "doctor --go-live": ("doctor", "--go-live"),
    "import dlrs": ("import", "dlrs", "dlrs.csv"),
    "purge": ("purge", "--older-than", "0h", "--dry-run"),
    "validate": ("validate", "--campaign", "1700000001"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_one_zone(screen: str, tmp_path: Path) -> None:
    """No screen has a time in UTC or in a zone that nobody chose."""
    (tmp_path / "dlrs.csv").write_text("message_id,status,received_at\nm1,DELIVRD,2025-01-15T10:20:30Z\n")
    with standing_in(lambda _e, _n: Reply(status=503, headers={"Retry-After": "3600"})) as there:
        settings = home(tmp_path, there.url, relay_since="2025-01-01T00:00:00Z")
        write(settings, [callback(1)])
        given = {"RMANALYTICS_RELAY_URL": there.url, "RMANALYTICS_RELAY_SINCE": "2025-01-01T00:00:00Z"} | ZONE
        for words in (("relay", "run", "--once"), ("ingest",), SCREENS[screen]):
            done = command.run(*words, "--home", str(settings.home), cwd=tmp_path, **given)
    said = done.stdout + done.stderr
    assert "+0545" in said or "(Asia/Kathmandu)" in said, said
    assert OTHER.findall(said) == [], said
