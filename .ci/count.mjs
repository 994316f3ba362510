import { readFileSync } from 'node:fs';

/**
 * Prints the last line of a run and gives it its exit code.
 * Arguments: the JSON report of vitest, the exit code of `npm run verify`, the exit code of `npm test`.
 * A check that failed, a file that could not be loaded, and a run that broke off count as one failure each.
 */
const [report, verified, tested] = process.argv.slice(2);
const { passed, failed, skipped } = read(report);
const failures = failed + (verified === '0' ? 0 : 1) + (tested !== '0' && failed === 0 ? 1 : 0);
console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
process.exitCode = failures === 0 ? 0 : 1;

function read(path) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(path, 'utf8'));
    const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
    return { passed: numPassedTests, failed: numFailedTests + unloaded, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
