"""The simulator scrubs like an operator: mismatching domestic messages are rejected with DLT codes."""

from __future__ import annotations

import pytest

from rmanalytics import simulator
from rmanalytics.errors import BadInput

OTP = "1107000000000000001"
TEMPLATES = f"template_id,content,header,entity_id\n{OTP},Your code is {{#var#}},TESTSM,1101000000000000001\n"
RIGHT = {"entityid": "1101000000000000001", "tempid": OTP}
CASES = {
    "it matches": ({}, "strict", None),
    "a double space": ({"message": "Your  code is 1234"}, "strict", "633"),
    "a laxer operator": ({"message": "Your  code is 1234"}, "msg91", None),
    "no template id": ({"tempid": ""}, "strict", "637"),
    "an unknown template": ({"tempid": "1107000000000000009"}, "strict", "630"),
    "another header": ({"source": "OTHERS"}, "strict", "620"),
    "another entity": ({"entityid": "1101000000000000009"}, "strict", "600"),
    "abroad there is no DLT": (
        {"destination": "447700900123", "tempid": "", "message": "Hi"},
        "strict",
        None,
    ),
}


@pytest.mark.parametrize("fields, policy, code", CASES.values(), ids=CASES)
def test_scrubbing(fields, policy, code, start, receiver, tmp_path):
    """What does not match is rejected with the operator's code, under its policy; the rest goes on."""
    (tmp_path / "t.csv").write_text(TEMPLATES, encoding="utf-8")
    client = start(scrub=simulator.scrubber(tmp_path / "t.csv", policy))
    assert client.submit(**RIGHT | fields).startswith("1701|")
    said = receiver.wait(1)[-1].says
    assert (said == ("REJECTD", code)) if code else (said[0] != "REJECTD")


WRONG = {
    "no such file": (("none.csv",), "none.csv"),
    "no such policy": (("t.csv", "lax"), "unknown policy 'lax'"),
    "codes of nobody": (("t.csv", "strict", "mine"), "the scrubber has no codes of 'mine'"),
}


@pytest.mark.parametrize("asked, told", WRONG.values(), ids=WRONG)
def test_wrong(asked, told, tmp_path):
    """A file, a policy or a namespace that is none is named before anything starts."""
    (tmp_path / "t.csv").write_text(TEMPLATES, encoding="utf-8")
    name, *rest = asked
    with pytest.raises(BadInput, match=told):
        simulator.scrubber(tmp_path / name, *rest)
