"""Taking the password out of texts that are kept or shown."""

from __future__ import annotations

import html
import json
import re

REDACTED = "***"


def pattern(secret: str) -> re.Pattern[str] | None:
    """Return what finds the secret in every form texts carry it in; None when there is no secret.

    Raw, percent- and form-encoded (once or twice), JSON- and HTML-escaped, and mixtures, since encoders
    differ in which characters they leave alone.

    >>> found = pattern("p&ss w")
    >>> [bool(found.search(text)) for text in ("p&ss w", "p%26ss+w", "p%2526ss%20w", "p&amp;ss w", "pass")]
    [True, True, True, True, False]
    """
    return re.compile("".join(_forms(char) for char in secret)) if secret else None


def _forms(char: str) -> str:
    """One character in all its forms, as a regular expression."""
    percent = "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
    encoded = {percent, percent.replace("%", "%25"), json.dumps(char)[1:-1], html.escape(char)}
    encoded |= {f"\\u{ord(char):04x}", f"&#{ord(char)};", f"&#x{ord(char):x};"}
    encoded |= {"+"} if char == " " else set()
    encoded |= {"\\/"} if char == "/" else set()
    ways = "|".join(re.escape(form) for form in sorted(encoded - {char}, key=len, reverse=True))
    return f"(?:(?i:{ways})|{re.escape(char)})"
