"""The files that a new user starts from."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic.fields import FieldInfo

from rmanalytics import gateways
from rmanalytics.config import PREFIX, Settings, is_secret
from rmanalytics.support import resources

_TABLES = (*(one.name for one in gateways.profiles()), "send", "validate", "collect", "relay", "simulate")
_ELSEWHERE = {"home"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What `init` wrote, and what it left alone because it was there."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


TEST_TEXT = (
    "Dear customer, 123456 is your OTP to sign in to Acme Bank. It is valid for 10 minutes. "
    "Do not share it with anyone."
)
"""Fits the first sample template, as the text of a domestic test message must."""

_TEST: tuple[str, ...] = ("+919800000101", "--template-id", "1107000000000000101", "--body", TEST_TEXT)
_TEST += ("--provider", "clevertap-provider.toml")

STEPS = (
    ("second terminal", ("collect",)),
    ("third terminal", ("simulate", "--profile", "clean", "--templates", "templates.csv")),
    ("here", ("import", "templates", "templates.csv")),
    ("here", ("dlt", "check", "--templates", "templates.csv", "--messages", "batch.csv")),
    ("here", ("send", "batch.csv")),
    ("here", ("validate", "--wait", "60")),
    ("here", ("provider", "lint", "clevertap-provider.toml")),
    ("here", ("send", "clevertap-batch.csv", "--provider", "clevertap-provider.toml")),
    ("here", ("send", "--test", *_TEST)),
    ("here", ("prove", "--to", *_TEST)),
    ("here", ("report",)),
)
"""The whole way with the samples, against the simulator: where, and the command's words."""


def init(home: Path) -> Written:
    """Write the starting files beside the home, never over a file that is there; return both lists."""
    folder = home.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    written, kept = [], []
    for name, content in _files().items():
        path = folder / name
        if path.exists():
            kept.append(path)
            continue
        path.touch(mode=0o600 if name == ".env" else 0o644)
        path.write_text(content, encoding="utf-8")
        written.append(path)
    return Written(written=tuple(written), kept=tuple(kept))


def _files() -> dict[str, str]:
    samples = resources.samples()
    names = ("batch.csv", "templates.csv", "clevertap-provider.toml", "clevertap-batch.csv")
    return {
        "rmanalytics.toml": toml(),
        ".env": _env(),
        **{name: (samples / name).read_text(encoding="utf-8") for name in names},
    }


def _env() -> str:
    return (
        "# Secrets of rmanalytics. Keep this file out of version control.\n"
        f"{PREFIX}COLLECT_TOKEN={secrets.token_urlsafe(24)}\n"
        + "".join(f"# {one.variable(name)}=\n" for one in gateways.profiles() for name in one.required)
    )


def toml() -> str:
    """Return a settings file in which every setting stands commented out, with its default and what it does."""
    fields = {name: field for name, field in Settings.model_fields.items() if name not in _ELSEWHERE}
    plain = {
        name: field for name, field in fields.items() if not name.startswith(tuple(f"{t}_" for t in _TABLES))
    }
    parts = [
        "# Settings of rmanalytics. Flags, the environment and .env override this file; secrets belong in .env.\n"
    ]
    parts += [_entry(name, field) for name, field in plain.items() if not is_secret(name)]
    for table in _TABLES:
        parts.append(f"\n[{table}]\n")
        prefix = f"{table}_"
        mine = {
            name: field for name, field in fields.items() if name.startswith(prefix) and not is_secret(name)
        }
        parts += [_entry(name.removeprefix(prefix), field) for name, field in mine.items()]
    return "".join(parts)


def _entry(name: str, field: FieldInfo) -> str:
    return f"# {field.description}\n# {name} = {_literal(field.default)}\n"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # JSON's escapes are TOML's
    if isinstance(value, bool):
        return str(value).lower()
    return '""' if value is None else str(value)
