"""`rmanalytics status`."""

from __future__ import annotations

from rmanalytics.cli.options import HomeOption, JsonOption, emit, settings


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show campaigns, counts by state, rates, lag, unmatched and unparsed callbacks on one screen."""
    from rmanalytics.status import status as read

    found = read(settings(home))
    emit(found.as_dict(), as_json, found.screen())
