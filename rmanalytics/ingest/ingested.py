"""What an ingest loaded: its counts, as data and as text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from rmanalytics.support.wording import count


@dataclass(slots=True, kw_only=True)
class Ingested:
    """What one ingest loaded, and what it could not read."""

    n_messages: int = 0
    n_submissions: int = 0
    n_late_answers: int = 0
    n_callbacks: int = 0
    n_dlrs: int = 0
    n_unparsed: int = 0
    n_items_unread: int = 0
    n_imported: int = 0
    n_rematched: int = 0
    n_checked: int = 0
    n_mismatched: int = 0
    n_malformed: int = 0
    n_bytes: int = 0
    n_compressed: int = 0
    outdated: str = ""
    unfinished: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts; `unfinished` gives the bytes behind the last whole line, by segment.

        `outdated` says by which settings the DLRs were read that are others now.
        """
        return asdict(self)

    def describe(self) -> str:
        """Return it as text, one fact per line."""
        lines = [
            f"ingested: {count(self.n_messages, 'message')}, {count(self.n_submissions, 'submission')}, "
            f"{count(self.n_callbacks, 'callback')} with {count(self.n_dlrs, 'DLR')}"
        ]
        if self.n_imported:
            lines.append(f"{self.n_imported:,} database rows added or changed by imports")
        if self.n_rematched:
            lines.append(f"{self.n_rematched:,} earlier DLRs now matched to a message")
        if self.n_checked:
            lines.append(
                f"{self.n_checked:,} domestic messages checked against their DLT template, "
                f"{self.n_mismatched:,} do not match"
            )
        if self.n_unparsed:
            lines.append(
                f"{count(self.n_unparsed, 'unparsed callback')}: kept, see relation callbacks, n_dlrs = 0"
            )
        if self.n_items_unread:
            lines.append(
                f"{count(self.n_items_unread, 'unreadable item')} in other callbacks: "
                "see relation callbacks, n_unread > 0"
            )
        if self.n_malformed:
            lines.append(
                f"{self.n_malformed:,} journal lines are not records: kept, see relation journal_faults"
            )
        if self.n_compressed:
            lines.append(f"{self.n_compressed:,} old journal segments compressed")
        lines += [
            f"{name}: {count(n, 'byte')} of an unfinished last line skipped"
            for name, n in self.unfinished.items()
        ]
        lines += [f"{name}: cannot be read: {reason}" for name, reason in self.unreadable.items()]
        lines += [self.outdated] if self.outdated else []
        return "\n".join(lines)
