import { create } from 'zustand';

/** Something worth a person's attention. */
export interface Finding {
  readonly id: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly title: string;
  readonly detail: string;
  /** Goes to where it is seen. */
  readonly open?: () => void;
}

interface FindingsStore {
  readonly bySource: ReadonlyMap<string, readonly Finding[]>;
}

/** Findings of everything that looks for them, by who found them. */
export const useFindings = create<FindingsStore>()(() => ({ bySource: new Map() }));

/** Replaces what one source has found. */
export function setFindings(source: string, findings: readonly Finding[]): void {
  useFindings.setState(({ bySource }) => ({ bySource: new Map(bySource).set(source, findings) }));
}
