"""`rmanalytics status`."""

from __future__ import annotations

from rmanalytics.cli.options import HomeOption, JsonOption, emit, settings


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show one screen: campaigns, counts by state, rates, lag, unmatched, unparsed."""
    from rmanalytics.status import status as take

    taken = take(settings(home))
    emit(taken.as_dict(), as_json, taken.screen())
