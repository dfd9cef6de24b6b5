"""The JSON of `dlt check` is what `json.dumps` writes of the same data."""

import json

import pyarrow as pa
import pytest

from rmanalytics.dlt import SCHEMA, checks_json

EMPTY = dict.fromkeys(SCHEMA.names)
GOOD = EMPTY | {"message_id": "m1", "template_id": "1107", "ok": True}
BAD = EMPTY | {"message_id": "m2", "ok": False, "reason": "letter_case", "position": 3, "n_faults": 1}
ODD = GOOD | {"message_id": 'a"\n\x1f%s\u2028é😀\\', "template_id": None}
CHECKS = {
    "none": [],
    "one that matches": [GOOD],
    "one that does not": [BAD],
    "both, in order": [BAD, GOOD, BAD | {"actual": "x\ny", "expected": "₹"}, GOOD],
    "ids of odd characters, and none": [ODD, GOOD | {"message_id": None}],
    "more than a batch": [GOOD, BAD] * checks_json.ROWS,
}


@pytest.mark.parametrize("rows", CHECKS.values(), ids=CHECKS)
def test_the_pieces_are_the_whole(rows):
    """Joined, the pieces are the indented JSON of summary, checks and details."""
    taken, shown = {"policy": "strict", "reasons": {'\n  "checks": null': 1}}, [{"fix": "a\nb", "n": None}]
    written = "".join(checks_json.pieces(taken, pa.Table.from_pylist(rows, SCHEMA), shown))
    assert (
        written
        == json.dumps({**taken, "checks": rows, "details": shown}, indent=2, ensure_ascii=False) + "\n"
    )
