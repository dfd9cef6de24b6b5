"""The parameters of a report: typed, checked, never guessed.

papermill's `-p` turns texts that look like numbers into numbers and only warns of a name it does not know.
Here ids stay text, times are read once, and a misspelt name is refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rmanalytics.errors import BadInput
from rmanalytics.support.times import parse_time, rfc3339, zone_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What every notebook of ours is asked; empty means all, times are aware UTC."""

    home: Path
    campaign_id: str
    since: datetime | None
    until: datetime | None
    as_of: datetime
    zone: ZoneInfo

    def injected(self) -> dict[str, str]:
        """Return them as a notebook takes them: all text, times as RFC 3339."""
        return {
            "home": str(self.home.absolute()),
            "campaign_id": self.campaign_id,
            "since": rfc3339(self.since) if self.since else "",
            "until": rfc3339(self.until) if self.until else "",
            "as_of": rfc3339(self.as_of),
            "display_zone": self.zone.key,
        }


def check(
    *,
    home: str | Path,
    campaign_id: str | None = None,
    since: str | None = None,
    until: str | None = None,
    as_of: str | None = None,
    display_zone: str = "Asia/Kolkata",
    now: datetime,
) -> Parameters:
    """Return the parameters; raise BadInput naming the first one that is wrong and its fix.

    Empty and None are the same: all campaigns, no limit, as of `now`. `since` counts itself, `until` does
    not, and a day alone as `until` or `as_of` means until its end. An `as_of` after `now` is cut to `now`,
    for what will be known later is not known yet.
    """
    given = {
        "campaign_id": campaign_id,
        "since": since,
        "until": until,
        "as_of": as_of,
        "display_zone": display_zone,
    }
    texts = {name: _text(name, value) for name, value in given.items()}
    zone = zone_named(texts["display_zone"])
    first = _moment("since", texts, zone)
    last = _moment("until", texts, zone, whole_day=True)
    if first and last and first >= last:
        raise BadInput(f"until: {texts['until']} is not after since: {texts['since']}: swap them")
    return Parameters(
        home=Path(home),
        campaign_id=texts["campaign_id"],
        since=first,
        until=last,
        as_of=min(_moment("as_of", texts, zone, whole_day=True) or now, now),
        zone=zone,
    )


def _moment(
    name: str, texts: Mapping[str, str], zone: ZoneInfo, *, whole_day: bool = False
) -> datetime | None:
    return parse_time(texts[name], zone, field=name, whole_day=whole_day) if texts[name] else None


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if name == "campaign_id" and type(value) is int:
        return str(value)  # papermill's -p makes a number of CleverTap's campaign ids; every digit is there
    raise BadInput(
        f"{name}: {value!r} is not text: quote it (papermill's -p guesses types: use -r {name} {value})"
    )
