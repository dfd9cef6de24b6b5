"""What `validate` and `prove` share: their options, the way to a verdict, and its forms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rmanalytics.cli import failures
from rmanalytics.cli.options import emit, escape, stderr
from rmanalytics.errors import BadInput
from rmanalytics.support.files import refuse_other

if TYPE_CHECKING:
    from rmanalytics.validate.model import Verdict
    from rmanalytics.validate.run import Watch

_JUNIT_BEGINS = b"<?xml"

StrictOption = Annotated[bool, typer.Option("--strict", help="Warnings fail too.")]
JunitOption = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Also write the checks as JUnit XML, whatever happens."),
]


def conclude(verdict: Verdict, *, as_json: bool, junit: Path | None) -> None:
    """Print the verdict, write it as JUnit if asked, and leave with its exit code."""
    from rmanalytics.validate import screen as screens
    from rmanalytics.validate.junit import junit as as_junit

    emit(verdict.as_dict(), as_json, screens.screen(verdict))
    if junit:
        _write(junit, as_junit(verdict))
    raise typer.Exit(verdict.exit_code)


@contextmanager
def recorded(junit: Path | None, home: Path | None) -> Iterator[None]:
    """Write an error as JUnit too when there is no verdict: a pipeline that only reads the file turns red."""
    from rmanalytics import config
    from rmanalytics.validate.junit import broken

    if junit:
        refuse_other("--junit", junit, _JUNIT_BEGINS, config.home_of(home))
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if junit:
            _write(junit, broken(failures.described(error)))
        raise


@contextmanager
def progress(wait_s: float) -> Iterator[Watch]:
    """Show on stderr what is waited for: live on a terminal, else a line per change."""
    from rmanalytics.validate import screen as screens

    printed: list[str] = []

    def line(verdict: Verdict, left_s: float) -> None:
        if verdict.says not in printed[-1:]:
            printed.append(verdict.says)
            stderr.print(escape(screens.brief(verdict, left_s, wait_s)), soft_wrap=True)

    if not stderr.is_terminal:
        yield line
        return
    status = stderr.status("")

    def live(verdict: Verdict, left_s: float) -> None:
        status.update(escape(screens.brief(verdict, left_s, wait_s)))
        status.start()  # only now: the plan and its question come before

    try:
        yield live
    finally:
        status.stop()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size:
            stderr.print(escape(f"{path}: replaced"), soft_wrap=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--junit {path}: cannot be written: {error.strerror}") from None
