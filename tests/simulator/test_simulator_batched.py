"""CleverTap's batched payload: a list of records beside constants."""

from __future__ import annotations

import pytest

CONSTANTS = {"username": "acct", "password": "s3cret", "source": "TESTSM"}
ONE = {"destination": "919800000001", "message": "Hi A", "msgid": "a"}
TWO = {"destination": "+919800000002", "message": "Hi B", "msgid": "b"}

BATCHES = {
    "two records": ({**CONSTANTS, "msgs": [ONE, TWO]}, ["1701", "1701"]),
    "one record": ({**CONSTANTS, "anything": [ONE]}, ["1701"]),
    "a wrong number": ({**CONSTANTS, "msgs": [ONE, {**TWO, "destination": "12"}]}, ["1701", "1706"]),
    "no source": ({"username": "u", "password": "p", "msgs": [ONE]}, ["1702"]),
    "two lists are no batch": ({**CONSTANTS, "a": [ONE], "b": [TWO]}, ["1702"]),
    "a list of texts is none": ({**CONSTANTS, **ONE, "tags": ["x"]}, ["1701"]),
}


@pytest.mark.parametrize("payload, codes", BATCHES.values(), ids=BATCHES)
def test_batched(payload, codes, client):
    """Each record is answered as a message of its own, in order."""
    answer = client.http.post(client.sim.endpoint(), json=payload).text
    assert [entry.strip().split("|")[0] for entry in answer.split(",")] == codes
