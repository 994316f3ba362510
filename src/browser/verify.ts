/** Verifies an exported ledger in the browser. */
document.documentElement.classList.add('verifying');
