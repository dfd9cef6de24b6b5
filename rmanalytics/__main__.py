"""The command `rmanalytics`, and `python -m rmanalytics`: Ctrl-C while it is still being loaded is one line too."""

from __future__ import annotations

import os
import signal


def _leave(*_: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(130)


_BEFORE = signal.getsignal(signal.SIGINT)
if _BEFORE is signal.default_int_handler:  # not where the shell has it ignored
    signal.signal(signal.SIGINT, _leave)

from rmanalytics.cli import main as _run  # noqa: E402


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGINT, _BEFORE)
    _run()


if __name__ == "__main__":
    main()
