"""What a home knows of its lakes, in a file of its own: an id of the home, and where it has shipped to."""

from __future__ import annotations

import os
import re
import secrets
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from rmanalytics import journal
from rmanalytics.config import Settings
from rmanalytics.errors import LakeFault
from rmanalytics.lake.catalog import Lake, open_lake
from rmanalytics.lake.store import Retrying, store

_FILE = "lake.json"
_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")


def host_name(settings: Settings) -> str:
    """Return the name of this host in the lake: the setting, or the machine's name as a folder may be called."""
    if settings.lake_host:
        return settings.lake_host
    name = _OTHERS.sub("-", socket.gethostname()).strip(".-_")[:100]
    if not name:
        raise LakeFault("this machine has no name: set RMANALYTICS_LAKE_HOST")
    return name


def lake_of(settings: Settings, url: str, retrying: Retrying | None = None) -> Lake:
    """Return the lake that a home ships to, made at the first time.

    Raises LakeFault where the home has shipped to that place and no lake is there any more: a share that is not
    mounted looks like an empty folder.
    """
    memo = _read(settings.home)
    name = store(url, retrying).name
    if name in memo["lakes"]:
        return open_lake(url, retrying=retrying)
    lake = open_lake(url, create=True, retrying=retrying)
    _write(settings.home, memo | {"lakes": [*memo["lakes"], name]})
    return lake


def claim(settings: Settings, lake: Lake, host: str) -> None:
    """Note that this home ships as `host`; raise LakeFault where another home does."""
    own, found = _read(settings.home)["home"], lake.host(host)
    if found is None:
        machine, since = socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds")
        lake.note_host(host, {"home": own, "machine": machine, "since": since})
        found = lake.host(host) or {}
    if found.get("home") != own:
        raise LakeFault(
            f"{lake.name}: another home ships as {host} (machine {found.get('machine')}, since {found.get('since')}): "
            "set RMANALYTICS_LAKE_HOST to a name of its own here"
        )


def _read(home: Path) -> dict[str, Any]:
    """Return the file's content, made where there is none; a damaged one is begun again."""
    path = home / _FILE
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = orjson.loads(path.read_bytes())
        return {"home": str(found["home"]), "lakes": [str(name) for name in found["lakes"]]}
    begun = {"home": secrets.token_hex(8), "lakes": []}
    with suppress(FileExistsError):
        return _begin(path, begun)
    with suppress(OSError, ValueError, KeyError, TypeError):  # another shipper was faster
        found = orjson.loads(path.read_bytes())
        return {"home": str(found["home"]), "lakes": list(found["lakes"])}
    raise LakeFault(f"{path}: is damaged: remove it, and set RMANALYTICS_LAKE_HOST to a new name")


def _begin(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Write the file, whole, where there is none; raise FileExistsError where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path, content)
    try:
        os.link(part, path)
    finally:
        part.unlink()
    return content


def _write(home: Path, content: dict[str, Any]) -> None:
    _part(home / _FILE, content).replace(home / _FILE)


def _part(path: Path, content: dict[str, Any]) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(journal.line(content))
    return part
