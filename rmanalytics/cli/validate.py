"""`rmanalytics validate`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.validate.run import Watch


def validate(
    campaign: Annotated[
        str | None, typer.Option("--campaign", help="Judge only this campaign, in its latest batch.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="The batch to judge [default: the one attempted last].")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, metavar="SECONDS", help="Wait so long for a verdict.")
    ] = 0.0,
    as_of: Annotated[
        str, typer.Option("--as-of", help="What was known then: 2026-11-01T18:30:00+05:30. Default: now.")
    ] = "",
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Also write the checks as JUnit XML.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove the integration: is the test SMS delivered, do DLRs arrive, are there no errors?

    Takes in the journal first, then judges the batch that was attempted last: each check with its evidence and,
    where something is wrong, the fix. One delivered message proves the route; rates are for `report`.

    Exit codes: 0 all criteria hold; 1 one failed; 3 it cannot be told yet (DLRs pending, nothing sent); 4 the
    gateway was out of reach; 2 usage or settings. In JUnit what cannot be told yet is an error, what does not
    apply is skipped.
    """
    from rmanalytics.validate import screen as telling
    from rmanalytics.validate.junit import junit as as_junit
    from rmanalytics.validate.run import validate as run

    chosen = settings(home)
    at = _moment(as_of, chosen.display_zone)
    with _progress() as watch:
        verdict = run(chosen, campaign_id=campaign, batch_id=batch, as_of=at, wait_s=wait, watch=watch)
    emit(verdict.as_dict(), as_json, telling.screen(verdict))
    if junit:
        _write(junit, as_junit(verdict))
    raise typer.Exit(verdict.exit_code)


def _moment(text: str, zone: str) -> datetime | None:
    from rmanalytics.support.times import parse_time

    if not text:
        return None
    moment = parse_time(text, ZoneInfo(zone), field="--as-of", whole_day=True)
    return min(moment, datetime.now(UTC))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--junit {path}: cannot be written: {error.strerror}") from None


@contextmanager
def _progress() -> Iterator[Watch]:
    """Show what is still open, on stderr: live on a terminal, else a line whenever it changes."""
    from rmanalytics.validate import screen as telling
    from rmanalytics.validate.model import Verdict

    said: list[str] = []

    def line(verdict: Verdict, _left_s: float) -> None:
        if (text := telling.brief(verdict)) not in said[-1:]:
            said.append(text)
            stderr.print(escape(f"waiting: {text}"), soft_wrap=True)

    if not stderr.is_terminal:
        yield line
        return
    with stderr.status("") as status:
        yield lambda verdict, left_s: status.update(f"{left_s:.0f} s left: {escape(telling.brief(verdict))}")
