"""What a home knows of its lakes, in a file of its own: an id of the home, and where it has shipped to."""

from __future__ import annotations

import os
import re
import secrets
import socket
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
    return open_lake(url, create=not has_shipped(settings, url), retrying=retrying)


def has_shipped(settings: Settings, url: str) -> bool:
    """Return whether this home has ever shipped to that lake; the lake is not asked."""
    memo = _read(settings.home / _FILE)
    return memo is not None and store(url, Retrying(seconds=0)).key in memo["lakes"]


def claim(settings: Settings, lake: Lake, host: str) -> None:
    """Note that this home ships as `host`, here and in the lake; raise LakeFault where another home does."""
    memo = _read(settings.home / _FILE) or _begin(settings.home / _FILE)
    found = lake.host(host)
    if found is None:
        machine, since = socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds")
        lake.note_host(host, {"home": memo["home"], "machine": machine, "since": since})
        found = lake.host(host) or {}
    if found.get("home") != memo["home"]:
        raise LakeFault(
            f"{lake.name}: another home ships as {host} (machine {found.get('machine')}, since {found.get('since')}): "
            "set RMANALYTICS_LAKE_HOST to a name of its own here"
        )
    if lake.store.key not in memo["lakes"]:
        lakes = [*memo["lakes"], lake.store.key]
        _part(settings.home / _FILE, memo | {"lakes": lakes}).replace(settings.home / _FILE)


def _read(path: Path) -> dict[str, Any] | None:
    """Return the file's content; None where there is no file. Raises LakeFault for a damaged one."""
    try:
        found = orjson.loads(path.read_bytes())
        return {"home": str(found["home"]), "lakes": [str(key) for key in found["lakes"]]}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise LakeFault(
            f"{path}: is damaged: remove it, and set RMANALYTICS_LAKE_HOST to a new name"
        ) from None


def _begin(path: Path) -> dict[str, Any]:
    """Write the file, whole, where there is none; return its content, another shipper's where that was faster."""
    begun: dict[str, Any] = {"home": secrets.token_hex(8), "lakes": []}
    part = _part(path, begun)
    try:
        os.link(part, path)
    except FileExistsError:
        return _read(path) or begun
    finally:
        part.unlink()
    return begun


def _part(path: Path, content: dict[str, Any]) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(journal.line(content))
    return part
