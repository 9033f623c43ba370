/** A reporter of vitest that says what failed at first and passed when it was tried again, and why it had failed. */
export default class SecondTry {
  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky !== true) return;
    const [error] = test.result().errors ?? [];
    const why = (error?.stack ?? error?.message ?? 'for no reason that was given').split('\n');
    process.stdout.write(`At the second try: ${test.module.relativeModuleId} > ${test.fullName}: ${why[0]}\n`);
    for (const line of why.slice(1, 20)) process.stdout.write(`  ${line.trim()}\n`);
  }
}
