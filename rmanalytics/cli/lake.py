"""`rmanalytics lake`: the sealed segments of many hosts in one place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.cli.progress import bytes_done
from rmanalytics.errors import ConfigError

if TYPE_CHECKING:
    from rmanalytics.config import Settings
    from rmanalytics.lake import Shipment

app = typer.Typer(
    help="Collect the journals of several hosts in one lake: a folder, or s3://bucket/lake. Credentials come from the "
    "environment or a profile, as AWS's own tools read them (AWS_ENDPOINT_URL for other S3 storages).",
    no_args_is_help=True,
)
LakeOption = Annotated[
    str | None,
    typer.Option("--lake", metavar="URL", help="The lake: a folder or a URL [env RMANALYTICS_LAKE]."),
]


@app.command()
def ship(
    lake: LakeOption = None,
    follow: Annotated[bool, typer.Option("--follow", help="Keep going until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option("--every", min=1, max=86_400, help="With --follow: seconds between two looks.")
    ] = 60.0,
    while_stdin: Annotated[bool, typer.Option("--while-stdin", hidden=True)] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put this home's sealed journal segments into the lake; `collect` does it by itself when RMANALYTICS_LAKE is set.

    Each segment is read back and compared before it counts as there. Running it twice, or two at once, changes nothing;
    after a kill it continues. Nothing is removed here: `purge` does that, and only what is in the lake. The host is
    called RMANALYTICS_LAKE_HOST there, by default as the machine. Exit code 2 when a segment could not be shipped.
    """
    from rmanalytics.lake.follow import follow as keep_shipping

    chosen, url = _lake(home, lake)
    if not follow:
        done = _once(chosen, url)
        emit(done.as_dict(), as_json, escape(done.describe()))
        if done.faults:
            raise typer.Exit(2)
        return
    keep_shipping(
        chosen,
        url,
        every_s=every,
        while_stdin=while_stdin,
        said=lambda fault: stderr.print(escape(f"lake: {fault}"), soft_wrap=True),
        shipped=lambda done: _tell(done, as_json, is_child=while_stdin),
    )


@app.command()
def status(lake: LakeOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show hosts, streams, last segments with their age, days and bytes, and what this home has not shipped."""
    from rmanalytics.lake import Retrying, lake_status, open_lake

    chosen, url = _lake(home, lake)
    found = lake_status(chosen, open_lake(url, retrying=Retrying(seconds=5)), datetime.now(UTC))
    emit(found.as_dict(), as_json, escape(found.describe()))


def _lake(home: Any, lake: str | None) -> tuple[Settings, str]:
    chosen = settings(home, lake=lake)
    if not chosen.lake:
        raise ConfigError("no lake: set RMANALYTICS_LAKE, or give --lake, such as --lake s3://bucket/lake")
    return chosen, chosen.lake


def _once(chosen: Settings, url: str) -> Shipment:
    from rmanalytics.lake import Retrying
    from rmanalytics.lake import ship as run

    with bytes_done("ship") as progress:
        return run(chosen, url, retrying=Retrying(waiting=waiting()), on_progress=progress)


def waiting() -> Any:
    """Return what says, once, that a lake does not answer."""
    said: set[str] = set()

    def say(why: str) -> None:
        if not said:
            stderr.print(f"[yellow]waiting[/yellow] {escape(why)}", soft_wrap=True)
        said.add(why)

    return say


def _tell(done: Shipment, as_json: bool, *, is_child: bool) -> None:
    """Print what was shipped; beside a collector only what could not be, on stderr."""
    if is_child:
        for name, reason in done.faults.items():
            stderr.print(escape(f"lake: {name}: not shipped: {reason}"), soft_wrap=True)
    elif done.n_segments or done.faults:
        emit(done.as_dict(), as_json, escape(done.describe()))
