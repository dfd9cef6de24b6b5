"""Callbacks in the shape that CleverTap takes (`[{event, data: [{ts, meta, …}]}]`); MSG91's webhook v4 uses it too.

Only callbacks: who sends them is no gateway that we hand messages to. Source: CleverTap's generic SMS provider
and MSG91's webhook pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rmanalytics.config import Settings
from rmanalytics.gateways import callback_only
from rmanalytics.gateways.fields import identifier, twice
from rmanalytics.models import Status
from rmanalytics.support.ids import trimmed
from rmanalytics.support.resources import text

STATUS: dict[str, Status] = {"delivered": Status.DELIVERED, "failed": Status.FAILED}
"""Events that are delivery reports; others (clicked, replied) become `unknown` and keep their word."""


class CleverTapShaped:
    """Reads callbacks of that shape: `meta` is our message id, `ts` whole seconds since 1970."""

    fields: ClassVar[
        Mapping[str, tuple[str, ...]]
    ] = {}  # its callbacks are known by their shape: many have a `meta`

    def __init__(self, _settings: Settings) -> None:
        self._sql = text(__package__, "dlrs.sql")

    def dlrs(self) -> str:
        """Return the query that gives a row per item of an event; a callback that is no JSON gives none."""
        place = "row_number() OVER (PARTITION BY callback_id ORDER BY n_event, n_item) - 1"
        return callback_only.dlrs(
            self._sql.format(
                body=trimmed("body"),
                event=trimmed("(event ->> '$.event')"),
                **{name: trimmed(f"(item ->> '$.{name}')") for name in ("meta", "ts", "code")},
                event_twice=twice("json_keys(event)"),
                item_twice=twice("json_keys(item)"),
            ),
            STATUS,
            {"client_message_id": ("meta",)},
            position=f"({place})",
            client_message_id=identifier("client_message_id"),
        )
