/** Ids are random UUIDs: unguessable, and safe as part of a Kubernetes name. */

export const newId = (): string => crypto.randomUUID();

/** A box's namespace. One per box life, never reused; only our own ids reach a Kubernetes name. */
export const namespaceOf = (boxId: string): string => `customer-${boxId}`;

const NAMESPACE = /^customer-([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** The box a namespace belongs to, or undefined if it is not one of ours. */
export const boxIdOf = (namespace: string): string | undefined => NAMESPACE.exec(namespace)?.[1];
