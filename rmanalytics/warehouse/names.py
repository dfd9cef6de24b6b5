"""What a selection may name: a misspelt campaign or batch is an error, not a page about nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rmanalytics.errors import BadInput
from rmanalytics.support.nearest import meant
from rmanalytics.warehouse.connection import reading

_KNOWN = {
    "campaign": """SELECT campaign_id FROM (
    SELECT campaign_id, max(planned_at) AS last_at FROM messages GROUP BY ALL
    UNION ALL SELECT tag, max(received_at) FROM dlrs WHERE message_id IS NULL GROUP BY ALL
) WHERE campaign_id IS NOT NULL GROUP BY campaign_id ORDER BY max(last_at) DESC""",
    "batch": "SELECT batch_id FROM messages WHERE batch_id IS NOT NULL GROUP BY ALL ORDER BY max(planned_at) DESC",
}
"""The names of each kind, the latest first; a campaign may be known by its DLRs alone."""

_IS_KNOWN = {
    "campaign": "SELECT EXISTS (FROM messages WHERE campaign_id = $1) "
    "OR EXISTS (FROM dlrs WHERE message_id IS NULL AND tag = $1)",
    "batch": "SELECT EXISTS (FROM messages WHERE batch_id = $1)",
}
"""Asked first: it looks at little of the history."""


def require(home: Path, kind: str, names: Iterable[str]) -> None:
    """Raise BadInput for the first name that no message of the home has, with the nearest that there are.

    `kind` is `campaign` or `batch`, as the option is called; an empty name selects all.
    """
    asked = [name for name in names if name]
    if not asked:
        return
    with reading(home) as connection:
        for name in asked:
            if connection.execute(_IS_KNOWN[kind], [name]).fetchall() == [(False,)]:
                known = [name for (name,) in connection.execute(_KNOWN[kind]).fetchall()]
                raise BadInput(f"--{kind} {name}: no such {kind}: {_fix(name, known)}")


def _fix(name: str, known: Sequence[str]) -> str:
    """Return what to do about a name that is not among the known."""
    if not known:
        return "there is none yet: send or import first, then `rmanalytics ingest`"
    return meant(name, known)
