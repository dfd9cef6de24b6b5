"""`rmanalytics prove`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from rmanalytics.cli.options import LONGEST_S, HomeOption, JsonOption, settings, stderr, visible
from rmanalytics.cli.verdicts import JunitOption, StrictOption, conclude, progress, recorded
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.send import Plan, Tally

INCONCLUSIVE = 3
CONTINUE = "the message was sent: `rmanalytics validate --wait 120` continues"
START_S = 10.0
"""Seconds that a simulator and a collector get to start, so that one line may start all three."""


def prove(
    to: Annotated[
        str, typer.Option("--to", metavar="MSISDN", help="Your own number, such as +919800000001.")
    ],
    provider: Annotated[
        Path | None,
        typer.Option("--provider", help="Send as CleverTap would with this provider definition."),
    ] = None,
    template_id: Annotated[
        str | None, typer.Option("--template-id", help="DLT template id; needed for Indian numbers.")
    ] = None,
    body: Annotated[
        str | None, typer.Option("--body", help="The message text; has to match the template.")
    ] = None,
    header: Annotated[
        str | None, typer.Option("--header", help="Header (sender id) [default: that of the settings].")
    ] = None,
    entity_id: Annotated[
        str | None,
        typer.Option(
            "--entity-id", help="DLT entity id, for Indian numbers [default: that of the settings]."
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", min=0, max=LONGEST_S, metavar="SECONDS", help="Wait up to this long for a verdict."
        ),
    ] = 120.0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")] = False,
    strict: StrictOption = False,
    junit: JunitOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove the integration anew: send one fresh test message, wait for its DLR, give the verdict on it.

    The plan is shown first; outside the simulator it asks before it sends. A simulator and a collector that were
    started just before get ten seconds to listen. With --provider the request is the one that
    CleverTap would send, and its $$MessageID has to come back. `rmanalytics validate` shows the verdict again.

    Exit codes: 0 all criteria hold; 1 one failed; 3 cannot be determined yet (no final DLR in time); 4 the gateway was
    unreachable; 2 usage or settings. In JUnit, a check that cannot be determined is an error and one that does not
    apply is skipped.
    """
    from rmanalytics import provider as providers
    from rmanalytics.validate.prove import prove as run

    sent: list[Tally] = []
    with recorded(junit, home), _continued(sent), progress(wait) as watch:
        verdict = run(
            settings(home),
            to,
            body=body,
            template_id=template_id,
            header=header,
            entity_id=entity_id,
            provider=providers.load(provider) if provider else None,
            is_strict=strict,
            approve=lambda plan: yes or _ask(plan),
            show=_show,
            counts=sent.append,
            wait_s=wait,
            start_s=START_S,
            watch=watch,
        )
    if verdict.exit_code == INCONCLUSIVE and "`rmanalytics " not in verdict.line:
        stderr.print(CONTINUE)
    conclude(verdict, as_json=as_json, junit=junit)


@contextmanager
def _continued(sent: list[Tally]) -> Iterator[None]:
    """Say how to go on where Ctrl-C came after something was sent."""
    try:
        yield
    except KeyboardInterrupt:
        if sent:
            stderr.print(CONTINUE)
        raise


def _show(plan: Plan) -> None:
    from rmanalytics.send.render import describe_plan

    stderr.print(Text(visible(describe_plan(plan))), soft_wrap=True)


def _ask(plan: Plan) -> bool:
    """Return the user's answer; raise BadInput when there is no terminal to ask on."""
    if not sys.stdin.isatty():
        raise BadInput("--yes is missing: there is no terminal to ask on; add --yes to send for real")
    return typer.confirm(f"Send this test message through {plan.gateway} for real?", err=True)
