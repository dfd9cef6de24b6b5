"""`rmanalytics status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rmanalytics.cli.options import HomeOption, JsonOption, emit, settings

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rmanalytics.metrics.findings import Findings


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what changed, campaigns, counts by state, rates, lag, unmatched and unparsed callbacks on one screen."""
    from rich.console import Group

    from rmanalytics.status import status as read

    chosen = settings(home)
    found = read(chosen)
    from rmanalytics.notebook import changes

    changed = changes.of_home(chosen)
    known = found.as_dict() | {"findings": _told(changed)}
    emit(known, as_json, Group(found.screen(), *_screen(changed)))


def _told(changed: Findings) -> dict[str, object]:
    """Return the findings for JSON, each in words too."""
    from rmanalytics.notebook.sections import findings

    return findings.told(changed)


def _screen(changed: Findings) -> list[RenderableType]:
    """Return the findings for people; nothing where there are no messages."""
    from rich.text import Text

    from rmanalytics.notebook.sections import findings
    from rmanalytics.support.escape import visible

    if changed.first is None:
        return []
    lines = [
        findings.summary(changed, is_open=True).replace("**", ""),
        *map("- {}".format, findings.listing(changed)),
    ]
    return [Text("\n" + "\n".join(visible(line) for line in lines))]
