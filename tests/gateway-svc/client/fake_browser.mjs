// What firehose.js finds in a browser, under the test's control: WebSocket, timers, random numbers.
import assert from 'node:assert/strict';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const library = path.join(process.env.TEST_SRCDIR, 'eventlog/gateway-svc/client/firehose.js');
export const {Firehose, FirehoseError, afterClose, backoffMs, queryOf} = await import(pathToFileURL(library));

export const EPOCH = '00000000000000e1';
export const at = (offset) => `${EPOCH}:${offset}`;

/** All promises that can go on have gone on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Replaces timers, clock and Math.random until restore(). Each random number is 0.5: a delay is half of the most. */
export class FakeClock {
  #real = {setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, random: Math.random,
    now: performance.now};
  #timers = new Map();
  #count = 0;
  now = 0;

  constructor() {
    globalThis.setTimeout = (call, ms) => {
      this.#timers.set(++this.#count, {call, due: this.now + ms});
      return this.#count;
    };
    globalThis.clearTimeout = (number) => this.#timers.delete(number);
    Math.random = () => 0.5;
    performance.now = () => this.now;
  }

  restore() {
    const {random, now, ...timers} = this.#real;
    Object.assign(globalThis, timers);
    Math.random = random;
    performance.now = now;
  }

  async advance(ms) {
    const end = this.now + ms;
    for (;;) {
      await settled();
      const [number, timer] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due)[0] ?? [];
      if (timer === undefined || timer.due > end) break;
      this.#timers.delete(number);
      this.now = timer.due;
      timer.call();
    }
    this.now = end;
    await settled();
  }

  get waiting() { return this.#timers.size; }
}

/** One connection as the test plays the gateway. */
export class FakeWebSocket {
  static all = [];
  static get last() { return FakeWebSocket.all.at(-1); }

  sent = [];
  closedWith = null;

  constructor(url, protocol) {
    if (url.includes('forbidden')) throw new Error('insecure');
    this.url = new URL(url);
    this.protocol = protocol;
    FakeWebSocket.all.push(this);
  }

  get query() { return this.url.searchParams; }

  send(text) {
    assert.equal(this.closedWith, null, 'sends after its close');
    this.sent.push(JSON.parse(text));
  }

  close(code) { this.closedWith = code ?? 1005; }

  async say(message) {
    this.onmessage({data: typeof message === 'string' ? message : JSON.stringify(message)});
    await settled();
  }

  hello(offset, more = {}) {
    return this.say({type: 'hello', connection: 'c', log: {name: 'events', epoch: EPOCH, start: 0, head: offset + 1},
      cursor: at(offset), until: null, heartbeat_s: 15, retry: {initial_ms: 1000, max_ms: 8000}, ...more});
  }

  events(...offsets) {
    return this.say({type: 'events', events: offsets.map((offset) => ({offset, id: `e${offset}`, type: 'a'})),
      cursor: at(offsets.at(-1))});
  }

  async end(code, reason = '') {
    this.onclose({code, reason});
    await settled();
  }
}

/** A Firehose on fake sockets that keeps what it tells: `told` the stream in order, `states`, `errors`. */
export async function follow(options = {}) {
  const told = [], states = [], errors = [];
  const handler = options.onEvents ? {} : {onEvent: ({offset}) => told.push(offset)};
  const firehose = new Firehose('ws://gateway/firehose', {WebSocket: FakeWebSocket, ...handler,
    onGap: ({after, until}) => told.push(`gap ${after}..${until}`), onLive: () => told.push('live'),
    onState: (state, detail) => states.push([state, detail]), onError: (error) => errors.push(error), ...options});
  await settled();
  const delays = () => states.filter(([state]) => state === 'waiting').map(([, {delayMs}]) => delayMs);
  return {firehose, told, states, errors, delays};
}

/** A promise that the test settles. */
export function deferred() {
  let resolve;
  const made = new Promise((settle) => (resolve = settle));
  return {made, resolve};
}
