"""A request as text: for people, and as a curl command that takes its secrets from the environment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import httpx

from rmanalytics.models import Message
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.placeholders import references
from rmanalytics.provider.render import render
from rmanalytics.provider.rules.access import texts


def as_dict(request: httpx.Request) -> dict[str, Any]:
    """Return the request for JSON."""
    headers = {name: value for name, value in request.headers.items() if name not in _BY_HTTP}
    body = request.content.decode("utf-8", "replace")
    return {"method": request.method, "url": str(request.url), "headers": headers, "body": body}


_BY_HTTP = frozenset({"host", "content-length"})


def shown(request: httpx.Request) -> str:
    """Return the request as it travels, without what HTTP adds by itself."""
    parts = as_dict(request)
    headers = [f"{name}: {value}" for name, value in parts["headers"].items()]
    return "\n".join([f"{parts['method']} {parts['url']}", *headers, "", parts["body"]]).rstrip()


def curl(provider: Provider, batch: Sequence[Message]) -> str:
    """Return a command that sends it; each secret is a variable of the shell, in the encoding of its place.

    Secrets are put in raw: one with characters that JSON or a URL escapes must be exported escaped.
    """
    marks = {name: f"RMAENV{place}X" for place, name in enumerate(_names(provider))}
    request = render(provider, batch, marks.__getitem__)
    parts = as_dict(request)
    if provider.authentication == "basic":
        parts["headers"].pop("authorization", None)
    words = ["curl", "--max-time", "15", "-X", parts["method"], parts["url"]]
    for name, value in parts["headers"].items():
        words += ["-H", f"{name}: {value}"]
    if provider.authentication == "basic":
        user = "".join((provider.username or "", ":", provider.password or ""))
        for name, mark in marks.items():
            user = user.replace(f"${{{name}}}", mark)
        words += ["-u", user]
    if parts["body"]:
        words += ["--data-binary", parts["body"]]
    command = " ".join(
        f"'{word}'" if "RMAENV" in word and "'" not in word else shlex.quote(word) for word in words
    )
    for name, mark in marks.items():
        command = command.replace(mark, f"'\"${{{name}}}\"'")
    return command


def _names(provider: Provider) -> list[str]:
    return sorted({name for _, text in texts(provider) for name in references(text)})
