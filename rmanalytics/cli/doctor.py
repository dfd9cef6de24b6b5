"""`rmanalytics doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from rmanalytics.cli.options import HomeOption, JsonOption, emit, settings


def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Also connect to the gateway (without credentials or a message).")
    ] = False,
    callback: Annotated[
        str | None,
        typer.Option(
            "--callback", metavar="URL", help="Also request your public callback URL, with a wrong token."
        ),
    ] = None,
    go_live: Annotated[
        bool,
        typer.Option(
            "--go-live",
            help="The checklist before the first real batch; connects to the gateway, like --online. Add --callback.",
        ),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that this installation is ready: settings, secrets, ports, disk, clock, data, versions, simulator.

    Nothing is sent and nothing is changed; without `--online`, `--go-live` and `--callback` no other machine is
    contacted.

    Exit codes: 0 fine or only warnings; 1 a fault; 2 usage or settings; 4 the gateway is unreachable.
    """
    import os
    from datetime import UTC, datetime

    from rmanalytics.doctor import CHECKS, GO_LIVE, Scene, examine
    from rmanalytics.doctor.screen import screen

    scene = Scene(
        settings=settings(home),
        environment=os.environ,
        now=datetime.now(UTC),
        is_online=online,
        callback_url=callback,
    )
    diagnosis = examine(scene, GO_LIVE if go_live else CHECKS)
    emit(diagnosis.as_dict(), as_json, screen(diagnosis))
    raise typer.Exit(diagnosis.exit_code)
