"""What is wrong with a command's options and arguments, in one line that says what they take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import typer

from rmanalytics.cli.options import escape, stderr
from rmanalytics.support.wording import unfit

_USAGE = 2


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
