"""A command of ours as a child process, so that neither slows or stops the other."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

AGAIN_S = 5.0
"""Seconds after which a child that ended is started again; they double while it ends at once."""

LONGEST_S = 60.0
SHORT_LIFE_S = 30.0


@contextmanager
def running(words: Sequence[str], *, patience_s: float, again_s: float = AGAIN_S) -> Iterator[None]:
    """Keep `rmanalytics` running with these words while the block does; at the end wait `patience_s` for it.

    The child stops when its standard input ends, also when we are killed. What it says is said once: a relay
    that finds another one at work, or a full disk, says so again and again.
    """
    keeper = Keeper(words, patience_s, again_s)
    keeper.start()
    try:
        yield
    finally:
        keeper.end()


class Keeper(threading.Thread):
    """Runs a command, and starts it again when it ended."""

    def __init__(self, words: Sequence[str], patience_s: float, again_s: float) -> None:
        super().__init__(daemon=True)
        self._command = [sys.executable, "-m", "rmanalytics", *words]
        self._patience_s = patience_s
        self._again_s = again_s
        self._over = threading.Event()

    def run(self) -> None:
        """Keep it running until `end`."""
        said: set[str] = set()
        wait_s = self._again_s
        while not self._over.is_set():
            began = time.monotonic()
            with _child(self._command) as child:
                teller = threading.Thread(target=_tell, args=(child.stderr, said), daemon=True)
                teller.start()
                while child.poll() is None and not self._over.wait(0.2):
                    pass
                _end(child, self._patience_s)
                teller.join(1)
            if time.monotonic() - began > SHORT_LIFE_S:
                said.clear()
                wait_s = self._again_s
            self._over.wait(wait_s)
            wait_s = min(LONGEST_S, 2 * wait_s)

    def end(self) -> None:
        """Return once it has ended."""
        self._over.set()
        self.join(self._patience_s + 5)


def _child(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )


def _tell(lines: Iterable[str], said: set[str]) -> None:
    """Pass on what has not been said yet."""
    for line in lines:
        if line not in said:
            said.add(line)
            sys.stderr.write(line)
            sys.stderr.flush()


def _end(child: subprocess.Popen[str], patience_s: float) -> None:
    """Close its input and wait for what it has begun; it is killed only if it does not end by itself."""
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        child.kill()
