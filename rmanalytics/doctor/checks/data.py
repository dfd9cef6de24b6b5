"""What is stored: database, journal, and the relay's backlog."""

from __future__ import annotations

import duckdb

from rmanalytics import gateways, journal, warehouse
from rmanalytics.checks import Finding, fault, not_checked, ok, warning
from rmanalytics.config import PREFIX
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import BadInput, RelayFault, WarehouseLocked
from rmanalytics.ingest import progress
from rmanalytics.relay import Channel, read_status
from rmanalytics.support.wording import are, count

_LOCK_WAIT_S = 0.5
_REGISTERED = """SELECT count(*), count(*) FILTER (header IS NULL OR list_contains(string_split(header, ', '), $1)),
    count(*) FILTER (entity_id IS NULL OR entity_id = $2) FROM templates"""


def database(scene: Scene) -> Finding:
    """Return whether the database opens and has all current relations, and how many rows they hold."""
    settings = scene.settings
    try:
        with warehouse.reading(settings.home, lock_wait_s=_LOCK_WAIT_S) as connection:
            if missing := warehouse.missing(connection):
                return fault(
                    f"made by an earlier version: it has no {missing[0]}",
                    fix=f"delete {settings.database} and run `rmanalytics ingest`: the journal has everything",
                )
            counts = {name: connection.table(name).shape[0] for name in warehouse.RELATIONS}
    except warehouse.NoDatabase:
        return not_checked("no database yet", fix="run `rmanalytics ingest`")
    except WarehouseLocked as error:
        says, _, fix = str(error).rpartition(": ")
        return warning(says, fix=fix)
    except warehouse.ForeignDatabase as error:
        says, _, fix = str(error).rpartition(": ")
        return fault(says, fix=fix)
    except BadInput as error:
        fix = f"delete {settings.database} and run `rmanalytics ingest`: the journal has everything"
        return fault(str(error), fix=fix)
    rows = ", ".join(f"{name} {n:,}" for name, n in counts.items())
    return ok(f"opens with DuckDB {duckdb.__version__}, up to date", f"rows: {rows}")


def seals(scene: Scene) -> Finding:
    """Return whether the journal can be read and is unchanged."""
    folder = scene.settings.journal_dir
    paths = [path for stream in journal.STREAMS for path in journal.segments(folder, stream)]
    if not folder.is_dir():
        return not_checked("no journal yet")
    broken = journal.verify(folder)
    for path in paths:
        try:
            journal.read_chunk(path, 0, 1 << 16)
        except (OSError, EOFError, ValueError) as error:
            broken.setdefault(journal.identity(path), f"not readable: {error}")
    if broken:
        evidence = [f"{name}: {why}" for name, why in sorted(broken.items())[:5]]
        n_ever = len(broken.keys() | set(map(journal.identity, paths)))
        return fault(
            f"{len(broken)} of {count(n_ever, 'segment')} {are(len(broken))} damaged",
            *evidence,
            fix="restore them from a backup",
        )
    n_bytes = sum(path.stat().st_size for path in paths)
    return ok(f"{count(len(paths), 'segment')}, {count(n_bytes, 'byte')}, seals intact")


def backlog(scene: Scene) -> Finding:
    """Return how much of the journal is not ingested."""
    settings = scene.settings
    if not settings.journal_dir.is_dir():
        return not_checked("no journal yet")
    offsets: dict[str, int] = {}
    try:
        with warehouse.reading(settings.home, lock_wait_s=_LOCK_WAIT_S) as connection:
            offsets = progress.offsets(connection)
    except warehouse.NoDatabase:
        pass  # all of it is
    except (WarehouseLocked, BadInput):
        return not_checked("the database cannot be read", fix="see the database check")
    if n_bytes := journal.backlog_bytes(settings.journal_dir, offsets):
        return warning(
            f"{count(n_bytes, 'byte')} of journal {are(n_bytes)} not ingested",
            fix="run `rmanalytics ingest`, or `ingest --follow`",
        )
    return ok("journal fully ingested")


def registration(scene: Scene) -> Finding:
    """Return whether header and entity of the settings are those of an imported DLT template."""
    settings = scene.settings
    if not settings.database.exists():
        return not_checked("no database yet", fix="run `rmanalytics import templates FILE`")
    given = gateways.get(settings.gateway, settings).defaults
    try:
        with warehouse.reading(settings.home, lock_wait_s=_LOCK_WAIT_S) as connection:
            n, *found = connection.execute(_REGISTERED, [given["header"], given["entity_id"]]).fetchall()[0]
    except (WarehouseLocked, BadInput):
        return not_checked("the database cannot be read", fix="see the database check")
    if not n:
        return not_checked("no templates imported", fix="run `rmanalytics import templates FILE`")
    for name, n_fitting in zip(("header", "entity_id"), found, strict=True):
        if given[name] and not n_fitting:
            variable = gateways.profile(settings.gateway).variable(name)
            fix = f"correct {variable}, or import the templates that it is registered with"
            return warning(
                f"{variable} {given[name]} is that of none of {count(n, 'imported template')}", fix=fix
            )
    return ok(f"fits {count(n, 'imported template')}")


def relayed(scene: Scene) -> Finding:
    """Return whether the relay has parked or unclear items."""
    try:
        found = [read_status(scene.settings, channel) for channel in Channel]
    except RelayFault as error:
        return fault(str(error), fix="see `rmanalytics relay status`")
    used = [one for one in found if one.to or one.n_relayed or one.n_waiting or one.n_parked or one.n_unclear]
    if not used:
        return not_checked("nothing is relayed")
    says = "; ".join(
        f"{one.channel}: {one.n_relayed:,} relayed, {one.n_waiting:,} waiting, {one.n_parked:,} parked, "
        f"{one.n_unclear:,} unclear"
        for one in used
    )
    if any(one.n_parked or one.n_unclear for one in used):
        return warning(says, fix="`rmanalytics relay parked` lists them with the reason")
    if refused := next((one for one in used if one.n_waiting and one.last_error), None):
        url = f"{PREFIX}RELAY_{'' if refused.channel == Channel.CLEVERTAP else 'RAW_'}URL"
        fix = f"if that is not an outage, correct {url}; `rmanalytics relay status` says when it tries again"
        return warning(f"{says}; the last error: {refused.last_error}", fix=fix)
    return ok(says)
