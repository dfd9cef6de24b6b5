"""What is said of template mismatches, and the diffs."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from support import seeding

from rmanalytics import warehouse
from rmanalytics.dlt.policy import STRICT
from rmanalytics.ingest.template_checks import Updater
from rmanalytics.metrics import template_checks as crossing
from rmanalytics.notebook import parameters, selection
from rmanalytics.notebook.sections import template_checks
from rmanalytics.notebook.sections.template_checks import masked

CONTENT = "Dear {#var#}, it's your code: {#var#}. Call 18001234567 - <Acme>"
BODY = "Dear Ravi, it’s your code: 482193. Call 18001234567 - <Acme>"


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    """A selection whose OTP messages have a curly quote."""
    path = seeding.seed(tmp_path_factory.mktemp("dlt") / "rmanalytics.duckdb", 300)
    with warehouse.writer(path) as connection:
        connection.execute("UPDATE messages SET body = $1 WHERE campaign_id = 'OTP-LOGIN'", [BODY])
        connection.execute("UPDATE messages SET body = 'fine' WHERE campaign_id <> 'OTP-LOGIN'")
        for campaign, content in (("OTP-LOGIN", CONTENT), ("ORDER-UPDATES", "fine")):
            ids = connection.execute(
                "SELECT DISTINCT template_id FROM messages WHERE campaign_id = $1", [campaign]
            ).fetchall()
            connection.execute(
                "INSERT INTO templates (template_id, content) VALUES ($1, $2)", [ids[0][0], content]
            )
        Updater(policy=STRICT).update(connection)
    asked = parameters.check(home=path, as_of=seeding.AS_OF, now=datetime.now(UTC))
    return selection.select(home=path, as_of=asked.as_of.isoformat())


def test_rate(chosen):
    """The rate names its policy and its interval."""
    told = template_checks.rate(crossing.crossing(chosen.checked), chosen)
    assert "domestic messages" in told
    assert "under the policy **strict**" in told


def test_an_unknown_tag_is_a_warning(tmp_path):
    """The page warns of templates whose tags nobody knows, with how they are read."""
    path = seeding.seed(tmp_path / "rmanalytics.duckdb", 20)
    with warehouse.writer(path) as connection:
        connection.execute(
            "INSERT INTO templates (template_id, content) VALUES ('1107', 'Your {#otp#} is {#Var#} by {#var#}.')"
        )
        Updater(policy=STRICT).update(connection)
    chosen = selection.select(home=path)
    said = template_checks.rate(crossing.crossing(chosen.checked), chosen)
    assert "1107: unknown tag {#otp#} (read as var; known are " in said
    assert "1107: invalid placeholder {#Var#} (read as fixed text; write {#var#})" in said


def test_nothing_checked(tmp_path):
    """Without templates the fix is told."""
    path = seeding.seed(tmp_path / "rmanalytics.duckdb", 20)
    told = template_checks.rate(
        crossing.crossing(selection.select(home=path).checked), selection.select(home=path)
    )
    assert "rmanalytics import templates FILE" in told


def test_diffs(chosen):
    """The template stands above the message, only the difference is marked, data is text, long numbers are masked."""
    shown = template_checks.diffs(crossing.fixes(chosen.checked), chosen).text
    assert '<mark class="want">&#x27;</mark>' in shown
    assert '<mark class="have">’</mark>' in shown
    assert "<Acme>" not in shown
    assert "482193" not in shown
    assert "48••••" in shown
    assert shown.count('<div class="diff">') == 1  # the others name templates that are not registered


def test_tables(chosen):
    """Kinds, causes and groups are told with their numbers."""
    kinds = crossing.kinds(chosen.checked)
    assert "curly quote" in template_checks.kinds_table(kinds).text
    assert template_checks.kinds(kinds).startswith("Most frequent is **")
    by_template = crossing.crossing(chosen.checked, "template_id")
    assert "100&nbsp;%" in template_checks.groups_table(by_template, "template_id").text
    assert "unknown template" in template_checks.fixes_table(crossing.fixes(chosen.checked)).text
    assert "does not match" in template_checks.crossing_table(crossing.crossing(chosen.checked)).text


@pytest.mark.parametrize(
    "text, shown",
    {
        "a code": ("OTP 482193!", "OTP 48••••!"),
        "a template id stays": ("1107000000000000101", "1107000000000000101"),
        "short numbers stay": ("in 10 of 999", "in 10 of 999"),
    }.values(),
)
def test_masked(text, shown):
    """Numbers that could be codes or telephone numbers are hidden."""
    assert masked(text) == shown


def test_characters_that_nobody_sees():
    """A no-break space among the characters that force UCS-2 has a sign."""
    names = ("campaign_id", "n_messages", "n_segments", "n_needless", "characters")
    frame = pd.DataFrame([("OTP", 1, 2, 1, ["\u00a0", "’"])], columns=names)
    assert "⍽ ’" in template_checks.needless_table(frame).text
