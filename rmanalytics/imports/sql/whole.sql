-- whole(t): the whole number that a text writes, as people write it; null for any other.
CREATE OR REPLACE TEMP MACRO whole(t) AS CASE
    WHEN regexp_full_match(t, '[0-9]{1,18}([.]0+)?') THEN try_cast(t AS DECIMAL(20, 1))::BIGINT
    WHEN regexp_full_match(t, '[0-9]{1,3}(,[0-9]{2,3})+') THEN replace(t, ',', '')::BIGINT
END
