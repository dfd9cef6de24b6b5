"""What the relay's tests share: callbacks with a meta in them, a home's settings, and the ledger at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support import records

from rmanalytics import config, journal, relay
from rmanalytics.config import Settings
from rmanalytics.relay.run import run


def meta(number: int) -> str:
    """A `$$MessageID` as CleverTap makes it, trailing dot included."""
    return f"9198{number:08}.1700000001.1735689600.20250101.0.wzrk_default.-1000001."


def callback(number: int, **fields: str) -> dict[str, Any]:
    """A DLR that gives CleverTap's id back as `msgid`."""
    given = {"msgid": meta(number), "sMessageId": f"gw-{number}", "sTagName": "1700000001"} | fields
    return records.callback("POST", **given) | {"gateway": "route_mobile", "callback_id": f"cb-{number}"}


def home(path: Path, url: str | None, **other: Any) -> Settings:
    """Settings of a home that relays to the URL, quick to try again."""
    given = {"relay_retry_s": 0.02, "relay_interval_s": 0.02, "relay_timeout_s": 5} | other
    return config.load(home=path / "data", relay_url=url, **given)


def write(settings: Settings, lines: Iterable[dict[str, Any]], stream: str = journal.CALLBACKS) -> None:
    """Write a segment of the journal."""
    with journal.Writer(settings.journal_dir, stream) as writer:
        writer.append([journal.line(line) for line in lines])


def relay_all(settings: Settings, n_runs: int = 60) -> None:
    """Relay until nothing waits."""
    for _ in range(n_runs):
        run(settings, once=True)
        if not any(relay.read_status(settings, channel).n_waiting for channel in relay.Channel):
            return


def counts(settings: Settings, channel: relay.Channel = relay.Channel.CLEVERTAP) -> dict[str, int]:
    """The counts that are not zero."""
    found = relay.read_status(settings, channel).as_dict()
    return {name[2:]: n for name, n in found.items() if name.startswith("n_") and n}
