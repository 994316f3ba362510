-- Filters, sorting and sums of what people read.
SELECT 1;
