/** The types of firehose.js; what the members of the protocol's objects mean is in PROTOCOL.md. */

/** `<epoch>:<offset>`: "the last thing I processed". */
export type Cursor = string;

export interface Event {
  offset: number;
  id: string;
  /** RFC 3339. */
  time: string;
  type: string;
  source: string;
  subject?: string;
  attributes?: Record<string, string>;
  data_content_type?: string;
  /** At most one of these three: JSON, other text, or binary. */
  data?: unknown;
  data_text?: string;
  data_base64?: string;
  /** Of a stub: the data was too large to be sent. */
  oversize_bytes?: number;
}

export interface Filter {
  types?: string[];
  subjects?: string[];
  sources?: string[];
  attributes?: Record<string, string | string[]>;
}

export interface Delivery {
  mode?: 'lossless' | 'conflate' | 'sample';
  batch_max?: number;
  linger_ms?: number | null;
  /** With `fail` a gap ends the stream: onGap is called, `closed` says 4003, the cursor stays in front of the gap. */
  on_gap?: 'skip' | 'fail';
}

export interface Hello {
  type: 'hello';
  connection: string;
  log: {name: string; epoch: string; start: number; head: number};
  cursor: Cursor;
  until: string | null;
  filter: Filter;
  delivery: Delivery;
  heartbeat_s: number;
  limits: Record<string, number>;
  retry: {initial_ms: number; max_ms: number};
}

export interface Events {
  type: 'events';
  events: Event[];
  cursor: Cursor;
  /** In the modes conflate and sample: how many events were left out. */
  skipped?: number;
}

export interface Gap {
  after: Cursor;
  until: Cursor;
  reason: 'TRIMMED' | 'CORRUPT' | 'UNAVAILABLE';
}

export interface Ack {
  type: 'ack';
  id?: string;
  effective_after: Cursor;
}

export interface Page {
  type: 'page';
  id?: string;
  events: Event[];
  before: Cursor;
  after: Cursor;
  end: boolean;
  gaps: Gap[];
}

export interface Lag {
  type: 'lag';
  behind_events: number;
  behind_ms: number;
  deadline_ms: number;
}

export class FirehoseError extends Error {
  /**
   * The gateway's code, or one of the library:
   * - HANDLER_FAILED: a handler threw or rejected (`cause`); it will be called again with the same event or array.
   * - STORAGE_FAILED: the cursor could not be saved, which is tried again behind the next event; or it could not be
   *   loaded at the start, which ends the client, since any other place would be a guess.
   * - CLOSED: the connection ended in a way that would only come again, or a request waited when the client ended.
   */
  code: string;
  /** Whether the library, or a caller of a request, may try the same again. */
  retry: boolean;
  cursor: Cursor | null;
  cause?: unknown;
}

export type State =
  /** A connection is being made. */
  | 'connecting'
  /** The gateway has greeted. */
  | 'open'
  /** For the next attempt. */
  | 'waiting'
  /** The gateway ended the stream for good, and handlers have not yet had all that came. */
  | 'ending'
  | 'closed';

export interface Waiting {
  code: number;
  reason: string;
  delayMs: number;
}

export interface Outcome {
  /** Of the Close frame; 1000 where close() was called. */
  code: number;
  reason: string;
  /** Null where it ended as asked: close(), or `until` was reached. */
  error: FirehoseError | null;
}

export interface Options {
  /** Where to begin when nothing is stored: latest (default), earliest, tail:N, time:<RFC 3339>, or a cursor. */
  cursor?: string;
  /** Where to end: a cursor, time:<RFC 3339> or caught_up. */
  until?: string | null;
  filter?: Filter;
  delivery?: Delivery;
  heartbeat_s?: number;
  /**
   * Where the cursor is kept: the name of an item of localStorage (one for each page that is open at a time), or
   * something that loads and saves it; a promise is waited for. A stored cursor goes before `cursor`. When the log was
   * created anew or restored, the gateway refuses the cursor (CURSOR_WRONG_EPOCH): remove it, and begin anew.
   */
  storage?: string | {load(): string | null | Promise<string | null>; save(cursor: Cursor): void | Promise<void>};
  /** So many characters of messages may wait for handlers before the gateway is told to pause. Default 8 Mi. */
  bufferMax?: number;
  /** Default: the global one. */
  WebSocket?: unknown;
  /** One of the two. Called in order, one at a time; what they return is waited for; what fails is called again. */
  onEvent?(event: Event): unknown;
  onEvents?(events: Event[], message: Events): unknown;
  /** In order with the events, and as them, also where it fails. */
  onGap?(gap: Gap): unknown;
  /** Everything that the log has was handed over; again after each time that the client was behind. */
  onLive?(live: {cursor: Cursor}): unknown;
  /** The gateway warns that this client takes too little. */
  onLag?(lag: Lag): void;
  /** `detail` is the Hello of 'open', Waiting of 'waiting' and Outcome of 'closed'. */
  onState?(state: State, detail?: Hello | Waiting | Outcome): void;
  /** Default: console.error. The library goes on by itself, unless `closed` says otherwise. */
  onError?(error: FirehoseError): void;
}

/** Connects at once, and again when the connection is lost, until close() or a reason that would only come again. */
export class Firehose {
  /** `url` may be relative to the page, and begin with http. Throws a TypeError where the options are wrong. */
  constructor(url: string | URL, options: Options);
  readonly state: State;
  /** The last that was processed; null before the first greeting, when nothing was stored. */
  readonly cursor: Cursor | null;
  /** The greeting of the present connection. */
  readonly hello: Hello | null;
  /** Settles when nothing more will be handed over. Never rejects. */
  readonly closed: Promise<Outcome>;
  /**
   * Each that is named is replaced as a whole. The change holds for all events behind the ack's `effective_after`; those
   * up to it may still be handed over after the promise has settled. It outlives a connection, as other requests do.
   */
  setOptions(change: {filter?: Filter; delivery?: Delivery; heartbeat_s?: number}): Promise<Ack>;
  /** A page of up to `limit` (default 100) events in front of or behind a cursor, under the present filter. */
  fetch(page: {before?: Cursor; after?: Cursor; limit?: number}): Promise<Page>;
  /** The gateway's own word of where this client is. */
  ping(): Promise<Ack>;
  /** No event is handed over until resume(), beside the one whose handler runs; the gateway sends none. */
  pause(): void;
  resume(): void;
  /** Hands over nothing more, and saves the cursor when the handler that runs has ended. */
  close(): Promise<Outcome>;
}

/** Full jitter: a random part of a delay that doubles with each attempt, from 0. */
export function backoffMs(attempt: number, retry?: {initial_ms: number; max_ms: number}, random?: () => number): number;

/** What a close code asks for: never again, with growing delays, or at once (or when `drain` said). */
export function afterClose(code: number, hasUntil?: boolean): 'stop' | 'wait' | 'resume';

/** The query of a connection that begins with these options. */
export function queryOf(
    options: Pick<Options, 'cursor' | 'until' | 'filter' | 'delivery' | 'heartbeat_s'>): URLSearchParams;
