"""`rmanalytics relay`: forward DLRs to CleverTap's own callback URL."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rmanalytics.cli.options import MOST, HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.relay import Stuck

app = typer.Typer(
    help="Relay DLRs to CleverTap's callback URL (RMANALYTICS_RELAY_URL), or unchanged callbacks to any URL "
    "(RMANALYTICS_RELAY_RAW_URL): each at most once, none dropped.\n\n"
    "To rehearse: set RMANALYTICS_RELAY_URL=http://127.0.0.1:8321/clevertap/200, where `simulate` answers as CleverTap "
    "would (/clevertap/400, 401 or 503 refuse), then run "
    "`simulate`, `collect` and `prove`; simulated DLRs are relayed to this machine only.",
    no_args_is_help=True,
)


@app.command()
def run(
    once: Annotated[
        bool, typer.Option("--once", help="Stop when nothing is due; exit 4 if something still has to wait.")
    ] = False,
    while_stdin: Annotated[bool, typer.Option("--while-stdin", hidden=True)] = False,
    home: HomeOption = None,
) -> None:
    """Relay the journal until Ctrl-C; `rmanalytics collect` does this automatically when a URL is set.

    After a crash it continues where it stopped. Requests that were in flight then are unclear and wait for you.
    """
    from rmanalytics.relay import read_status
    from rmanalytics.relay.run import routes
    from rmanalytics.relay.run import run as relay_all

    chosen = settings(home)
    relay_all(
        chosen,
        once=once,
        while_stdin=while_stdin,
        ready=lambda: stderr.print("relaying; Ctrl-C stops"),
        tell=lambda fault: stderr.print(escape(fault), soft_wrap=True),
    )
    found = [read_status(chosen, route.channel) for route in routes(chosen)]
    for one in found:
        stderr.print(escape(one.describe(chosen.zone)), soft_wrap=True)
    if once and any(one.n_waiting for one in found):
        raise typer.Exit(4)


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show counts, lag, the next attempt and the last error of each channel."""
    from rmanalytics import relay

    chosen = settings(home)
    found = [relay.read_status(chosen, channel) for channel in relay.Channel]
    shown = [one for one in found if one.to or one.n_relayed or one.n_waiting] or found[:1]
    lines = [one.describe(chosen.zone) for one in shown]
    emit([one.as_dict() for one in found], as_json, escape("\n".join(lines)))


@app.command()
def parked(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List items that need a decision: parked (refused, with the reason) and unclear (may have arrived)."""
    from rmanalytics import relay

    rows = [_row(one) for one in relay.stuck(settings(home))]
    lines = [
        f"{row['id']}  {row['state']}  {row['channel']}  {row['event'] or 'callback'}  {row['key']}  {row['reason']}"
        for row in rows
    ]
    emit(rows, as_json, escape("\n".join(lines) or "nothing is parked, nothing is unclear"))


@app.command()
def retry(
    ids: Annotated[
        list[int] | None,
        typer.Option("--id", min=0, max=MOST, help="Id shown by `relay parked`; repeatable."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Retry all parked items, and waiting ones now.")
    ] = False,
    unclear: Annotated[bool, typer.Option("--unclear", help="With --all: unclear items too.")] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Send unclear items again without asking; CleverTap may count them twice."
        ),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Retry parked items, up to 100 of them one per request; unclear items only after you confirm.

    With --all, items that wait after a failure go now instead of at the next attempt of `relay status`.
    """
    from rmanalytics import relay

    chosen = settings(home)
    found = _chosen(relay.stuck(chosen), ids, every=every, unclear=unclear)
    n_unclear = sum(one.state is relay.ItemState.UNCLEAR for one in found)
    if n_unclear and not yes:
        _confirm(n_unclear)
    n_waiting = relay.hurry(chosen) if every else 0
    n = relay.retry(chosen, [one.id for one in found]) + n_waiting
    emit({"n_retried": n}, as_json, f"{n:,} will be retried with the next run")


def _chosen(found: list[Stuck], ids: list[int] | None, *, every: bool, unclear: bool) -> list[Stuck]:
    from rmanalytics.relay import ItemState

    if every == bool(ids):
        raise BadInput("choose items: --id ID (see `rmanalytics relay parked`) or --all")
    if every:
        return [one for one in found if unclear or one.state is ItemState.PARKED]
    known = {one.id: one for one in found}
    if missing := [str(id) for id in ids or () if id not in known]:
        raise BadInput(f"not parked or unclear: {', '.join(missing)}: see `rmanalytics relay parked`")
    return [known[id] for id in ids or ()]


def _confirm(n_unclear: int) -> None:
    if not sys.stdin.isatty():
        raise BadInput(
            f"{n_unclear:,} are unclear: CleverTap may have them already and would count them twice: "
            "check there first, then add --yes"
        )
    typer.confirm(
        f"{n_unclear:,} are unclear: CleverTap may have them already and would count them twice. Send again?",
        abort=True,
        err=True,
    )


def _row(one: Stuck) -> dict[str, Any]:
    """Return the item as printed; the number in a meta is masked."""
    from rmanalytics.sms.msisdn import mask

    recipient, dot, rest = one.key.partition("|" if "|" in one.key else ".")
    return {
        "id": one.id,
        "state": one.state.name.lower(),
        "channel": one.channel.value,
        "event": one.event,
        "key": f"{mask(recipient)}{dot}{rest}" if one.event else one.key,
        "reason": one.reason,
        "since": datetime.fromtimestamp(one.changed_at, UTC).isoformat(timespec="seconds"),
    }
