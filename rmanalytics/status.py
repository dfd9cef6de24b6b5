"""One screen about a home: campaigns, states, rates, lag, unmatched DLRs and unparsed callbacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rmanalytics import journal, status_words, warehouse
from rmanalytics.config import Settings
from rmanalytics.ingest import translation
from rmanalytics.models import ACCEPTED, NOT_ACCEPTED, RATES, Result, State
from rmanalytics.relay import Channel, RelayStatus, read_status
from rmanalytics.stats.intervals import shares
from rmanalytics.support.escape import shorter, visible, word
from rmanalytics.support.wording import count
from rmanalytics.warehouse.dlr_numbers import IS_OTHER
from rmanalytics.warehouse.dlr_times import IS_IMPOSSIBLE

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

_STATES = ", ".join(f"count(*) FILTER (state = '{state}') AS n_{state}" for state in State)
_COUNTS = f"""SELECT
    campaign_id, gateway, grouping(campaign_id) AS is_total, count(*) AS n_submitted, {_STATES},
    count(*) FILTER (is_overdue) AS n_no_dlr_overdue, count(DISTINCT message_id) AS n_ids,
    count(*) FILTER (submit_result = '{Result.ACCEPTED}' OR n_dlrs > 0) AS n_taken
FROM outcomes GROUP BY GROUPING SETS ((campaign_id, gateway), ()) ORDER BY ALL NULLS LAST"""
"""Per campaign and gateway, and for all of them: one fold."""

_CALLBACKS = """SELECT count(*), count(*) FILTER (n_dlrs = 0), sum(n_unread) FILTER (n_dlrs > 0), max(received_at)
FROM callbacks"""
_UNKNOWN_WORDS = """SELECT raw_status, count(*) AS n FROM dlrs
WHERE status = 'unknown' AND NOT list_contains($1, upper(raw_status)) GROUP BY ALL ORDER BY n DESC, raw_status"""
"""Those that are in no table, as `metrics.dlr_quality.unknown_words` finds them."""

_MATCHED = f"""SELECT matched_by, count(*) AS n, count(*) FILTER (is_time_unread), count(*) FILTER ({IS_IMPOSSIBLE})
FROM dlrs GROUP BY ALL ORDER BY n DESC"""

_OTHER_NUMBERS = f"SELECT count(*) FROM dlrs d JOIN messages m USING (message_id) WHERE {IS_OTHER}"

_CAMPAIGN_COLUMNS = 36
"""A longer id is cut on the screen, and whole with `--json`."""


_N_WORDS = 5
_OVERVIEW = "overview--all-campaigns.metrics.json"


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
    n_items_unread: int
    last_callback_at: datetime | None
    n_dlrs: int
    n_unmatched: int
    n_times_unread: int
    n_times_impossible: int
    n_other_numbers: int
    unknown_words: dict[str, int]
    matched_by: dict[str, int]
    n_malformed: int
    last_ingested_at: datetime | None
    backlog_bytes: int
    outdated: str = ""
    relay: tuple[RelayStatus, ...] = ()
    findings: dict[str, Any] | None = None
    """What changed, as the last overview of all campaigns found, and `made_at`; None where there is none."""

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
            *(
                part
                for part in (
                    self._findings(),
                    self._campaigns(),
                    self._reports(),
                    self._words(),
                    self._lag(),
                    self._outdated(),
                    self._relay(),
                )
                if part
            )
        )

    def _campaigns(self) -> RenderableType:
        if not self.campaigns:
            return Text(
                f"{self.home}: no messages yet: run `rmanalytics send BATCH`, then `rmanalytics ingest`"
            )
        states = [state for state in State if self.accounting[f"n_{state}"]]
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        columns = _CAMPAIGN_COLUMNS - 4 * max(0, len(states) - 3)  # all of them fit into 80
        table.add_column("campaign", no_wrap=True, overflow="ellipsis", max_width=columns)
        for name in ("messages", *states, "rate"):
            table.add_column(_HEADINGS.get(name, name), justify="right", no_wrap=True)
        names = [visible(row["campaign_id"] or "(none)") for row in self.campaigns]
        short = shorter(names, columns - len(" *"))
        for row, name in zip(self.campaigns, names, strict=True):
            cells = (f"{row['n_' + state]:,}" if row[f"n_{state}"] else "·" for state in states)
            mark = " *" if row["gateway"] == "simulator" else ""
            table.add_row(Text(f"{short[name]}{mark}"), f"{row['n_submitted']:,}", *cells, _rate(row))
        return Group(table, self._caption())

    def _caption(self) -> Text:
        simulated = any(row["gateway"] == "simulator" for row in self.campaigns)
        parts = ["rate: delivered of accepted, with its 95 % interval"] + [
            "* simulated: nothing was sent to a phone"
        ] * simulated
        return Text("; ".join(parts), style="dim")

    def _reports(self) -> Text:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in self.matched_by.items()) or "none"
        unread = f", {self.n_times_unread:,} with an unreadable time" if self.n_times_unread else ""
        if self.n_times_impossible:
            unread += f", {self.n_times_impossible:,} with an impossible time"
        if self.n_other_numbers:
            unread += f", {self.n_other_numbers:,} about another number than their message"
        items = f", {self.n_items_unread:,} unreadable items in others" if self.n_items_unread else ""
        return Text(
            f"\nDLRs {self.n_dlrs:,}, matched by: {kinds}; unmatched {self.n_unmatched:,}{unread}. "
            f"Callbacks {self.n_callbacks:,}, unparsed {self.n_unparsed:,}{items}. "
            f"Accounting residual {self.accounting['residual_submitted']} and {self.accounting['residual_accepted']}."
        )

    def _words(self) -> Text | None:
        """What to do about status words that are in no table; the most frequent ones are named."""
        named = ", ".join(f"{word(one)} {n:,}" for one, n in list(self.unknown_words.items())[:_N_WORDS])
        more = len(self.unknown_words) - _N_WORDS
        named += f" and {more:,} more" if more > 0 else ""
        return (
            Text(f"Status words that are in no table: {named}: {status_words.advice()}.") if named else None
        )

    def _outdated(self) -> Text | None:
        return Text(f"{visible(self.outdated)}.", style="yellow") if self.outdated else None

    def _findings(self) -> Text | None:
        """What the last overview found, and when that was."""
        if not self.findings or not self.findings["is_judged"]:
            return None
        made_at = datetime.fromisoformat(self.findings["made_at"]).astimezone(ZoneInfo(self.display_zone))
        says = [f"- {visible(one['says'])}" for one in self.findings["found"]]
        when = f"{made_at:%Y-%m-%d %H:%M} ({self.display_zone})"
        if not says:
            return Text(f"No findings in the overview of {when}.")
        n = count(len(says), "thing")
        return Text("\n".join([f"{n} changed for the worse, by the overview of {when}:", *says]))

    def _relay(self) -> Text | None:
        zone = ZoneInfo(self.display_zone)
        return Text("\n".join(visible(one.describe(zone)) for one in self.relay)) if self.relay else None

    def _lag(self) -> Text:
        zone = ZoneInfo(self.display_zone)
        last, read = (
            f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else "never"
            for at in (self.last_callback_at, self.last_ingested_at)
        )
        waiting = (
            f"{count(self.backlog_bytes, 'byte')} of journal not ingested: run `rmanalytics ingest`"
            if self.backlog_bytes
            else "journal fully ingested"
        )
        malformed = f"; {self.n_malformed:,} malformed journal lines" if self.n_malformed else ""
        return Text(f"Last callback {last}, last ingest {read} ({self.display_zone}); {waiting}{malformed}.")


def status(settings: Settings) -> HomeStatus:
    """Return what the home holds as of now; raise BadInput when there is no database yet."""
    with warehouse.reading(settings.home) as connection:
        counted = connection.execute(_COUNTS)
        names = [name for name, *_ in counted.description]
        counts = dict(zip(names, zip(*counted.fetchall(), strict=True), strict=True))
        ((n_callbacks, n_unparsed, n_items_unread, last_callback_at),) = connection.execute(
            _CALLBACKS
        ).fetchall()
        matched = connection.execute(_MATCHED).fetchall()
        strange = connection.execute(_UNKNOWN_WORDS, [list(status_words.UNKNOWN_BY_NAME)]).fetchall()
        progress = connection.execute("SELECT segment, next_offset, ingested_at FROM ingested").fetchall()
        ((n_other_numbers,),) = connection.execute(_OTHER_NUMBERS).fetchall()
        ((n_malformed,),) = connection.execute("SELECT count(*) FROM journal_faults").fetchall()
        outdated = translation.outdated(connection, settings)
    return HomeStatus(
        home=str(settings.home),
        display_zone=settings.display_zone,
        as_of=datetime.now(UTC),
        campaigns=_campaigns(counts),
        accounting=_accounting(counts),
        n_callbacks=n_callbacks,
        n_unparsed=n_unparsed,
        n_items_unread=n_items_unread or 0,
        last_callback_at=last_callback_at,
        n_dlrs=sum(n for _, n, *_ in matched),
        n_unmatched=sum(n for by, n, *_ in matched if by is None),
        n_times_unread=sum(unread for _, _, unread, _ in matched),
        n_times_impossible=sum(impossible for *_, impossible in matched),
        n_other_numbers=n_other_numbers,
        unknown_words=dict(strange),
        matched_by={by: n for by, n, *_ in matched if by is not None},
        n_malformed=n_malformed,
        last_ingested_at=max((at for _, _, at in progress), default=None),
        backlog_bytes=journal.backlog_bytes(
            settings.journal_dir, {segment: offset for segment, offset, _ in progress}
        ),
        outdated=outdated,
        relay=_relays(settings),
        findings=_last_findings(settings.reports_dir / _OVERVIEW),
    )


def _last_findings(file: Path) -> dict[str, Any] | None:
    """Return the findings of an overview that `report` made: looking for them anew takes seconds."""
    try:
        known = orjson.loads(file.read_bytes())
        found: dict[str, Any] = known["numbers"]["findings"]
        return found | {"made_at": known["made_at"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _relays(settings: Settings) -> tuple[RelayStatus, ...]:
    """Return the relay channels that are on or were used before."""
    found = [read_status(settings, channel) for channel in Channel]
    return tuple(one for one in found if one.to or one.n_relayed or one.n_waiting)


def _campaigns(counts: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return counts and rates of each campaign at each gateway, with the columns of `metrics.rates`."""
    accepted = [sum(states) for states in zip(*(counts[f"n_{one}"] for one in ACCEPTED), strict=True)]
    found = {**counts, "n_accepted": accepted}
    names = [f"n_{one}" for one in ("submitted", *NOT_ACCEPTED, "accepted", *ACCEPTED, "no_dlr_overdue")]
    rates = shares(found, {name: rate.parts for name, rate in RATES.items()})
    return [
        {name: found[name][row] for name in ("campaign_id", "gateway", *names)}
        | {name: None if isnan(column[row]) else float(column[row]) for name, column in rates.items()}
        for row, is_total in enumerate(counts["is_total"])
        if not is_total
    ]


def _accounting(counts: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    """Return the accounting identities of all messages, with the columns of `metrics.accounting`."""
    total = {name: column[counts["is_total"].index(1)] for name, column in counts.items()}
    not_accepted, accepted = (
        {f"n_{one}": total[f"n_{one}"] for one in states} for states in (NOT_ACCEPTED, ACCEPTED)
    )
    return {
        "n_submitted": total["n_ids"],
        **not_accepted,
        "n_accepted": total["n_taken"],
        **accepted,
        "residual_submitted": total["n_ids"] - total["n_taken"] - sum(not_accepted.values()),
        "residual_accepted": total["n_taken"] - sum(accepted.values()),
    }


def _rate(row: dict[str, Any]) -> str:
    if row["delivery_rate"] is None:
        return "—"
    return f"{row['delivery_rate']:.1%} {row['delivery_low'] * 100:.0f}–{row['delivery_high'] * 100:.0f}"
