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
        str | None, typer.Option("--campaign", help="Check only this campaign, in its latest batch.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="Batch to check [default: the one attempted last].")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, metavar="SECONDS", help="Wait up to this long for a verdict.")
    ] = 0.0,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", help="Use what was known at this time: 2026-11-01T18:30:00+05:30. Default: now."
        ),
    ] = "",
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Also write the checks as JUnit XML.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the integration: was the test SMS delivered, do DLRs arrive, are there errors?

    Ingests the journal first, then checks the batch that was attempted last. Each check shows its evidence and,
    if something is wrong, the fix. One delivered message proves the route; see `report` for rates.

    Exit codes: 0 all criteria hold; 1 one failed; 3 cannot be determined yet (DLRs pending, nothing sent); 4 the
    gateway was unreachable; 2 usage or settings. In JUnit, a check that cannot be determined yet is an error and
    one that does not apply is skipped.
    """
    from rmanalytics.validate import screen as screens
    from rmanalytics.validate.junit import junit as as_junit
    from rmanalytics.validate.run import validate as run

    chosen = settings(home)
    at = _moment(as_of, chosen.display_zone)
    with _progress() as watch:
        verdict = run(chosen, campaign_id=campaign, batch_id=batch, as_of=at, wait_s=wait, watch=watch)
    emit(verdict.as_dict(), as_json, screens.screen(verdict))
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
    """Show open checks on stderr: live on a terminal, else a line per change."""
    from rmanalytics.validate import screen as screens
    from rmanalytics.validate.model import Verdict

    printed: list[str] = []

    def line(verdict: Verdict, _left_s: float) -> None:
        if (text := screens.brief(verdict)) not in printed[-1:]:
            printed.append(text)
            stderr.print(escape(f"waiting: {text}"), soft_wrap=True)

    if not stderr.is_terminal:
        yield line
        return
    with stderr.status("") as status:
        yield lambda verdict, left_s: status.update(f"{left_s:.0f} s left: {escape(screens.brief(verdict))}")
