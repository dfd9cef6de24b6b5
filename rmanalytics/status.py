"""One screen about a home: campaigns, states, rates, lag, unmatched DLRs and unparsed callbacks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rmanalytics import journal, metrics, warehouse
from rmanalytics.config import Settings
from rmanalytics.models import State
from rmanalytics.relay import Channel, RelayStatus, read_status
from rmanalytics.support.escape import visible

_HEADINGS = {
    "messages": "mess-\nages",
    "delivered": "deliv-\nered",
    "unknown": "un-\nknown",
    "no_dlr": "no\nDLR",
    "unclear": "un-\nclear",
    "refused": "re-\nfused",
    "unsent": "un-\nsent",
}
"""Broken, so that a table of all states fits into 80 columns."""

_CAMPAIGN_COLUMNS = 36
"""A longer id is cut on the screen, and whole with `--json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStatus:
    """What a home holds; times are aware UTC, `backlog_bytes` is journal that is not ingested yet."""

    home: str
    display_zone: str
    as_of: datetime
    campaigns: list[dict[str, Any]]
    accounting: dict[str, Any]
    n_callbacks: int
    n_unparsed: int
    last_callback_at: datetime | None
    n_dlrs: int
    n_unmatched: int
    n_times_unread: int
    matched_by: dict[str, int]
    n_malformed: int
    last_ingested_at: datetime | None
    backlog_bytes: int
    relay: tuple[RelayStatus, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON: times RFC 3339, rates null where nothing was counted."""
        return (
            asdict(self)
            | {name: value.isoformat() for name, value in asdict(self).items() if isinstance(value, datetime)}
            | {"relay": [one.as_dict() for one in self.relay]}
        )

    def screen(self) -> RenderableType:
        """Return it for people."""
        return Group(
            *(part for part in (self._campaigns(), self._reports(), self._lag(), self._relay()) if part)
        )

    def _campaigns(self) -> RenderableType:
        if not self.campaigns:
            return Text(
                f"{self.home}: no messages yet: run `rmanalytics send BATCH`, then `rmanalytics ingest`"
            )
        states = [state for state in State if self.accounting[f"n_{state}"]]
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        table.add_column("campaign", no_wrap=True, overflow="ellipsis", max_width=_CAMPAIGN_COLUMNS)
        for name in ("messages", *states, "rate"):
            table.add_column(_HEADINGS.get(name, name), justify="right", no_wrap=True)
        for row in self.campaigns:
            cells = (f"{row['n_' + state]:,}" if row[f"n_{state}"] else "·" for state in states)
            mark = " *" if row["gateway"] == "simulator" else ""
            name = visible(row["campaign_id"] or "(none)")
            table.add_row(Text(f"{name}{mark}"), f"{row['n_submitted']:,}", *cells, _rate(row))
        return Group(table, self._caption())

    def _caption(self) -> Text:
        simulated = any(row["gateway"] == "simulator" for row in self.campaigns)
        words = ["rate: delivered of accepted, with its 95 % interval"] + [
            "* simulated: nothing was sent to a phone"
        ] * simulated
        return Text("; ".join(words), style="dim")

    def _reports(self) -> Text:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in self.matched_by.items()) or "none"
        unread = f", with an unreadable time {self.n_times_unread:,}" if self.n_times_unread else ""
        return Text(
            f"\nDLRs {self.n_dlrs:,}, matched by: {kinds}; unmatched {self.n_unmatched:,}{unread}. "
            f"Callbacks {self.n_callbacks:,}, unparsed {self.n_unparsed:,}. "
            f"Accounting residual {self.accounting['residual_submitted']} and {self.accounting['residual_accepted']}."
        )

    def _relay(self) -> Text | None:
        return Text("\n".join(visible(one.describe()) for one in self.relay)) if self.relay else None

    def _lag(self) -> Text:
        zone = ZoneInfo(self.display_zone)
        last, read = (
            f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else "never"
            for at in (self.last_callback_at, self.last_ingested_at)
        )
        waiting = (
            f"{self.backlog_bytes:,} bytes of journal not ingested: run `rmanalytics ingest`"
            if self.backlog_bytes
            else "journal fully ingested"
        )
        malformed = f"; {self.n_malformed:,} malformed journal lines" if self.n_malformed else ""
        return Text(f"Last callback {last}, last ingest {read} ({self.display_zone}); {waiting}{malformed}.")


def status(settings: Settings) -> HomeStatus:
    """Return what the home holds as of now; raise BadInput when there is no database yet."""
    with warehouse.connect(settings.home, horizon_s=settings.horizon_s) as store, store.holding():
        outcomes = store.outcomes()
        rates = metrics.rates(outcomes, by=("campaign_id", "gateway"))
        callbacks, dlrs = store.table("callbacks"), store.table("dlrs")
        matched = dlrs.group_by("matched_by").agg(n=dlrs.count(), unread=dlrs.is_time_unread.sum()).execute()
        progress = store.table("ingested").execute()
        arrived = callbacks.aggregate(
            n=callbacks.count(), n_unparsed=(callbacks.n_dlrs == 0).sum(), last=callbacks.received_at.max()
        ).execute()
        return HomeStatus(
            home=str(settings.home),
            display_zone=settings.display_zone,
            as_of=datetime.now(UTC),
            campaigns=records(rates),
            accounting=records(metrics.accounting(outcomes))[0],
            n_callbacks=int(arrived.n[0]),
            n_unparsed=int(arrived.n_unparsed.fillna(0)[0]),
            last_callback_at=_time(arrived["last"][0]),
            n_dlrs=int(matched.n.sum()),
            n_unmatched=int(matched.n[matched.matched_by.isna()].sum()),
            n_times_unread=int(matched.unread.fillna(0).sum()),
            matched_by={
                row.matched_by: int(row.n)
                for row in matched.dropna(subset="matched_by").sort_values("n", ascending=False).itertuples()
            },
            n_malformed=int(store.table("journal_faults").count().execute()),
            last_ingested_at=_time(progress.ingested_at.max()),
            backlog_bytes=journal.backlog_bytes(
                settings.journal_dir, dict(zip(progress.segment, progress.next_offset, strict=True))
            ),
            relay=_relays(settings),
        )


def _relays(settings: Settings) -> tuple[RelayStatus, ...]:
    """Return the relay channels that are on or were used before."""
    found = [read_status(settings, channel) for channel in Channel]
    return tuple(one for one in found if one.to or one.n_relayed or one.n_waiting)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain values for JSON: NaN and NaT become None, numpy numbers become Python's."""
    return [
        {
            str(name): None if pd.isna(value) else getattr(value, "item", lambda value=value: value)()
            for name, value in row.items()
        }
        for row in frame.to_dict("records")
    ]


def _rate(row: dict[str, Any]) -> str:
    if row["delivery_rate"] is None:
        return "—"
    return f"{row['delivery_rate']:.1%} {row['delivery_low'] * 100:.0f}–{row['delivery_high'] * 100:.0f}"


def _time(value: Any) -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime()
