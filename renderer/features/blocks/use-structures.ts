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

/** Asks what the disk holds, once the view is there and in each round after. */
export function useStructures(view: BlockView, { id, lun, unit }: UnitPlace, round: number): Structures {
  const [found, setFound] = useState<Structures>({ problems: [], error: null, loading: true });
  useEffect(() => {
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
    };
  }, [view, id, lun, unit, round]);
  return found;
}
