import type { FieldNode } from '../../../core/bytes/index.ts';

/** The first node of a name in a field tree. */
export function findNode(node: FieldNode, name: string): FieldNode | undefined {
  if (node.name === name) return node;
  for (const child of node.children ?? []) {
    const found = findNode(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
