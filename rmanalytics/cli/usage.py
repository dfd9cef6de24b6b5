"""What is wrong with a command's options and arguments, in one line that says what they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import typer
from typer.core import TyperCommand

from rmanalytics.cli.options import escape, stderr
from rmanalytics.support.folders import expanded
from rmanalytics.support.wording import unfit

_USAGE = 2
_TEXTS_THAT_ARE_PATHS = frozenset({"out", "profile", "notebooks"})


class Command(TyperCommand):
    """A command that takes `~/` at the start of a path for the user's home, in whichever option it is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the arguments that are left."""
        return super().parse_args(ctx, in_full(self.params, args))


def use_for_all(app: typer.Typer) -> None:
    """Make all commands of an app such commands."""
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance:
            use_for_all(group.typer_instance)


def in_full(params: Sequence[Any], args: Sequence[str]) -> list[str]:
    """Return the arguments with paths that begin with `~/` in full."""
    paths = {name for param in params if is_path(param) for name in param.opts}
    is_argument = any(not name.startswith("-") for name in paths)
    valued = {name for param in params if not getattr(param, "is_flag", True) for name in param.opts}
    found = []
    for before, text in zip(["", *args], args, strict=False):
        name, equals, value = text.partition("=")
        if (before in paths and not text) or (name in paths and equals and not value):
            raise typer.BadParameter(f"{name or before} is empty: give a path")
        if equals and name in paths:
            text = f"{name}={expanded(value)}"
        elif before in paths or (is_argument and before not in valued):
            text = expanded(text)
        found.append(text)
    return found


def is_path(param: Any) -> bool:
    """Return whether an option or argument takes a path."""
    kind = param.type_descriptor.annotation
    return Path in {kind, *get_args(kind)} or param.name in _TEXTS_THAT_ARE_PATHS


@contextmanager
def in_one_line(path: str) -> Iterator[None]:
    """Print what is wrong with the usage of a command as one line, and end with exit code 2; pass all else on."""
    try:
        yield
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        command = getattr(getattr(error, "ctx", None), "command_path", "") or path
        text = f"{_said(error).rstrip('.')}: `{command} --help` shows its usage"
        stderr.print(f"[red]error[/red] {escape(text)}", soft_wrap=True)
        raise typer.Exit(_USAGE) from None


def _said(error: typer.TyperException) -> str:
    param: Any = getattr(error, "param", None)
    cause: Any = error.__cause__
    if param is None or not hasattr(cause, "errors"):
        return error.format_message()
    fault = cause.errors()[0]
    name = max(param.opts, key=len) if param.opts[0].startswith("-") else param.human_readable_name
    return f"{name}: '{fault['input']}' {_needs(param, fault)}"


def _needs(param: Any, fault: Any) -> str:
    """Return what the option takes: a number's two ends, or what was said of any other value."""
    kinds = {param.type_descriptor.annotation, *get_args(param.type_descriptor.annotation)}
    low, high = getattr(param, "min", None), getattr(param, "max", None)
    if not kinds & {int, float} or low is None or high is None:
        return unfit(str(fault["msg"])).removeprefix(f"'{fault['input']}' ")
    noun = "a number" if float in kinds else "a whole number"
    return f"has to be {noun} from {low:,} to {high:,}"
