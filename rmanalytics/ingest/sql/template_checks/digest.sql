-- One row: what tells the registered templates from those of another time.
SELECT substr(md5(coalesce(string_agg(t::VARCHAR, chr(10) ORDER BY t::VARCHAR), '')), 1, 12)
FROM (SELECT * EXCLUDE (imported_at) FROM templates) t
