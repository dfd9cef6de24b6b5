"""The lake: one place, a folder or an object store, for the sealed segments of many hosts.

    lake.json                                            the format's number
    hosts/<host>.json                                    the home that ships under that name
    journal/<stream>/<host>/<segment>.jsonl.zst          a whole segment, compressed
    journal/<stream>/<host>/<segment>.jsonl.seal         its bytes, lines and SHA-256, as beside any segment

A seal is written last, when what it speaks of was read back from the lake: a segment without its seal is not there
yet. A segment is the same one by its name alone, whichever host shipped it. Nothing here is imported by commands
that have no lake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rmanalytics.support.lazy import offered

if TYPE_CHECKING:
    from rmanalytics.lake.catalog import FORMAT, Lake, LakeSegment, open_lake
    from rmanalytics.lake.fetch import fetched
    from rmanalytics.lake.shipping import Shipment, ship, unshipped
    from rmanalytics.lake.status import lake_status
    from rmanalytics.lake.store import Retrying
else:
    __getattr__ = offered(
        __name__,
        {
            "FORMAT": "catalog:FORMAT",
            "Lake": "catalog:Lake",
            "LakeSegment": "catalog:LakeSegment",
            "Retrying": "store:Retrying",
            "Shipment": "shipping:Shipment",
            "fetched": "fetch:fetched",
            "lake_status": "status:lake_status",
            "open_lake": "catalog:open_lake",
            "ship": "shipping:ship",
            "unshipped": "shipping:unshipped",
        },
    )

__all__ = [
    "FORMAT",
    "Lake",
    "LakeSegment",
    "Retrying",
    "Shipment",
    "fetched",
    "lake_status",
    "open_lake",
    "ship",
    "unshipped",
]
