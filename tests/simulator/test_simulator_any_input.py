"""Laws that hold for every request, also for nonsense."""

from __future__ import annotations

from string import whitespace
from urllib.parse import parse_qs, urlencode

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.simulating import FIELDS

from rmanalytics.simulator import profile, requests
from rmanalytics.simulator.callback import compose
from rmanalytics.simulator.faults import SimulatedFault
from rmanalytics.simulator.protocol import ANYBODY, SandboxEndpoint
from rmanalytics.simulator.sandbox import Manners, Reaction, Sandbox

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NAMES = [*FIELDS, "url", "entityid", "tempid", "tagname", "msgid", "udf1", "request"]
MANNERS = Manners(profile=profile.load("default"), shares=dict.fromkeys(SimulatedFault, 0.3), post_share=0.5)
SCALARS = st.one_of(st.text(), st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False))
ITEMS = st.dictionaries(st.sampled_from(NAMES), SCALARS)
BODIES = st.one_of(
    st.binary(),
    st.dictionaries(st.sampled_from(NAMES), st.text()).map(
        lambda fields: urlencode(FIELDS | fields).encode()
    ),
    ITEMS.map(lambda item: _json(FIELDS | item)),
    st.lists(ITEMS).map(lambda items: _json({"request": [FIELDS | item for item in items]})),
)


def _json(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return b"{}"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SandboxEndpoint), st.text(), st.sampled_from(["", FORM, JSON, "text/plain"]), BODIES)
def test_every_request_has_an_answer(
    endpoint: SandboxEndpoint, query: str, content_type: str, body: bytes
) -> None:
    """Whatever comes in, there is an answer or a closed connection, and each DLR can be written."""
    reaction = Sandbox(MANNERS).react(endpoint, query, content_type, body, 1e9)
    assert isinstance(reaction, Reaction)
    for sent, report in (*reaction.first, *reaction.later):
        callback = compose(sent, report, profile.load("default"), "Asia/Kolkata")
        assert callback.is_post or parse_qs(callback.content.decode())["sMessageId"] == [sent.message_id]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.just("919800000001"),
            st.text(st.characters(codec="utf-8", exclude_characters=",")),
            st.just("98000"),
        )
    )
)
@example(["919800000001", " ", ""])
@example(["919800000001", " ", "98000"])
def test_one_entry_per_number(numbers: list[str]) -> None:
    """A list of numbers gives one entry each, in order, commas and blanks at its ends aside."""
    text = ",".join(numbers).strip("," + whitespace)
    ask = requests.read(
        SandboxEndpoint.BULK, "", FORM, urlencode(FIELDS | {"destination": text}).encode(), ANYBODY
    )
    if not text.strip():
        assert ask.code == "1702"
    else:
        assert [entry.code for entry in ask.entries] == [
            "1701" if number.strip().removeprefix("+") == "919800000001" or entry.received else "1706"
            for number, entry in zip(text.split(","), ask.entries, strict=True)
        ]
