/** Lets a fault of what a caller gave surface on its own, apart from the protocol that met it. */
export function surface(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls what a caller gave; its faults never reach the protocol underneath. */
export function shielded(call: () => void): void {
  try {
    call();
  } catch (error) {
    surface(error);
  }
}
