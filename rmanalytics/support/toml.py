"""TOML as people write it: what is wrong with it is said in plain words, with its line."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from rmanalytics.support.escape import visible

_PLACE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)").search

_PLAIN = (
    (r"Invalid value at the end", "the last value is missing, or its [ or {{ is not closed"),
    (r"Cannot declare \((.*)\) twice", "table {} is there twice: merge them into one"),
    (r"Cannot overwrite a value|Duplicate inline table key.*", "a name is there twice: remove one of them"),
    (r"Cannot (?:mutate|redefine).*", "a name is both a table and a value: keep one of them"),
    (r"Expected '=' after.*", "a name is followed by no equals sign: write name = value"),
    (r"Expected '?\]+.*", "a ] is missing: write [name] on a line of its own"),
    (r"Expected newline.*", "something follows a value: write name = value, text in quotes, on one line"),
    (r"Invalid (?:statement|initial char).*", "is neither name = value nor [name]: correct it"),
    (r"Invalid value", "a value that TOML does not know: put text into quotes, write true and false small"),
    (r"Invalid date.*", "a date that does not exist: write it as 2025-01-15T00:00:00+05:30"),
    (r"Unclosed array", "a [ is not closed: add ] behind the last value"),
    (r"Unclosed inline.*", "a {{ is not closed: add }} behind the last value"),
    (
        r"Unterminated string|Illegal character '\\n'",
        "a quote is not closed: add the one at the end of the value",
    ),
    (r"Expected \"?'.*", "a quote is not closed: add the one at the end of the value"),
    (r"Unescaped.*|Invalid hex.*|Escaped.*", "a backslash in double quotes: use single quotes for that text"),
    (r"(?:Illegal|Found invalid) character.*", "a character that TOML does not allow: remove it"),
)


def parsed(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text; raise ValueError in plain words, the line first where there is one.

    >>> parsed("a = 1\\nport = x")
    Traceback (most recent call last):
    ...
    ValueError: line 2: not readable as TOML: a value that TOML does not know: put text into quotes, write true \
and false small
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("not readable as TOML: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_plainly(str(error), text)) from None
    except ValueError:  # a number of thousands of digits
        raise ValueError("not readable as TOML: a number that is too long: put text into quotes") from None


def _plainly(said: str, text: str) -> str:
    place = _PLACE(said)
    what = said[: place.start()] if place else said
    line = int(place[1]) if place and place[1] else text.rstrip().count("\n") + 1
    for theirs, ours in _PLAIN:
        if found := re.match(theirs, what if place and place[1] else f"{what} at the end"):
            return f"line {line}: not readable as TOML: {ours.format(*map(_table, found.groups()))}"
    return f"line {line}: not readable as TOML: {visible(what)}"


def _table(names: str) -> str:
    parts = re.findall(r"'([^']*)'", names)
    return f"[{'.'.join(parts)}]"


def line_of(text: str, name: str) -> int | None:
    """Return the line on which a value is set, its tables' names and its own joined by underscores.

    >>> line_of("[collect]\\n# a\\nport = 9", "collect_port"), line_of("collect.port = 9", "collect_port")
    (3, 1)
    """
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := re.match(r"\s*\[+([^\]]*)\]", line):
            table = _flat(found[1])
        elif (found := re.match(r"([^=#]+)=", line)) and name in {
            _flat(found[1]),
            f"{table}_{_flat(found[1])}",
        }:
            return number
    return None


def _flat(key: str) -> str:
    return "_".join(part.strip().strip("\"'") for part in key.split("."))
