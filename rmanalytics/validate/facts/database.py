"""The facts of one batch, taken from the database in one go; counting is the engine's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rmanalytics import dlt, gateways, warehouse
from rmanalytics.config import Settings
from rmanalytics.provider.gateway import TIMEOUT_S
from rmanalytics.validate.facts import counts, ids
from rmanalytics.validate.facts.chosen import Chosen, Scope, choose
from rmanalytics.validate.facts.model import Facts


def gather(database: Path, settings: Settings, scope: Scope) -> Facts:
    """Return the facts about the messages asked for, given a home or its database.

    Raises BadInput when there is no database, WarehouseLocked when another process keeps it.
    """
    with warehouse.reading(database) as connection:
        chosen = choose(connection, scope, horizon_s=settings.horizon_s)
        return facts(chosen, ids.returned(connection, settings), settings, scope.as_of or datetime.now(UTC))


def facts(chosen: Chosen, back: ids.ReturnedIds, settings: Settings, as_of: datetime) -> Facts:
    """Return the facts about messages that were chosen; running parts are not asked."""
    zone = settings.zone
    connection = chosen.connection
    summed = counts.summary(connection)
    asked = summed.gateway or settings.gateway
    return Facts(
        as_of=as_of,
        zone=zone,
        gateway_zone=gateways.reading(asked, settings).zone,
        horizon_s=settings.horizon_s,
        timeout_s=TIMEOUT_S if summed.is_as_clevertap else settings.send_timeout_s,
        last_at=summed.tried_at or summed.told_at,
        batch_id=chosen.batch_id,
        campaign_id=chosen.campaign_id,
        is_trial=summed.is_trial,
        is_resent=bool(chosen.mark),
        gateway=summed.gateway,
        asked_gateway=settings.gateway,
        reading=dlt.reading(settings),
        callback_path=f"/dlr/{asked}/****",
        listens_on=settings.collect_host,
        database=settings.database,
        client_timeout_s=settings.collect_client_timeout_s,
        max_body_bytes=settings.collect_max_body_bytes,
        submitted=counts.submitted(connection),
        n_unattempted=summed.n_unattempted,
        became=counts.became(connection),
        matched_by=counts.matched_by(connection),
        words=counts.words(connection),
        offsets=counts.offsets(connection),
        strays=counts.strays(connection),
        n_callbacks=summed.n_callbacks,
        n_unreadable=summed.n_unreadable,
        elsewhere=summed.only_unread_at if summed.only_unread_at != asked else None,
        n_unmatched=back.n_unmatched,
        is_as_clevertap=summed.is_as_clevertap,
        has_relay=settings.relay_url is not None,
        carriers=tuple(settings.relay_meta_fields.split(",")),
        n_echoed=back.n_echoed,
        n_times_unread=summed.n_times_unread,
        n_times_impossible=summed.n_times_impossible,
        first_callback_at=summed.first_callback_at,
        n_checked=summed.n_checked,
        mismatches=counts.mismatches(connection),
        log=counts.log(connection, chosen.campaign_id, chosen.first_at, zone),
    )
