/** One line of the table of states: a verb, how it is stopped, and what is so afterwards. Data alone: the page is written from it, the test goes through it. */

/** A change that a verb may make in the cluster, as an operator sees it. Leases, events and moments of zero change no traffic. */
export type Kind = 'weights' | 'template' | 'replicas' | 'pods' | 'pause';

/** Where the StatefulSet of two pods stands before. */
export type Scene =
  | 'nothing begun'
  | 'image set'
  | 'rolling update'
  | '0 drained'
  | '0 drained, held by a connection'
  | '0 drained and updated'
  | '0 and 1 updated, 1 drained'
  | 'unready image, 0 drained'
  | 'broken image, 0 drained'
  | 'surged by 1'
  | 'paused'
  | 'a Service leads to 0 alone'
  | 'held by a connection'
  | 'another operator holds the lease'
  | '0 drained, another operator holds the lease';

/** The write at which something happens. */
export type At = 'weights' | 'template' | 'replicas' | 'delete' | 'annotation';

export type Stop =
  /** Ctrl-C once the server has taken the write, or (`read`) while it answers a question. */
  | { by: 'Ctrl-C'; at: At | 'read' }
  /** Ctrl-C as soon as stderr shows this. */
  | { by: 'Ctrl-C'; when: string }
  /** SIGKILL behind each of its writes in turn; with `at` behind these alone. */
  | { by: 'kill'; at?: readonly At[] }
  /** The server takes the write and never answers, or (`read`) never answers anything. */
  | { by: 'silence'; at: At | 'read' }
  /** Somebody else changes the object before every one of these writes. */
  | { by: 'races'; at: At }
  /** Somebody else sets another image after the write. */
  | { by: 'another image'; at: At }
  /** On a terminal, with these answers. */
  | { by: 'answers'; keys: readonly string[] }
  /** The controller of the load balancer sleeps. */
  | { by: 'sleep' };

export interface Row {
  verb: string;
  /** As the page shows it. */
  state: string;
  scene: Scene;
  /** The words that are typed behind the verb. */
  words: string;
  stop?: Stop;
  /** Of a killed run: at most. */
  written: readonly Kind[];
  /** Absent: SIGKILL leaves none. */
  code?: number;
  /** Parts of what stderr says, or with -o json the output. */
  says: readonly string[];
  /** The same command, not stopped. */
  again: { code: number; written: readonly Kind[]; says: string };
}

/** Same again, and nothing new: how a verb that only reads goes on. */
export const readAgain = (code: number, says: string): Row['again'] => ({ code, written: [], says });
