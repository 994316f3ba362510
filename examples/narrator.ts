/** Says one fact of the step that is being told. */
export type Say = (label: string, fact: string) => void;

export interface Narrator {
  /** Tells one step: runs it, shows how long it took and what it said. */
  step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T>;
  /** Tells a step that this door does not have. */
  skip(title: string, reason: string): void;
}
