"""What a report is about: the messages selected by its parameters, as of one time, held still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from rmanalytics import config, dlt, warehouse
from rmanalytics.metrics import accounting, dlr_quality, money, survival, template_checks, young
from rmanalytics.metrics.findings import Findings
from rmanalytics.notebook import changes, parameters, shared
from rmanalytics.notebook.parameters import Parameters
from rmanalytics.stats.incidence import Curve
from rmanalytics.warehouse.snapshot import Snapshot, between, instant

COLUMNS = (
    "message_id", "campaign_id", "state", "error_code", "final_at", "latency_s", "n_dlrs", "has_conflict",
    "gateway", "route", "header", "template_id", "encoding", "n_segments", "planned_at", "submitted_at",
    "submit_result", "submit_code", "mcc_mnc", "cost", "charge", "age_s", "is_overdue", "is_latency_negative",
    "is_dlr_only", "is_simulated",
)  # fmt: skip
"""What reports need of `outcomes`; no msisdn and no text ever reaches a page."""

BRIEF = (
    "campaign_id", "state", "latency_s", "n_dlrs", "has_conflict", "planned_at", "submit_result", "age_s",
    "is_overdue", "is_latency_negative", "is_dlr_only", "is_simulated",
)  # fmt: skip
"""What counts per campaign and time need, beside a number for each message_id: millions of texts take long."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The selected messages (`outcomes`), and what is known of the DLRs about them."""

    parameters: Parameters
    settings: config.Settings
    outcomes: ir.Table
    source: warehouse.Warehouse

    @property
    def known(self) -> Snapshot:
        """The relations as of the report's time."""
        return self.source.snapshot(self.parameters.as_of)

    @property
    def horizon_s(self) -> float:
        """Seconds after which a missing DLR is called overdue."""
        return self.settings.horizon_s

    @cached_property
    def reading(self) -> dlt.Reading:
        """How the settings of the home read templates and operators' codes."""
        return dlt.reading(self.settings)

    @property
    def zone(self) -> str:
        """Name of the display zone."""
        return self.parameters.zone.key

    @cached_property
    def delivery(self) -> Curve:
        """How long delivery takes, counting those in flight; see `metrics.survival.delivery_curve`."""
        return survival.delivery_curve(self.outcomes)

    @cached_property
    def young_s(self) -> float:
        """Age in seconds below which a message that is not final is too young to judge; see `metrics.young`."""
        if self.delivery.reached:
            return young.settled_s(self.delivery, self.horizon_s)
        return young.young_s(self.outcomes, self.horizon_s)

    @cached_property
    def accounting(self) -> pd.DataFrame:
        """Do the numbers add up? See `metrics.accounting`, of all selected messages."""
        return accounting(self.outcomes)

    @cached_property
    def findings(self) -> Findings:
        """What changed on the selected days against those before; see `notebook.changes`."""
        return changes.looked_for(self.source, self.parameters, self.outcomes, self.reading, self.horizon_s)

    @cached_property
    def n_messages(self) -> int:
        """Messages selected."""
        return int(self.outcomes.count().execute())

    @cached_property
    def is_simulated(self) -> bool:
        """Whether any of the messages went to the simulator."""
        return bool(self.outcomes.is_simulated.any().execute())

    @property
    def dlrs(self) -> ir.Table:
        """The DLRs about the selected messages; see `metrics.dlr_quality.selected`."""
        theirs = self._theirs
        return dlr_quality.selected(theirs.table("dlrs"), theirs.relation("messages"), **self.span)

    @property
    def _theirs(self) -> Snapshot:
        """The relations as of the report's time, without what is known of messages of another time."""
        asked = self.parameters
        return self.source.selection(asked.as_of, since=asked.since, until=asked.until)

    @property
    def span(self) -> dict[str, Any]:
        """Campaign and time of the selection, as the metrics of other relations take them."""
        asked = self.parameters
        return {"campaign_id": asked.campaign_id, "since": asked.since, "until": asked.until}

    @cached_property
    def matches(self) -> pd.DataFrame:
        """How the DLRs found their messages; see `metrics.dlr_quality.matches`."""
        return dlr_quality.matches(self.dlrs)

    @cached_property
    def needless_ucs2(self) -> pd.DataFrame:
        """Segments that a few look-alikes would save; see `metrics.money.needless_ucs2`."""
        return money.needless_ucs2(self._theirs.table("messages"), **self.span)

    @cached_property
    def checked(self) -> ir.Table:
        """The selected messages that were checked against their template; see `template_checks.judged`."""
        checks = self.source.table("template_checks")
        wanted = checks.semi_join(self._own_messages, "message_id").to_pyarrow()
        theirs = _in_memory(self.outcomes.get_backend().con, "template_checks", wanted)
        names = template_checks.template_codes(self.reading.codes, self.reading.namespace)
        return template_checks.judged(self.outcomes, theirs, names)

    def texts(self, message_ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of a few messages by their ids."""
        t = self.source.table("messages")
        rows = t.filter(t.message_id.isin(list(message_ids))).select("message_id", "body").execute()
        return dict(zip(rows["message_id"], rows["body"], strict=True))

    @property
    def _own_messages(self) -> ir.Table:
        t, asked = self.source.table("messages"), self.parameters
        wanted = [t.campaign_id == asked.campaign_id] if asked.campaign_id else []
        wanted += between(t.planned_at, asked.since, asked.until)
        return t.filter(wanted) if wanted else t

    @cached_property
    def unreadable_callbacks(self) -> tuple[int, int]:
        """Callbacks of all campaigns, and those of them nobody could read."""
        return dlr_quality.unreadable_callbacks(self.known.table("callbacks"), since=self.parameters.since)

    @cached_property
    def imported_later(self) -> datetime | None:
        """When evidence from before the report's time was last imported after it; None: none was."""
        as_of, last = self.parameters.as_of, []
        for name in ("messages", "dlrs"):
            at = self.known.table(name).imported_at
            last.append(at.max(where=at > instant(as_of)).execute())
        return max((at.to_pydatetime() for at in last if not pd.isna(at)), default=None)

    @cached_property
    def what_there_is(self) -> tuple[datetime | None, datetime | None, list[str]]:
        """When the first and last message was planned, as known then, and the five largest campaigns."""
        t = self.known.table("messages")
        span = t.aggregate(first=t.planned_at.min(), last=t.planned_at.max()).execute().iloc[0]
        sizes = (
            t.group_by("campaign_id")
            .agg(n=t.count())
            .order_by(ibis.desc("n"), "campaign_id")
            .limit(5)
            .execute()
        )
        first, last = (None if pd.isna(at) else at.to_pydatetime() for at in (span["first"], span["last"]))
        return first, last, sizes["campaign_id"].dropna().tolist()


def select(
    *,
    home: str | Path = "data",
    campaign_id: str = "",
    since: str = "",
    until: str = "",
    as_of: str = "",
    display_zone: str = "Asia/Kolkata",
    is_brief: bool = False,
) -> Selection:
    """Return the messages that a notebook's parameters select; see `parameters.check` for what they mean.

    They are copied into memory, so every figure of a page is about the same moment and the database file is
    free again; `is_brief` copies only the columns `BRIEF`, for pages about very many messages.

    Raises BadInput for a wrong parameter or where there is no database yet.
    """
    asked = parameters.check(
        home=home,
        campaign_id=campaign_id,
        since=since,
        until=until,
        as_of=as_of,
        display_zone=display_zone,
        now=datetime.now(UTC),
    )
    place = found(asked.home)
    settings = config.load(home=place.parent if place.is_file() else place)
    source = warehouse.connect(place, horizon_s=settings.horizon_s)
    if file := shared.found(asked.injected()):
        outcomes = _of(source.read_from(file), is_brief=is_brief)
    else:
        with source.holding():
            outcomes = source.held_still(chosen(source, asked, is_brief=is_brief))
    return Selection(parameters=asked, settings=settings, outcomes=outcomes, source=source)


def share(asked: Parameters, folder: Path) -> None:
    """Write what the parameters select, and what changed, into files of the folder, for the kernels told of it."""
    place = found(asked.home)
    settings = config.load(home=place.parent if place.is_file() else place)
    file = shared.file_for(folder, asked.injected())
    begun = file.with_suffix(".begun")
    with warehouse.connect(place, horizon_s=settings.horizon_s) as source:
        source.write_to(begun, chosen(source, asked))
        outcomes = _of(source.read_from(begun), is_brief=True)
        changed = changes.looked_for(source, asked, outcomes, dlt.reading(settings), settings.horizon_s)
    changes.write(changed, shared.file_for(folder, asked.injected(), shared.FINDINGS))
    begun.replace(file)


def found(home: Path) -> Path:
    """Return the home as found from the working folder, or else from the nearest folder above it.

    JupyterLab runs a notebook in the notebook's own folder: its `data` is the project's, one folder up.
    """
    if home.is_absolute():
        return home
    folders = (Path.cwd(), *Path.cwd().parents)
    return next((folder / home for folder in folders if (folder / home).exists()), home)


def chosen(source: warehouse.Warehouse, asked: Parameters, *, is_brief: bool = False) -> ir.Table:
    """Return the outcomes that the parameters select; a brief one has a hash in place of each message_id."""
    campaigns = [asked.campaign_id] if asked.campaign_id else None
    t = source.outcomes(asked.as_of, since=asked.since, until=asked.until, campaigns=campaigns)
    return _of(t, is_brief=is_brief)


def _of(t: ir.Table, *, is_brief: bool) -> ir.Table:
    return t.select(*BRIEF, message_id=t.message_id.hash()) if is_brief else t.select(*COLUMNS)


def _in_memory(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> ir.Table:
    connection.register("given", rows)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
    connection.unregister("given")
    return ibis.duckdb.from_connection(connection).table(name)
