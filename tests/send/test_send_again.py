"""A second run of a batch says how the whole batch stands."""

from __future__ import annotations

from collections import Counter

import pytest

from rmanalytics.models import Result
from rmanalytics.send.tally import Tally, summarise

BEFORE = {
    "all was accepted": ({Result.ACCEPTED: 6}, 0),
    "some are unclear": ({Result.ACCEPTED: 5, Result.UNCLEAR: 1}, 3),
    "some were refused": ({Result.REFUSED: 1}, 1),
    "unclear weighs more than refused": ({Result.REFUSED: 1, Result.UNCLEAR: 1}, 3),
}


@pytest.mark.parametrize("before, exit_code", BEFORE.values(), ids=BEFORE)
def test_exit_code_of_a_run_with_nothing_to_do(before: Counter[Result], exit_code: int) -> None:
    """What an earlier run left unclear or refused is not fine because this one had nothing to send."""
    tally = Tally(n_to_send=0, watch=lambda tally: None)
    summary = summarise(tally, batch_id="b", gateway="simulator", stopped=None, before=before)
    assert summary.exit_code == exit_code
