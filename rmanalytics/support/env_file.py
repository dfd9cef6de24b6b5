"""Files of settings as editors write them: UTF-8 or UTF-16, with or without a mark; others are refused by line."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from rmanalytics.errors import ConfigError
from rmanalytics.support.files import no_file

OURS = "RMANALYTICS_"
_NAME = re.compile(rf"{OURS}\w*", re.IGNORECASE | re.ASCII).fullmatch
_SET = re.compile(rf"\s*(export\s+)?{OURS}\w*\s*=", re.IGNORECASE).match
_LINE_END = re.compile(r"\r\n|\n|\r")


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
    if not path.is_file():
        return {}
    found = list(parse_stream(io.StringIO(text(path))))
    for binding in found:
        if _is_ours(binding.original.string) and not _is_understood(binding):
            raise ConfigError(f"{path}: line {_line(binding)}: {_fix(binding)}")
    plain = "".join(binding.original.string for binding in found if not binding.error)
    return dict(dotenv_values(stream=io.StringIO(plain)))


def line_of(path: Path, name: str) -> int | None:
    """Return the line that sets a variable last, None where none does."""
    found = parse_stream(io.StringIO(text(path))) if path.is_file() else ()
    set_by = [_line(binding) for binding in found if (binding.key or "").upper() == name]
    return set_by[-1] if set_by else None


def _is_ours(written: str) -> bool:
    """Return whether lines other than comments name one of our variables."""
    return any(
        OURS in line.upper() and not line.lstrip().startswith("#") for line in _LINE_END.split(written)
    )


def _is_understood(binding: Binding) -> bool:
    """Return whether the lines set one variable: none of ours beside it, none of ours in its value."""
    if binding.error or binding.key is None or binding.value is None:
        return False
    is_name = OURS not in binding.key.upper() or _NAME(binding.key) is not None
    _, *further = _LINE_END.split(binding.original.string.strip())
    return is_name and not any(_SET(line) for line in further)


def _line(binding: Binding) -> int:
    blank = binding.original.string[: -len(binding.original.string.lstrip())]
    return binding.original.line + len(_LINE_END.findall(blank))


def _fix(binding: Binding) -> str:
    """Return what is wrong with lines that are not understood, without any of them: it may be a secret."""
    if any(quote in binding.original.string for quote in "\"'"):
        return f"a quote is not closed, or something is before or behind it: write {OURS}NAME='value'"
    return (
        f"is not understood: write {OURS}NAME=value, without a colon, `set` or anything else before the name"
    )


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
