-- lost_digits(name, t): why an id that was made a number on its way, or marked as text, is refused; null for any other.
CREATE OR REPLACE TEMP MACRO lost_digits(name, t) AS CASE
    WHEN (contains(t, '.') OR contains(t, '+')) AND regexp_full_match(t, '{lost}') THEN name || ' {reason}'
    WHEN starts_with(t, '''') AND regexp_full_match(t, '{quoted}') THEN name || ' {why_quoted}'
END
