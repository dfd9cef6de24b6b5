"""The settings that the running collector started with, noted in the home as digests: a change since can be named."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from rmanalytics.config import PREFIX, Settings

_FILE = "collector.json"
_HELD = ("collect_", "relay_", "status_words")
_ELSEWHERE = frozenset({"collect_host", "collect_port", "collect_workers", "collect_log_requests"})
"""Where it listens is where it is asked, and the others change nothing of what it does."""


def note(settings: Settings) -> None:
    """Write down what this process starts with; no value can be read from it. Without it nothing is noticed later."""
    salt = secrets.token_hex(16)
    noted = {"pid": os.getpid(), "salt": salt, "settings": _digests(settings, salt)}
    path = _path(settings)
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        part.touch(mode=0o600)
        part.write_text(json.dumps(noted), encoding="utf-8")
        part.replace(path)


def changed(settings: Settings) -> tuple[str, ...]:
    """Return the variables whose values are others than the running collector started with; none where none runs."""
    try:
        noted = json.loads(_path(settings).read_text(encoding="utf-8"))
        pid, salt, before = int(noted["pid"]), str(noted["salt"]), dict(noted["settings"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return ()
    if not _runs(pid):
        return ()
    return tuple(_differing(before, _digests(settings, salt)))


def remedy(names: Collection[str], registration: str, *, is_simulated: bool) -> str:
    """Return what to do about changed variables; a new token breaks callbacks until who calls has it too.

    `registration` says how the gateway gets the new URL.
    """
    if f"{PREFIX}COLLECT_TOKEN" not in names:
        return "restart `rmanalytics collect`"
    if is_simulated:
        return "restart both `rmanalytics collect` and `rmanalytics simulate`, which keep the old token until then"
    return f"restart `rmanalytics collect` and, as the old URL then answers 404, {registration}"


def _differing(before: Mapping[str, Any], now: Mapping[str, str]) -> list[str]:
    """Return the variables of both whose digests differ: one version may know more settings than the other."""
    return [PREFIX + name.upper() for name, digest in now.items() if before.get(name, digest) != digest]


def _digests(settings: Settings, salt: str) -> dict[str, str]:
    names = [name for name in Settings.model_fields if name.startswith(_HELD) and name not in _ELSEWHERE]
    return {name: _digest(getattr(settings, name), salt) for name in names}


def _digest(value: Any, salt: str) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return blake2b(f"{plain}".encode(), key=salt.encode(), digest_size=8).hexdigest()


def _path(settings: Settings) -> Path:
    return settings.home / _FILE


def _runs(pid: int) -> bool:
    """Return whether there is such a process; one of another user counts."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0
