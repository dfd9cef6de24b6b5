"""`rmanalytics demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rmanalytics.cli.options import MOST, HomeOption, JsonOption, emit, escape, settings, stderr

if TYPE_CHECKING:
    from rmanalytics.demo import Demo


def demo(
    messages: Annotated[
        int, typer.Option("--messages", min=1, max=1_000_000, help="How many messages to send.")
    ] = 1000,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", min=-MOST, max=MOST, help="Change the seed to get other messages and outcomes."
        ),
    ] = 1,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the whole loop on this machine: send a batch, receive DLR callbacks, ingest them, build a report.

    Messages go to the simulator; nothing leaves this machine.
    """
    from rmanalytics.demo import demo as run

    with stderr.status("starting", spinner="dots") as spinner:

        def say(text: str) -> None:
            stderr.print(escape(text), soft_wrap=True)
            spinner.update(escape(text.splitlines()[0]))

        def show(text: str) -> None:
            spinner.update(escape(text))

        done = run(settings(home), n_messages=messages, seed=seed, say=say, show=show)
    emit(done.as_dict(), as_json, _summary(done))
    if done.exit_code:
        raise typer.Exit(done.exit_code)


def _summary(done: Demo) -> str:
    rows = [
        f"  {row['campaign_id']:<22}{row['n_submitted']:>6,} messages   delivered "
        f"{row['delivery_rate'] or 0:.1%} (95 %: {row['delivery_low'] or 0:.1%} to {row['delivery_high'] or 0:.1%})"
        for row in done.rates
    ]
    residual = f"{done.accounting['residual_submitted']} and {done.accounting['residual_accepted']}"
    return escape(
        "\n".join(
            [
                "simulated: what happened to the messages, by campaign",
                *rows,
                f"everything is accounted for: residuals {residual}",
                f"open {done.page}",
                f"all reports: {done.index}",
            ]
        )
    )
