import { create } from 'zustand';
import type { WireError } from '../../electron/contract/errors.ts';
import type { SystemState } from '../../electron/contract/system.ts';
import { request } from '../lib/client.ts';

interface SystemStore {
  /** Null until it was read. */
  readonly state: SystemState | null;
  readonly error: WireError | null;
}

/** The initiator of the operating system: its names and sessions, as its files tell. */
export const useSystem = create<SystemStore>()(() => ({ state: null, error: null }));

/** Reads its files again; nothing is run and nothing is contacted. */
export async function readSystem(): Promise<void> {
  const answer = await request('system.read', undefined);
  useSystem.setState(answer.ok ? { state: answer.value, error: null } : { error: answer.error });
}
