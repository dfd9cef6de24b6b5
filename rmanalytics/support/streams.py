"""Standard streams that take any text, whatever encoding the system gave them."""

from __future__ import annotations

import codecs
import io
import sys

_NAME = "rmanalytics.plain"
_PLAIN = {
    "✓": "+",
    "✗": "x",
    "→": ">",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "·": "-",
    "•": "*",
    "≤": "<=",
    "≥": ">=",
    "⟦": "[",
    "⟧": "]",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\u00a0": " ",
    **dict.fromkeys("─━═╌┄", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╞╡╪┏┓┗┛┡┩╇", "+"),
}


def take_any_text() -> None:
    """Let stdout and stderr write signs they have no code for in ASCII: ours plainly, others as in JSON."""
    codecs.register_error(_NAME, _written)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not _keeps_bytes(stream):
            stream.reconfigure(errors=_NAME)


def _keeps_bytes(stream: io.TextIOWrapper) -> bool:
    """Return whether a stream writes everything, and names of files as the bytes they are."""
    return stream.errors == "surrogateescape" and codecs.lookup(stream.encoding).name == "utf-8"


def _written(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign) or _escaped(sign) for sign in signs), error.end


def _escaped(sign: str) -> str:
    r"""Return a sign as JSON escapes it, so that what is JSON stays so.

    >>> _escaped("é"), _escaped("😀")
    ('\\u00e9', '\\ud83d\\ude00')
    """
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
