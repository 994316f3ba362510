-- What was published before, and what was verified when.
SELECT 1;
