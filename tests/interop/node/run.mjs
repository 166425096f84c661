// Runs every test of this folder and sums up in one last line: `node: N passed, N failed, N skipped`.

import fs from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const files = fs.readdirSync(here).filter((name) => name.endsWith('.test.mjs')).map((name) => path.join(here, name));

// One file at a time: each starts a service of its own, and the machine may be small.
const events = run({ files, concurrency: 1 });
const counts = { passed: 0, failed: 0, skipped: 0 };
events.on('test:pass', ({ skip, todo }) => {
  counts[skip !== undefined || todo !== undefined ? 'skipped' : 'passed'] += 1;
});
events.on('test:fail', () => {
  counts.failed += 1;
});
const report = events.compose(new spec());
report.pipe(process.stdout, { end: false });
await finished(report);
console.log(`node: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
