"""The reference of provider files: every field with what it means, and an example that can be kept."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from rmanalytics.provider.definition import Batching, OAuth2, Provider

_TABLES: dict[str, type[BaseModel]] = {"batch": Batching, "oauth2": OAuth2}
_HEAD = """\
The fields of a CleverTap provider (Settings > Engage > Channels > SMS > + Add Provider > Other (Generic)), as TOML.
CleverTap fills $$To, $$Body, $$TemplateID, $$TemplateVariables, $$CampaignID and $$MessageID for each message;
any other $$name is a custom placeholder. ${NAME} is read from the environment or .env: no secret is in the file."""


def schema() -> str:
    """Return the reference as TOML, each field with its description, its values and an example."""
    fields = Provider.model_fields
    plain = [name for name, field in fields.items() if not _is_table(name, field)]
    parts = [textwrap.indent(_HEAD, "# "), *(_entry(name, fields[name]) for name in plain)]
    parts += [_table(name, field) for name, field in fields.items() if _is_table(name, field)]
    return "\n\n".join(parts) + "\n"


def _is_table(name: str, field: FieldInfo) -> bool:
    return name in _TABLES or get_origin(field.annotation) is dict


def _table(name: str, field: FieldInfo) -> str:
    if part := _TABLES.get(name):
        entries = [_entry(key, inner) for key, inner in part.model_fields.items()]
        return "\n".join([f"# {part.__doc__}", f"[{name}]", *entries])
    example = "\n".join(f"{_key(key)} = {_toml(value)}" for key, value in _example(field).items())
    return f"# {field.description}\n[{name}]\n{example}"


def _entry(name: str, field: FieldInfo) -> str:
    return "\n".join([f"# {' '.join(_described(field))}", f"{name} = {_toml(_example(field))}"])


def _described(field: FieldInfo) -> Iterator[str]:
    yield str(field.description)
    if get_origin(field.annotation) is Literal:
        yield f"One of {', '.join(map(str, get_args(field.annotation)))}."
    if field.is_required():
        yield "Required."
    elif field.default is not None and field.default != {}:
        yield f"Default: {_toml(field.default)}."


def _example(field: FieldInfo) -> Any:
    return (field.examples or [None])[0]


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, str) and "\n" in value:
        return f"'''\n{value}'''"
    return json.dumps(value, ensure_ascii=False)
