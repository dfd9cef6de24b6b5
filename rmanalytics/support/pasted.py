"""Commands that a person pastes into a shell as they are."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def python(code: str) -> str:
    """Return the command that runs Python code with what is installed here.

    It names the interpreter by its path only where `python3` is another one.
    """
    found = shutil.which("python3")
    is_ours = found is not None and Path(found).parent == Path(sys.executable).parent
    return shlex.join(["python3" if is_ours else sys.executable, "-c", code])
