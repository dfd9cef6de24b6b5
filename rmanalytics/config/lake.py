"""Settings of the lake: a URL without a secret in it, and a host's name that can name a folder."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}").fullmatch
_OPTIONS = frozenset({"region", "endpoint_override", "scheme"})
_FIX = "credentials come from the environment or a profile, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def lake_without_secret(url: str) -> str:
    """Return the URL or path; raise ValueError, without its text, where it may hold a secret.

    >>> lake_without_secret("s3://bucket/lake?region=ap-south-1")
    's3://bucket/lake?region=ap-south-1'
    """
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:
        raise ValueError("is not a URL: write it as s3://bucket/lake") from None
    user, is_given, _ = parts.netloc.rpartition("@")
    if is_given and (parts.scheme == "s3" or ":" in user):
        raise ValueError(f"must not hold a user or password: {_FIX}")
    if names - _OPTIONS:
        raise ValueError(f"may have only these options: {', '.join(sorted(_OPTIONS))}; {_FIX}")
    return url


def host_folder(name: str) -> str:
    """Return the host's name; raise ValueError where it names no folder.

    >>> host_folder("collect-1.example.org")
    'collect-1.example.org'
    """
    if not _HOST(name):
        raise ValueError("must be up to 100 letters, digits, dots, hyphens or underscores, the first no dot")
    return name
