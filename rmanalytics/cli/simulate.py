"""`rmanalytics simulate`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr


def simulate(
    host: Annotated[
        str | None,
        typer.Option(
            "--host", help="Address to listen on [env RMANALYTICS_SIMULATE_HOST; default 127.0.0.1]."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", help="Port, 0 for a free one [env RMANALYTICS_SIMULATE_PORT; default 8321]."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="The same seed and messages give the same outcomes.")
    ] = 1,
    profile: Annotated[
        str, typer.Option("--profile", help="default, clean, bad-day, or a TOML file of outcome shares.")
    ] = "default",
    speed: Annotated[
        float, typer.Option("--speed", help="Compresses time: at 60 a DLR due in a minute comes in a second.")
    ] = 1.0,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="NAME=SHARE", help="A fault and its share, 0 to 1; may be repeated."),
    ] = None,
    callback: Annotated[
        str | None,
        typer.Option(
            "--callback", metavar="URL|off", help="Where DLRs go [default: the collector of the settings]."
        ),
    ] = None,
    callback_method: Annotated[
        Literal["GET", "POST", "mixed"],
        typer.Option("--callback-method", help="How DLRs come; mixed takes either by chance."),
    ] = "POST",
    credits_left: Annotated[
        int | None,
        typer.Option("--credits", min=0, help="Segments the account can pay; then 1025 [default: no end]."),
    ] = None,
    magic: Annotated[
        str | None,
        typer.Option(
            "--magic",
            metavar="PREFIX|all|off",
            help="Which numbers have their last three digits choose the outcome [default: 919999900xxx].",
        ),
    ] = None,
    drain: Annotated[
        float, typer.Option("--drain", min=0, help="Seconds to push, at the end, DLRs that are not due yet.")
    ] = 0.0,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the magic numbers, faults and profiles, and end.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play Route Mobile's HTTP gateway, simulated: take messages in and push DLRs, until Ctrl-C.

    Nothing reaches a phone. Numbers 919999900xxx are magic: the last three digits choose what becomes of the
    message (001 delivered at once, 002 UNDELIV 205, 003 EXPIRED late, 004 REJECTD 633, 005 queued for ever,
    006 no DLR); `--explain` lists all of them, the faults and the profiles.
    Point RMANALYTICS_ROUTE_MOBILE_URL at one of its endpoints, such as
    http://127.0.0.1:8321/bulksms/bulksms; a browser at / shows them all. What it did is printed at the end.
    """
    from rmanalytics import simulator

    if explain:
        tables = simulator.explain()
        if as_json:
            emit(tables, as_json, "")
        else:
            sys.stdout.write(simulator.as_text(tables) + "\n")
        return
    chosen = settings(home=home, simulate_host=host, simulate_port=port)
    plan = simulator.make(
        chosen,
        profile_name=profile,
        seed=seed,
        speed=speed,
        fault=fault or (),
        callback=callback,
        callback_method=simulator.Method(callback_method),
        magic_numbers=simulator.MAGIC_PREFIX if magic is None else magic,
        credits_left=credits_left,
        drain_s=drain,
    )
    state = simulator.simulate(plan, say)
    if as_json:
        emit(state, as_json, "")


def say(text: str) -> None:
    """Print a line of talk, whole, on stderr."""
    stderr.print(escape(text), soft_wrap=True)
