import { create } from 'zustand';
import type { DemoState } from '../../electron/contract/demo.ts';
import type { WireError } from '../../electron/contract/errors.ts';
import { request, subscribe } from '../lib/client.ts';

interface DemoStore {
  readonly state: DemoState;
  readonly error: WireError | null;
  readonly watch: () => () => void;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly switchScenario: (id: string, on: boolean) => Promise<void>;
}

/** The demo SAN as the main process tells of it. */
export const useDemo = create<DemoStore>()((set, get) => ({
  state: { phase: 'stopped', portals: [], targets: [], lessons: [], scenarios: [], initiators: 0 },
  error: null,
  watch: () =>
    subscribe('demo.state', undefined, {
      onItems: (items) => {
        const state = items.at(-1);
        if (state !== undefined) set({ state });
      },
      onEnd: (error) => set({ error }),
    }),
  start: async () => {
    if (get().state.phase === 'running') return;
    set({ error: null });
    const answer = await request('demo.start', undefined);
    if (!answer.ok) set({ error: answer.error });
  },
  switchScenario: async (id, on) => {
    const answer = await request('demo.setScenario', { id, on });
    if (!answer.ok) set({ error: answer.error });
  },
  stop: async () => {
    set({ error: null });
    const answer = await request('demo.stop', undefined);
    if (!answer.ok) set({ error: answer.error });
  },
}));
