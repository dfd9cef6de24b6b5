"""Callbacks in the shape that CleverTap takes (`[{event, data: [{ts, meta, …}]}]`); MSG91's webhook v4 uses it too.

Only callbacks: who sends them is no gateway that we hand messages to. Source: CleverTap's generic SMS provider
and MSG91's webhook pages.
"""

from __future__ import annotations

from typing import cast

import duckdb

from rmanalytics.config import Settings
from rmanalytics.gateways.fields import code, identifier
from rmanalytics.gateways.moments import epoch, is_unread
from rmanalytics.models import Status
from rmanalytics.support.resources import text

STATUS: dict[str, Status] = {"delivered": Status.DELIVERED, "failed": Status.FAILED}
"""Events that are delivery reports; others (clicked, replied) become `unknown` and keep their word."""


class CleverTapShaped:
    """Reads callbacks of that shape: `meta` is our message id, `ts` whole seconds since 1970."""

    def __init__(self, _settings: Settings) -> None:
        self._sql = text(__package__, "dlrs.sql")

    def dlrs(self, callbacks: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Return one row per item of an event; a callback that has none gives none."""
        statuses = ", ".join(f"('{word}', '{status}')" for word, status in STATUS.items())
        query = self._sql.format(
            statuses=statuses,
            client_message_id=identifier("meta"),
            error_code=code("code"),
            done_at=epoch("ts"),
            is_time_unread=is_unread("ts", epoch("ts")),
        )
        return cast(duckdb.DuckDBPyRelation, callbacks.query("callbacks", query))
