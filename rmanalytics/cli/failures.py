"""The one place where an error becomes a line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote, quote_plus

from rmanalytics.cli import options
from rmanalytics.errors import RmaError
from rmanalytics.support.files import unwritable_log
from rmanalytics.support.interrupts import is_interrupt
from rmanalytics.support.streams import take_any_text
from rmanalytics.support.wording import first_line

_USAGE, _UNEXPECTED, _INTERRUPTED, _BROKEN_PIPE = 2, 1, 130, 141


PROCESS = object()
"""The context's object where the command is the whole process."""


def guarded(app: Callable[..., object]) -> None:
    """Run the command line and leave with its exit code; `--debug` before the command shows tracebacks."""
    is_debug = "--debug" in sys.argv
    take_any_text()
    _drop_key_log()
    try:
        _refuse_other_bytes(sys.argv)
        try:
            app(obj=PROCESS)
        finally:
            sys.stdout.flush()
    except Exception as error:
        if is_interrupt(error):
            _interrupted()
        if is_debug:
            sys.stderr.write(_without_secrets(traceback.format_exc()))
        sys.exit(_reported(error))
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:  # typer's word for Ctrl-C
            _interrupted()
        raise


def _drop_key_log() -> None:
    """Go on without SSLKEYLOGFILE where nothing can be written to it: TLS libraries fail when they are imported."""
    path = os.environ.get("SSLKEYLOGFILE")
    if path and (why := unwritable_log(path)):
        del os.environ["SSLKEYLOGFILE"]
        text = f"SSLKEYLOGFILE: {path}: {why}: ignored"
        options.stderr.print(f"[yellow]warning[/yellow] {options.escape(text)}", soft_wrap=True)


def _interrupted() -> None:
    """Say so and leave; another Ctrl-C does not wait for what is being tidied up."""
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    options.stderr.print("interrupted")
    sys.exit(_INTERRUPTED)


def described(error: BaseException) -> str:
    """Return an error as the line that is printed for it."""
    return _meaning(error)[1] if isinstance(error, Exception) else "interrupted"


def _refuse_other_bytes(arguments: list[str]) -> None:
    """Raise UnicodeError for an argument that is not UTF-8: it could not be written anywhere."""
    for argument in arguments:
        argument.encode()


def _reported(error: Exception) -> int:
    """Print the error as one line; return the exit code."""
    if isinstance(error, BrokenPipeError):
        _close_stdout()
        return _BROKEN_PIPE
    code, text = _meaning(error)
    if isinstance(error, OSError):
        _close_stdout()  # do not retry the failed write at exit
    options.stderr.print(f"[red]error[/red] {options.escape(text)}", soft_wrap=True)
    return code


def _meaning(error: Exception) -> tuple[int, str]:
    if isinstance(error, RmaError):
        return error.exit_code, f"{error}; {_GONE}" if is_gone() else str(error)
    if isinstance(error, UnicodeEncodeError) and error.object in sys.argv:
        shown = error.object.encode(errors="backslashreplace").decode()
        return _USAGE, f"{shown}: not UTF-8: write the option in UTF-8"
    if isinstance(error, MemoryError):
        return _UNEXPECTED, "out of memory: use smaller files or a larger machine"
    if isinstance(error, OSError) and error.strerror:
        if error.errno == errno.ENOENT and is_gone():
            return _USAGE, _GONE
        return _USAGE, f"{_place(error)}: {_refusal(error)}"
    if type(error).__module__.split(".")[0] in {"duckdb", "_duckdb"}:
        from rmanalytics.support import full_disk

        if said := full_disk.why(error):
            return _USAGE, f"{said}: free disk space and run this again"
        return _USAGE, f"database: {first_line(error)}"
    return _UNEXPECTED, (
        f"unexpected {type(error).__name__} in {_origin(error.__traceback__)}: please report it, "
        "with what `rmanalytics --debug …` prints"
    )


_GONE = "the working folder was deleted: change to another one, such as with `cd ~`, and run this again"


def is_gone() -> bool:
    """Return whether the folder that the command runs in does not exist any more."""
    try:
        return not Path.cwd().is_dir()
    except OSError:
        return True


def _refusal(error: OSError) -> str:
    """Return what the system said, and what to do where it denied access or the disk is full."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} and error.filename is not None:
        return f"{error.strerror}: free disk space and run this again"
    if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS} or error.filename is None:
        return str(error.strerror)
    folder = Path(_place(error)).parent
    what = str(error.strerror) if os.access(folder, os.W_OK) else "no write permission"
    if not os.access(folder, os.X_OK):
        what = f"no access to {folder}"
    return f"{what}: run this as the user who owns it, or choose another folder, such as with --home"


def _without_secrets(text: str) -> str:
    """Return the text without the secrets of the settings, as they are and as they stand in a URL."""
    from rmanalytics import config

    with suppress(Exception):
        settings = config.load()
        values = [getattr(settings, name) for name in type(settings).model_fields if config.is_secret(name)]
        for secret in (value.get_secret_value() for value in values if value):
            for written in {secret, quote(secret, safe=""), quote_plus(secret)}:
                text = text.replace(written, "***") if written else text
    return text


def _place(error: OSError) -> str:
    if error.filename is not None:
        return os.fsdecode(error.filename) if isinstance(error.filename, bytes | str) else str(error.filename)
    return "stdout" if error.errno in {errno.EBADF, errno.ENOSPC, errno.EIO} else "the system"


def _origin(trace: TracebackType | None) -> str:
    """Return our own innermost function, without the error's text, which may hold a URL with a password."""
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if "rmanalytics" in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}" if ours else "unknown place"


def _close_stdout() -> None:
    """Point stdout at the null device, so that flushing it at exit does not fail again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
