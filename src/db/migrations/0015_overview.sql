-- Sums that people read.
SELECT 1;
