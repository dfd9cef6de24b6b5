"""Files of settings as editors write them: UTF-8 or UTF-16, with or without a mark; others are refused by line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from rmanalytics.errors import ConfigError
from rmanalytics.support.files import no_file


class DotEnv(DotEnvSettingsSource):
    """Settings of a `.env` in any of those encodings."""

    def __init__(self, settings_cls: type[BaseSettings], env_file: Path, **other: Any) -> None:
        refuse_other(env_file)
        super().__init__(settings_cls, env_file=env_file, **other)

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in variables(file_path).items()}


def variables(path: Path) -> dict[str, str | None]:
    """Return the variables of a `.env`, none when there is no such file; raise ConfigError naming the line."""
    refuse_other(path)
    return dict(dotenv_values(stream=io.StringIO(text(path)))) if path.is_file() else {}


def refuse_other(path: Path) -> None:
    """Raise ConfigError where something else than a file has the name of a file of settings."""
    if what := no_file(path):
        raise ConfigError(f"{path}: is {what}: rename it, or put the settings into a file of this name")


def text(path: Path) -> str:
    """Return the text of a file of settings; raise ConfigError naming line and fix when it is in no such encoding."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}: line {line}: is not UTF-8: save the file as UTF-8") from None


def trimmed(values: Any) -> Any:
    """Return settings without blanks and line ends around their texts, as an editor of Windows leaves them."""
    if not isinstance(values, dict):
        return values
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def unread(names: Mapping[str, str], prefix: str, known: Iterable[str]) -> list[str]:
    """Return what begins with the prefix and is no setting: name, where it was found, and the nearest real name.

    >>> unread({"RMA_GATWAY": ".env", "HOME": "the environment"}, "RMA_", ["gateway", "home"])
    ['RMA_GATWAY in .env (meant: RMA_GATEWAY?)']
    """
    fields = list(known)
    wrong = sorted(
        (name, where)
        for name, where in names.items()
        if name.upper().startswith(prefix) and name.upper().removeprefix(prefix).lower() not in fields
    )
    return [f"{name} in {where}{_nearest(name, prefix, fields)}" for name, where in wrong]


def _nearest(name: str, prefix: str, known: list[str]) -> str:
    found = get_close_matches(name.upper().removeprefix(prefix).lower(), known, n=1)
    return f" (meant: {prefix}{found[0].upper()}?)" if found else ""
