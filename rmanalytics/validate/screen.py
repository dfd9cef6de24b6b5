"""A verdict for a terminal: criteria, checks, evidence, fixes, and the verdict in one line at the end."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from rmanalytics.checks import SIGNS, Checked
from rmanalytics.support.escape import visible
from rmanalytics.validate.model import Judged, Verdict


def screen(verdict: Verdict) -> RenderableType:
    """Return the verdict for people; the last line is the verdict itself, one line whose commands can be copied."""
    parts: list[RenderableType] = [Text(f"Checked: {visible(verdict.about)}")]
    for letter, judged in zip("ABC", verdict.criteria, strict=True):
        parts += _criterion(letter, judged)
    style = f"bold {SIGNS[verdict.mark][1]}"
    parts += ["", Text(visible(verdict.line), style=style, no_wrap=True, overflow="ignore")]
    return Group(*parts)


def brief(verdict: Verdict, left_s: float, wait_s: float) -> str:
    """Return what is waited for, for a progress line; a fix would come too early."""
    passed = f"{max(0.0, wait_s - left_s):.0f} s of {wait_s:.0f} s"
    return f"waiting for the DLR ({passed}): {visible(verdict.says)}"


def _criterion(letter: str, judged: Judged) -> Iterator[RenderableType]:
    sign, colour = SIGNS[judged.mark]
    yield ""
    yield Text.assemble((f"{sign} {letter}. {judged.title}", f"bold {colour}"), f" · {judged.mark.value}")
    for checked in judged.checks:
        yield from _check(checked)


def _check(checked: Checked) -> Iterator[RenderableType]:
    found = checked.finding
    sign, colour = SIGNS[found.mark]
    yield Padding(
        Text.assemble((f"{sign} {checked.check.title}", colour), f": {visible(found.says)}"),
        (0, 0, 0, 2),
        expand=False,
    )
    for line in found.evidence:
        yield Padding(Text(visible(line), style="dim"), (0, 0, 0, 6), expand=False)
    if found.fix:
        yield Padding(Text(f"→ {visible(found.fix)}"), (0, 0, 0, 6), expand=False)
