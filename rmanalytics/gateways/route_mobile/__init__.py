"""Route Mobile: the HTTP SMS API and its DLR push, as pure translations."""

from __future__ import annotations

from rmanalytics.config import Settings


class RouteMobile:
    """Route Mobile's three translations, for one account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
