"""What a selection may name: a misspelt campaign or batch is an error, not a page about nothing."""

from __future__ import annotations

from collections.abc import Iterable
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


def require(home: Path, kind: str, names: Iterable[str]) -> None:
    """Raise BadInput for the first name that no message of the home has, with the nearest that there are.

    `kind` is `campaign` or `batch`, as the option is called; an empty name selects all.
    """
    asked = [name for name in names if name]
    if not asked:
        return
    with reading(home) as connection:
        known = [name for (name,) in connection.execute(_KNOWN[kind]).fetchall()]
    there = set(known)
    for name in asked:
        if name not in there:
            fix = (
                meant(name, known)
                if known
                else "there is none yet: send or import first, then `rmanalytics ingest`"
            )
            raise BadInput(f"--{kind} {name}: no such {kind}: {fix}")
