import { useEffect, useState } from 'react';
import type { DiskStructure, FieldNode } from '../../../core/browser.ts';
import type { DiskStructureEntry, StructureField } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import { request } from '../../lib/client.ts';
import type { UnitPlace } from './pages.ts';
import type { BlockView } from './view-model.ts';

function fieldOf({ children, meaning, malformed, ...rest }: StructureField): FieldNode {
  return {
    ...rest,
    ...(meaning === null ? {} : { meaning }),
    ...(malformed === null ? {} : { malformed }),
    ...(children.length === 0 ? {} : { children: children.map(fieldOf) }),
  };
}

const structureOf = (one: DiskStructureEntry): DiskStructure => ({
  ...one,
  offset: BigInt(one.offset),
  length: BigInt(one.length),
  fields: one.fields.map(fieldOf),
  children: one.children.map(structureOf),
});

/** How far the look at the disk has come. */
export interface Structures {
  readonly problems: readonly string[];
  readonly error: WireError | null;
  readonly loading: boolean;
}

const UNKNOWN: Structures = { problems: [], error: null, loading: true };

/** Asks what the disk holds, once the view is there, in each round after, and whenever its path is back. */
export function useStructures(
  view: BlockView,
  { id, lun, unit }: UnitPlace,
  { round, up }: { readonly round: number; readonly up: boolean },
): Structures {
  const [found, setFound] = useState(UNKNOWN);
  useEffect(() => {
    if (!up) return undefined;
    let gone = false;
    void request('blocks.structures', { id, lun, unit }).then((answer) => {
      if (gone) return;
      if (answer.ok) view.set({ structures: answer.value.structures.map(structureOf) });
      setFound(
        answer.ok
          ? { problems: answer.value.problems, error: null, loading: false }
          : { problems: [], error: answer.error, loading: false },
      );
    });
    return () => {
      gone = true;
      setFound((before) => (before.error === null ? before : UNKNOWN));
    };
  }, [view, id, lun, unit, round, up]);
  // That the path ended is told once, for the whole screen.
  return up || found.error === null ? found : UNKNOWN;
}
