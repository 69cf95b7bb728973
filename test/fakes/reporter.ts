/** Collects what a flow says while it works. */
import type { Advice } from '../../lib/core/values/command.ts';
import type { Reporter } from '../../lib/ports.ts';

export class FakeReporter implements Reporter {
  readonly progressLines: string[] = [];
  readonly warnings: string[] = [];
  readonly traces: { level: number; line: string }[] = [];

  progress(line: string): void {
    this.progressLines.push(line);
  }

  warn(line: string | Advice): void {
    this.warnings.push(String(line));
  }

  trace(level: number, line: string): void {
    this.traces.push({ level, line });
  }

  /** Progress and warnings together, one text to match against. */
  get text(): string {
    return [...this.progressLines, ...this.warnings].join('\n');
  }
}
