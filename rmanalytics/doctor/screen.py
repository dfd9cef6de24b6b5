"""A diagnosis for a terminal: a row per check with its fix under it, and the verdict in one line at the end."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rmanalytics.checks import SIGNS, Checked
from rmanalytics.doctor.model import Diagnosis
from rmanalytics.support.escape import visible


def screen(diagnosis: Diagnosis) -> RenderableType:
    """Return the diagnosis for people; the last line is the verdict itself."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("mark", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("found", overflow="fold")
    for checked in diagnosis.checks:
        _row(table, checked)
    return Group(table, "", Text(visible(diagnosis.line), style=f"bold {SIGNS[diagnosis.mark][1]}"))


def _row(table: Table, checked: Checked) -> None:
    found = checked.finding
    sign, colour = SIGNS[found.mark]
    lines = [Text(visible(found.says))]
    lines += [Text(visible(line), style="dim") for line in found.evidence]
    lines += [Text(f"→ {visible(found.fix)}")] if found.fix else []
    table.add_row(Text(sign, style=colour), Text(checked.check.title, style=colour), Text("\n").join(lines))
