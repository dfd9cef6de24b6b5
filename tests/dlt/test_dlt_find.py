"""Finding templates: all that fit, and the nearest otherwise."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.dlt_strategies import LAW, POLICIES, SMALL, SMALL_CONTENT, filled

from rmanalytics.dlt import Index, Policy, Reason, Template
from rmanalytics.dlt.engine.edits import cost
from rmanalytics.dlt.policy import Ignored, Spaces
from rmanalytics.dlt.prefilter import keys

STRICT = Policy()
TEMPLATES = [
    Template(template_id=f"110700000000000000{number}", content=content)
    for number, content in enumerate(
        [
            "Dear {#var#}, your OTP is {#numeric#}. Do not share it. - ACME",
            "Dear {#var#}, your order {#var#} is on its way. - ACME",
            "Dear {#var#}, your order {#var#} is delivered. - ACME",
            "{#var#}",
            "प्रिय {#var#}, आपका ऑर्डर {#var#} भेज दिया गया है।",
        ]
    )
]
INDEX = Index(TEMPLATES, STRICT)

FITS = {
    "one": ("Dear Ravi, your OTP is 4821. Do not share it. - ACME", [0]),
    "two, in the order given": ("Dear Ravi, your order X-1 is delivered", []),
    "a catch-all": ("Hello", [3]),
    "Hindi": ("प्रिय रवि, आपका ऑर्डर 12 भेज दिया गया है।", [4]),
}


@pytest.mark.parametrize("text, expected", FITS.values(), ids=FITS)
def test_fits(text, expected):
    """Every template that fits is found, and none that does not."""
    assert [template.template_id for template in INDEX.fits(text)] == [
        TEMPLATES[number].template_id for number in expected
    ]


@LAW
@given(st.lists(SMALL_CONTENT, max_size=6), SMALL, POLICIES)
@example(["a . a"], "a a", Policy(ignored=Ignored.AIRTEL_LIST, spaces=Spaces.COLLAPSE))
def test_the_index_loses_nothing(contents, text, policy):
    """Under any policy the index finds exactly the templates that fit when each is tried."""
    templates = [Template(template_id=str(n), content=content) for n, content in enumerate(contents)]
    assert Index(templates, policy).fits(text) == tuple(t for t in templates if t.fits(text, policy))


@LAW
@given(st.lists(filled(), min_size=1, max_size=5), st.data())
def test_a_filled_template_is_found(pairs, data):
    """Whatever other templates there are, a text finds the one it was made from."""
    template, text = data.draw(st.sampled_from(pairs))
    found = Index([template for template, _ in pairs], STRICT).fits(text)
    assert template in found


def test_each_kind_of_key():
    """A template is keyed by an end or a beginning, else by words, else tried against every text."""
    shared = [
        ["x" * 16, "one two three four five six"],
        *[["Dear ", " your own word here ", " - ACME"]] * 33,
        ["", ""],
    ]
    found = keys(shared)
    assert ([*found.by_affix], [*found.by_run], found.others) == (
        [(-16, None)],
        [3],
        [34],
    )


NEAREST = {
    "a typo": ("Dear Ravi, your ordr X-1 is delivered. - ACME", 2, [Reason.MISSING_TEXT]),
    "a curly quote in Hindi": ("प्रिय रवि, आपका ऑर्डर 12 भेज दिया गया है", 4, [Reason.PUNCTUATION]),
}


@pytest.mark.parametrize("text, first, reasons", NEAREST.values(), ids=NEAREST)
def test_nearest(text, first, reasons):
    """A text that fits none has the nearest template first, with what would have to change."""
    index = Index([template for template in TEMPLATES if template.content != "{#var#}"], STRICT)
    found = index.find(text)
    costs = [cost(explanation.edits) for explanation in found.nearest]
    assert found.fits == ()
    assert found.nearest[0].template == TEMPLATES[first]
    assert [fault.reason for fault in found.nearest[0].faults] == reasons
    assert costs == sorted(costs)


def test_no_words_in_common():
    """A text that shares no word with any template has some explanation all the same."""
    assert len(INDEX.nearest("zzz", n=2)) == 2


def test_no_templates():
    """Without templates nothing fits and nothing is near."""
    assert Index([], STRICT).find("Hello") == Index([], STRICT).find("")
