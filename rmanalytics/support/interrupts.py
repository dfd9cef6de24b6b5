"""Ctrl-C, in whatever form it arrives."""

from __future__ import annotations


def is_interrupt(error: BaseException | None) -> bool:
    """Return whether an error is Ctrl-C: DuckDB makes one of its own of it, which others may wrap.

    >>> is_interrupt(RuntimeError("Query interrupted")), is_interrupt(ValueError("no"))
    (True, False)
    """
    while error is not None:
        if isinstance(error, KeyboardInterrupt) or "Query interrupted" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
