"""`rmanalytics simulate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from rmanalytics.cli.options import (
    LONGEST_S,
    MOST,
    MOST_PORT,
    HomeOption,
    JsonOption,
    emit,
    escape,
    settings,
    stderr,
)

Host = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on [env RMANALYTICS_SIMULATE_HOST; default 127.0.0.1]."),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=MOST_PORT,
        help="Port to listen on, 0 for a free one [env RMANALYTICS_SIMULATE_PORT; default 8321].",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", min=-MOST, max=MOST, help="Random seed; the same seed and messages give the same outcomes."
    ),
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile", help="Outcome profile: default, clean, bad-day, or a TOML file of outcome shares."
    ),
]
Speed = Annotated[
    float,
    typer.Option(
        "--speed",
        min=0.001,
        max=1e6,
        help="Speed up time: at 60 a DLR that is due in a minute arrives in a second.",
    ),
]
Fault = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME=SHARE",
        help="Inject a fault into this share of messages, 0 to 1; repeatable. --explain lists the names.",
    ),
]
Callback = Annotated[
    str | None,
    typer.Option(
        "--callback", metavar="URL|off", help="Where to push DLRs [default: the collector of the settings]."
    ),
]
CallbackMethod = Annotated[
    Literal["GET", "POST", "mixed"],
    typer.Option("--callback-method", help="HTTP method of DLRs; mixed chooses one at random."),
]
Credits = Annotated[
    int | None,
    typer.Option(
        "--credits", min=0, max=MOST, help="Segments the account can pay for, then 1025 [default: unlimited]."
    ),
]
Headers = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        help="Header (sender id) of the account; repeatable. Others get 1707 [default: any is accepted].",
    ),
]
Magic = Annotated[
    str | None,
    typer.Option(
        "--magic",
        metavar="PREFIX|all|off",
        help="Numbers whose last three digits choose the outcome [default: 919999900xxx].",
    ),
]
Drain = Annotated[
    float,
    typer.Option(
        "--drain", min=0, max=LONGEST_S, help="On exit, seconds to spend pushing DLRs that are not due yet."
    ),
]
Templates = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        help="Registered DLT templates: domestic messages that do not match are rejected, with DLT codes.",
    ),
]
PolicyName = Annotated[
    str,
    typer.Option("--policy", help="Policy by which the scrubber reads templates: strict, lenient, msg91, …"),
]
Namespace = Annotated[
    str | None,
    typer.Option("--namespace", help="Code namespace of its DLT rejections [env RMANALYTICS_DLT_NAMESPACE]."),
]
Explain = Annotated[
    bool, typer.Option("--explain", help="Print the magic numbers, faults and profiles, then exit.")
]


def simulate(
    host: Host = None,
    port: Port = None,
    seed: Seed = 1,
    profile: Profile = "default",
    speed: Speed = 1.0,
    fault: Fault = None,
    callback: Callback = None,
    callback_method: CallbackMethod = "POST",
    credits_left: Credits = None,
    header: Headers = None,
    magic: Magic = None,
    drain: Drain = 0.0,
    templates: Templates = None,
    policy: PolicyName = "strict",
    namespace: Namespace = None,
    explain: Explain = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Simulate Route Mobile's HTTP gateway: accept messages and push DLRs until Ctrl-C.

    Nothing reaches a phone. Point RMANALYTICS_ROUTE_MOBILE_URL at one of its endpoints, such as
    http://127.0.0.1:8321/bulksms/bulksms; open / in a browser to see them all. A summary is printed on exit.

    It also answers as CleverTap's callback URL, to rehearse the relay: set RMANALYTICS_RELAY_URL to
    http://127.0.0.1:8321/clevertap/200 (/clevertap/400, 401 and 503 refuse).

    Numbers 919999900xxx are magic: their last three digits choose the outcome (001 delivered at once, 002 UNDELIV
    205, 003 EXPIRED late, 004 REJECTD 633, 005 queued forever, 006 no DLR), before `--profile`, `--templates` and
    `--fault unknown_word`; other faults befall them too. `--explain` lists all magic numbers, faults and profiles.
    """
    from rmanalytics import dlt, simulator

    if explain:
        _print_tables(as_json)
        return
    chosen = settings(home=home, simulate_host=host, simulate_port=port, dlt_namespace=namespace)
    dlt.reading(chosen)
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
        headers=header or (),
        drain_s=drain,
        scrub=simulator.scrubber(templates, policy, chosen.dlt_namespace) if templates else None,
    )
    state = simulator.simulate(plan, _say)
    if as_json:
        emit(state, as_json, "")


def _print_tables(as_json: bool) -> None:
    from rmanalytics import simulator

    tables = simulator.explain()
    if as_json:
        emit(tables, as_json, "")
    else:
        sys.stdout.write(simulator.as_text(tables) + "\n")


def _say(text: str) -> None:
    """Print a progress line on stderr, unwrapped."""
    stderr.print(escape(text), soft_wrap=True)
