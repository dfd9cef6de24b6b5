"""The command line: one module per command, of the same name."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import rmanalytics
from rmanalytics.cli import failures, options, usage
from rmanalytics.cli.collect import collect
from rmanalytics.cli.demo import demo
from rmanalytics.cli.dlt import app as dlt_app
from rmanalytics.cli.doctor import doctor
from rmanalytics.cli.import_ import app as import_app
from rmanalytics.cli.ingest import ingest
from rmanalytics.cli.init import init
from rmanalytics.cli.lake import app as lake_app
from rmanalytics.cli.prove import prove
from rmanalytics.cli.provider import app as provider_app
from rmanalytics.cli.purge import purge
from rmanalytics.cli.relay import app as relay_app
from rmanalytics.cli.report import report
from rmanalytics.cli.send import send
from rmanalytics.cli.simulate import simulate
from rmanalytics.cli.status import status
from rmanalytics.cli.validate import validate
from rmanalytics.support.import_guard import hide


class _Commands(TyperGroup):
    """The commands; an option of theirs that is given in front of them is named as misplaced."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        """Return the context of all commands."""
        with usage.in_one_line(info_name or "rmanalytics"):
            return super().make_context(info_name, args, *rest, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; return what it returns."""
        with usage.in_one_line(ctx.command_path):
            return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the arguments that are left for the command."""
        try:
            return super().parse_args(ctx, usage.in_full(self.params, args))
        except Exception as error:
            name = getattr(error, "option_name", "")
            if name and any(name in param.opts for one in self.commands.values() for param in one.params):
                ctx.fail(f"{name} is an option of the commands: put it after the command")
            raise


app = typer.Typer(
    name="rmanalytics",
    cls=_Commands,
    help="Prove what happened to every SMS that CleverTap handed to Route Mobile.",
    epilog="Start with `rmanalytics demo`. Exit codes: 0 fine, 1 a criterion or threshold failed, 2 usage or "
    "configuration, 3 inconclusive, 4 network or gateway unreachable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for command in (demo, init, doctor, simulate, collect, send, ingest, status, report, validate, prove, purge):
    app.command()(command)
app.add_typer(dlt_app, name="dlt")
app.add_typer(relay_app, name="relay")
app.add_typer(lake_app, name="lake")
app.add_typer(import_app, name="import")
app.add_typer(provider_app, name="provider")
usage.use_for_all(app)


def _version(is_asked_for: bool) -> None:
    if is_asked_for:
        sys.stdout.write(f"rmanalytics {rmanalytics.__version__}\n")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    home: options.HomeOption = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Set up what all commands share; httpx's logger prints URLs, which may carry a password."""
    if context.obj is failures.PROCESS:
        hide(
            "pandas"
        )  # pyarrow imports it, a third of a second, to see whether a value is one of its objects
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if home:
        context.default_map = _for_all(context.command, home)


def _for_all(command: Any, home: Path) -> dict[str, Any]:
    """Return `home` as the default of each command that has a home; `--home` after the command overrides it."""
    commands = getattr(command, "commands", {})
    return {name: _for_all(inner, home) for name, inner in commands.items()} | {"home": home}


def main() -> None:
    """Run the command line; however it fails, one line gives the error and its fix."""
    failures.guarded(app)
