-- Who proved a mailbox to take a workspace over.
SELECT 1;
