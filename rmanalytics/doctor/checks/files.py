"""Files with secrets, and files that settings refer to."""

from __future__ import annotations

import stat
from pathlib import Path

from rmanalytics.checks import Finding, fault, ok
from rmanalytics.config import PREFIX
from rmanalytics.doctor.model import Scene
from rmanalytics.support.files import no_file
from rmanalytics.support.wording import count

_REFERRED = ("collect_tls_cert", "collect_tls_key", "dlt_codes", "relay_codes", "status_words")


def secrets(scene: Scene) -> Finding:
    """Return whether only the owner reads `.env` and the TLS key."""
    named = (scene.folder / ".env", scene.settings.collect_tls_key)
    found = [path for path in named if path is not None and path.is_file()]
    if open_ones := [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]:
        return fault(
            "other users can read or write them",
            *(f"{path}: mode {stat.S_IMODE(path.stat().st_mode):o}" for path in open_ones),
            fix=f"chmod 600 {' '.join(str(path) for path in open_ones)}",
        )
    return ok(
        f"{', '.join(path.name for path in found)} readable only by you" if found else "no file holds secrets"
    )


def referred(scene: Scene) -> Finding:
    """Return whether each file that a setting names can be read."""
    given = {name: getattr(scene.settings, name) for name in _REFERRED}
    for name, path in given.items():
        if path is not None and (why := _unreadable(path)):
            return fault(f"{path}: {why}", fix=f"fix {PREFIX}{name.upper()}, or the file")
    n_given = sum(path is not None for path in given.values())
    return ok(f"{count(n_given, 'file')}, all readable" if n_given else "no setting names a file")


def _unreadable(path: Path) -> str:
    if what := no_file(path):
        return f"is {what}"
    try:
        with path.open("rb"):
            return ""
    except OSError as error:
        return error.strerror or "not readable"
