"""`rmanalytics validate`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from rmanalytics.cli.options import LONGEST_S, HomeOption, JsonOption, settings
from rmanalytics.cli.verdicts import JunitOption, StrictOption, conclude, progress, recorded


def validate(
    campaign: Annotated[
        str | None, typer.Option("--campaign", help="Check only this campaign, in its latest batch.")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", help="Batch to check, of any age [default: the one attempted last]."),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", min=0, max=LONGEST_S, metavar="SECONDS", help="Wait up to this long for a verdict."
        ),
    ] = 0.0,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", help="Use what was known at this time: 2026-11-01T18:30:00+05:30. Default: now."
        ),
    ] = "",
    strict: StrictOption = False,
    junit: JunitOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the integration: was the test SMS delivered, do DLRs arrive, are there errors?

    Ingests the journal first, then checks the batch that was attempted last; `rmanalytics prove` sends a new one.
    Each check shows its evidence and, if something is wrong, the fix. One delivered message proves the route; see
    `report` for rates. A batch older than RMANALYTICS_VALIDATE_MAX_AGE_H (24) proves nothing, unless --batch names it.

    Exit codes: 0 all criteria hold; 1 one failed; 3 cannot be determined (DLRs pending, nothing sent, too old); 4 the
    gateway was unreachable; 2 usage or settings. In JUnit, a check that cannot be determined is an error and one that
    does not apply is skipped.
    """
    from rmanalytics.validate.run import validate as run

    with recorded(junit, home), progress(wait) as watch:
        chosen = settings(home)
        verdict = run(
            chosen,
            campaign_id=campaign,
            batch_id=batch,
            as_of=_moment(as_of, chosen.display_zone),
            is_strict=strict,
            wait_s=wait,
            watch=watch,
        )
    conclude(verdict, as_json=as_json, junit=junit)


def _moment(text: str, zone: str) -> datetime | None:
    from rmanalytics.support.times import parse_time

    if not text:
        return None
    moment = parse_time(text, ZoneInfo(zone), field="--as-of", whole_day=True)
    return min(moment, datetime.now(UTC))
