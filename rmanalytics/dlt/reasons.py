"""The one vocabulary of mismatches: what each word means and what fixes it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a message does not match its template. `MEANINGS` says what each word means."""

    CHANGED_CHARACTER = "changed_character"
    CHANGED_TEXT = "changed_text"
    MISSING_TEXT = "missing_text"
    EXTRA_TEXT = "extra_text"
    LEADING_TEXT = "leading_text"
    TRAILING_TEXT = "trailing_text"
    TRUNCATED = "truncated"
    LETTER_CASE = "letter_case"
    PUNCTUATION = "punctuation"
    CURLY_QUOTE = "curly_quote"
    NO_BREAK_SPACE = "no_break_space"
    LOOKALIKE = "lookalike"
    INVISIBLE_CHARACTER = "invisible_character"
    UNICODE_FORM = "unicode_form"
    DOUBLE_SPACE = "double_space"
    MISSING_SPACE = "missing_space"
    EXTRA_SPACE = "extra_space"
    LINE_ENDING = "line_ending"
    VARIABLE_TOO_LONG = "variable_too_long"
    VARIABLE_EMPTY = "variable_empty"
    VARIABLE_WRONG_TYPE = "variable_wrong_type"
    ALLOWANCE_EXCEEDED = "allowance_exceeded"
    DIFFERENT_TEXT = "different_text"
    ANOTHER_TEMPLATE_FITS = "another_template_fits"
    NO_TEMPLATE_ID = "no_template_id"
    UNKNOWN_TEMPLATE = "unknown_template"
    TEMPLATE_INACTIVE = "template_inactive"
    HEADER_NOT_REGISTERED = "header_not_registered"
    ENTITY_MISMATCH = "entity_mismatch"
    CATEGORY_MISMATCH = "category_mismatch"
    LINK_NOT_WHITELISTED = "link_not_whitelisted"
    OUTSIDE_HOURS = "outside_hours"


MEANINGS = {
    Reason.CHANGED_CHARACTER: "one character of the fixed text differs",
    Reason.CHANGED_TEXT: "a piece of the fixed text is worded differently",
    Reason.MISSING_TEXT: "a piece of the fixed text is missing",
    Reason.EXTRA_TEXT: "the message has text that the template does not have",
    Reason.LEADING_TEXT: "the message has text before the template's beginning",
    Reason.TRAILING_TEXT: "the message has text after the template's end",
    Reason.TRUNCATED: "the message stops before the template does",
    Reason.LETTER_CASE: "upper and lower case differ",
    Reason.PUNCTUATION: "a punctuation mark is missing, added or different",
    Reason.CURLY_QUOTE: "a quotation mark is curly where the template's is straight, or the reverse",
    Reason.NO_BREAK_SPACE: "a space is a special one, such as a no-break space",
    Reason.LOOKALIKE: "a character looks like the template's but is another one",
    Reason.INVISIBLE_CHARACTER: "the message has an invisible character",
    Reason.UNICODE_FORM: "the same letter is composed of other code points (NFC, NFD)",
    Reason.DOUBLE_SPACE: "two spaces where the template has one, or the reverse",
    Reason.MISSING_SPACE: "a space is missing",
    Reason.EXTRA_SPACE: "the message has a space that the template does not have",
    Reason.LINE_ENDING: "a line break is missing, added or of another kind",
    Reason.VARIABLE_TOO_LONG: "a value is longer than its variables may be",
    Reason.VARIABLE_EMPTY: "a variable has no value",
    Reason.VARIABLE_WRONG_TYPE: "a value is not of its variable's type",
    Reason.ALLOWANCE_EXCEEDED: "the values together are longer than all variables may be",
    Reason.DIFFERENT_TEXT: "the text has little in common with the template",
    Reason.ANOTHER_TEMPLATE_FITS: "the text does not match the template it names, but matches another one",
    Reason.NO_TEMPLATE_ID: "the message names no template",
    Reason.UNKNOWN_TEMPLATE: "the template id is not registered",
    Reason.TEMPLATE_INACTIVE: "the template is registered but not active",
    Reason.HEADER_NOT_REGISTERED: "the text matches, but the header is not linked to the template",
    Reason.ENTITY_MISMATCH: "the entity id is not the one that owns the template",
    Reason.CATEGORY_MISMATCH: "the kind of header does not suit the template's category",
    Reason.LINK_NOT_WHITELISTED: "a link in the text is not whitelisted",
    Reason.OUTSIDE_HOURS: "promotional, but planned outside 10:00 to 21:00 Indian time",
}
"""What each reason means, for people."""
