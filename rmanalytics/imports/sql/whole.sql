-- whole(t): the whole number that a text writes, as people write it; null for any other, and for `1.000` and `1,00`,
-- which are 1 to some and 1000 or 100 to others.
CREATE OR REPLACE TEMP MACRO whole(t) AS CASE
    WHEN regexp_full_match(t, '[0-9]{1,3}[.]000') THEN NULL
    WHEN regexp_full_match(t, '[0-9]{1,18}([.]0+)?') THEN try_cast(t AS DECIMAL(20, 1))::BIGINT
    WHEN regexp_full_match(t, '[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}|[0-9]{1,3}([ \x{a0}\x{202f}][0-9]{3})+')
        THEN try_cast(regexp_replace(t, '[^0-9]', '', 'g') AS BIGINT)
END;
-- no_whole(name, t): why a text that is no whole number is refused.
CREATE OR REPLACE TEMP MACRO no_whole(name, t) AS name || CASE
    WHEN regexp_full_match(t, '[0-9]+([.,][0-9]+)+') THEN ' ' || t || ' can be read in two ways: write the digits only, such as 1000'
    ELSE ' is no whole number'
END
