"""The journal: append-only JSON lines, durable before anything is answered.

One process writes one segment of one stream, named `<stream>-<UTC time>-<random>.jsonl`, so writers never
share a file and a segment is read by anything that reads JSON lines. The last line of a segment may be
torn when its writer was killed: whoever reads takes whole lines only. A closed segment has a seal next to it
(its checksum), and later becomes `….jsonl.zst` of the same content: its name without `.zst` stays its identity.
"""

from rmanalytics.journal import records
from rmanalytics.journal.compaction import compress, is_open, seal_closed, tidy
from rmanalytics.journal.group_commit import GroupCommit
from rmanalytics.journal.names import (
    CALLBACKS,
    COMPRESSED,
    MESSAGES,
    STREAMS,
    SUBMISSIONS,
    across,
    identity,
    open_at,
    segments,
)
from rmanalytics.journal.reader import Chunk, backlog_bytes, ends_in_newline, read_chunk, tail_bytes
from rmanalytics.journal.seals import SUFFIX as SEAL
from rmanalytics.journal.seals import (
    Seal,
    blocks,
    fault_of,
    gone,
    measure,
    promises,
    read_seal,
    sealed,
    verify,
)
from rmanalytics.journal.writer import SEGMENT_BYTES, SEGMENT_S, Writer, line

__all__ = [
    "CALLBACKS",
    "COMPRESSED",
    "MESSAGES",
    "SEAL",
    "SEGMENT_BYTES",
    "SEGMENT_S",
    "STREAMS",
    "SUBMISSIONS",
    "Chunk",
    "GroupCommit",
    "Seal",
    "Writer",
    "across",
    "backlog_bytes",
    "blocks",
    "compress",
    "ends_in_newline",
    "fault_of",
    "gone",
    "identity",
    "is_open",
    "line",
    "measure",
    "open_at",
    "promises",
    "read_chunk",
    "read_seal",
    "records",
    "seal_closed",
    "sealed",
    "segments",
    "tail_bytes",
    "tidy",
    "verify",
]
