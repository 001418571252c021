/**
 * A client of the firehose (PROTOCOL.md) for browsers and Node: a connection that comes back by itself.
 *
 *   const firehose = new Firehose('/api/events/firehose', {
 *     cursor: 'earliest',                           // where to begin when nothing is stored
 *     storage: 'my-view',                           // remember the place in localStorage
 *     filter: {types: ['session.*']},
 *     onEvent: async (event) => show(event),
 *   });
 *
 * - Handlers are called one at a time, in the order of the log; a promise that one returns is waited for.
 * - While the page lives each offset is handed over once, however often the connection is lost. After a reload it goes
 *   on behind the last cursor that was saved: an event may come a second time, none is left out.
 * - The cursor moves, and is saved, only behind what was processed: with onEvent behind each event (saved once for each
 *   message), with onEvents behind each array.
 * - A handler that throws or rejects loses nothing: onError gets a FirehoseError HANDLER_FAILED, and after a growing
 *   delay the handler is called again with the same event (or array). Until it succeeds, or close() is called, nothing
 *   behind is handed over and the cursor stays.
 * - What waits for a handler is bounded: above `bufferMax` characters of messages the gateway is told to pause.
 *
 * firehose.d.ts says more of each option and method. In Node without a WebSocket give the one of the package `ws`.
 */

const SUBPROTOCOL = 'eventlog.v1.json';
const RETRY = {initial_ms: 500, max_ms: 30_000}; // until a hello says otherwise
const BUFFER_MAX = 8 * 1024 * 1024;
const SILENCE_HEARTBEATS = 3; // so many heartbeats that did not come mean that the connection is lost
const HEARTBEAT_S = 20; // until a hello says otherwise: 60 s of silence
const CLIENT_IS_WRONG = [1002, 1003, 1007, 1008, 1009, 1010]; // close codes after which the same would happen again

/** `code` is the gateway's, or HANDLER_FAILED, STORAGE_FAILED or CLOSED. */
export class FirehoseError extends Error {
  constructor(code, message, {retry = false, cursor = null, cause = undefined} = {}) {
    super(message, {cause});
    Object.assign(this, {name: 'FirehoseError', code, retry, cursor});
  }
}

/** Before attempt 0, 1, 2…: a random part of a delay that doubles ("full jitter"), so that clients spread out. */
export function backoffMs(attempt, {initial_ms, max_ms} = RETRY, random = Math.random) {
  return random() * Math.min(max_ms, initial_ms * 2 ** Math.min(attempt, 30));
}

/** What a close code asks for: 'stop', 'wait' (growing delays) or 'resume' (at once, or when the drain said). */
export function afterClose(code, hasUntil = false) {
  if (code === 1000) return hasUntil ? 'stop' : 'wait'; // a proxy's: the gateway says it only when `until` is reached
  if (CLIENT_IS_WRONG.includes(code)) return 'stop';
  if (code === 1012) return 'resume';
  return {40: 'stop', 42: 'resume'}[Math.floor(code / 100)] ?? 'wait';
}

/** The query of a connection. */
export function queryOf({cursor, until, filter = {}, delivery = {}, heartbeat_s}) {
  const query = new URLSearchParams();
  const put = (name, values) => [values ?? []].flat().forEach((value) => query.append(name, value));
  put('cursor', cursor);
  put('type', filter.types);
  put('subject', filter.subjects);
  put('source', filter.sources);
  for (const [key, values] of Object.entries(filter.attributes ?? {})) put(`attr.${key}`, values);
  put('until', until);
  for (const name of ['mode', 'batch_max', 'linger_ms', 'on_gap']) put(name, delivery[name]);
  put('heartbeat_s', heartbeat_s);
  return query;
}

const offsetOf = (cursor) => Number(cursor.slice(cursor.lastIndexOf(':') + 1));

function storageOf(storage) {
  if (typeof storage !== 'string') return storage ?? {load: () => null, save: () => {}};
  return {load: () => localStorage.getItem(storage), save: (cursor) => localStorage.setItem(storage, cursor)};
}

export class Firehose {
  #url; #WebSocket; #handlers; #storage; #bufferMax;

  #settings; // filter, delivery, heartbeat_s as the gateway has acknowledged them: what a new connection asks for
  #until;
  #received; #receivedOffset = -1; // where a new connection goes on: all before is processed, or waits in #queue
  #processed = null;
  #saved = null;

  #state = 'connecting';
  #socket = null; #hello = null; #drain = null; #error = null; // of the present connection
  #timer = null; #retry = RETRY; #attempt = 0; // of the next one
  #silence = null;

  #queue = []; #queueSize = 0; // messages in order, the first one being processed; their characters
  #working = false;
  #wake = null; #handlerTimer = null; // each ends the delay of a handler that failed
  #paused = false; #held = false; // by the user; the gateway was told to pause
  #requests = new Map(); #requestCount = 0; // by id, in order; sent again on a new connection
  #outbox = []; #credit = 0; #creditAt = 0; #outboxTimer = null; // client messages that wait for their turn
  #fetched = Promise.resolve();
  #outcome = null; #resolveClosed;

  /** Begins at once. Throws a TypeError where the options are wrong. */
  constructor(url, {cursor = 'latest', until = null, filter, delivery, heartbeat_s, storage, bufferMax = BUFFER_MAX,
    WebSocket = globalThis.WebSocket, onEvent, onEvents, onGap, onLive, onLag, onState, onError = console.error,
    ...unknown} = {}) {
    if (Object.keys(unknown).length > 0) throw new TypeError(`no such option: ${Object.keys(unknown).join(', ')}`);
    if (!onEvent === !onEvents) throw new TypeError('give one of onEvent and onEvents');
    if (!WebSocket) throw new TypeError('there is no WebSocket here: give one, of the package ws for instance');
    this.#url = new URL(url, globalThis.location?.href).href.replace(/^http/, 'ws');
    if (/[?#]/.test(this.#url)) throw new TypeError(`${url}: the query is made of the options`);
    this.#WebSocket = WebSocket;
    this.#handlers = {onEvent, onEvents, onGap, onLive, onLag, onState, onError};
    this.#storage = storageOf(storage);
    this.#bufferMax = bufferMax;
    this.#settings = {filter, delivery, heartbeat_s};
    this.#until = until;
    this.#received = cursor;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#begin();
  }

  get state() { return this.#state; }
  get cursor() { return this.#processed; }
  get hello() { return this.#hello; }

  setOptions(change) {
    return this.#request({type: 'options', ...change}, () => {
      Object.assign(this.#settings, change);
      if (this.#hello && change.heartbeat_s) this.#hello.heartbeat_s = change.heartbeat_s;
    });
  }

  fetch({before, after, limit}) {
    const page = this.#fetched.then(() => this.#request({type: 'fetch', before, after, limit}));
    this.#fetched = page.catch(() => {});
    return page;
  }

  ping() { return this.#request({type: 'ping'}); }

  pause() {
    this.#paused = true;
    this.#hold();
  }

  resume() {
    this.#paused = false;
    this.#hold();
    this.#work();
  }

  close() {
    this.#end({code: 1000, reason: 'closed by the client', error: null});
    return this.closed;
  }

  async #begin() {
    try {
      this.#saved = await this.#storage.load();
    } catch (cause) { // to begin anywhere else would be a guess
      const error = new FirehoseError('STORAGE_FAILED', `the cursor cannot be loaded: ${cause}`, {cause});
      return this.#end({code: 1000, reason: error.message, error});
    }
    if (this.#saved) this.#received = this.#processed = this.#saved;
    if (this.#state !== 'closed') this.#connect();
  }

  #connect() {
    this.#error = this.#drain = null;
    this.#become('connecting');
    const query = queryOf({cursor: this.#received, until: this.#until, ...this.#settings});
    let socket;
    try {
      socket = this.#socket = new this.#WebSocket(`${this.#url}?${query}`, SUBPROTOCOL);
    } catch (cause) { // an address that the browser forbids
      const error = new FirehoseError('CLOSED', String(cause), {cause});
      return this.#end({code: 1006, reason: error.message, error});
    }
    // An abandoned socket may still speak.
    socket.onmessage = ({data}) => socket === this.#socket && this.#onMessage(data);
    socket.onclose = ({code, reason}) => socket === this.#socket && this.#onClose(code, reason);
    socket.onerror = () => {}; // a close follows, which says more
    this.#listen();
  }

  /** Begins the wait for the next message anew. */
  #listen() {
    clearTimeout(this.#silence);
    const heartbeat_s = this.#hello?.heartbeat_s ?? this.#settings.heartbeat_s ?? HEARTBEAT_S;
    this.#silence = setTimeout(() => this.#abandon('silence'), SILENCE_HEARTBEATS * heartbeat_s * 1000);
  }

  /** Does not wait for the answer to a close: there may be nobody to give one. */
  #abandon(reason) {
    const socket = this.#socket;
    this.#socket = null;
    socket.close();
    this.#onClose(1006, reason);
  }

  #onMessage(data) {
    let message;
    try { message = JSON.parse(data); } catch { return this.#abandon('a message that is not JSON'); }
    switch (message.type) {
      case 'hello': this.#onHello(message); break;
      case 'events': case 'gap': case 'live': case 'heartbeat': this.#take(message, data.length); break;
      case 'drain': this.#drain = message; break;
      case 'lag': this.#tell('onLag', message); break;
      case 'ack': case 'page': this.#answer(message); break;
      case 'error': {
        const error = new FirehoseError(message.code, message.message, message);
        if (message.id !== undefined) this.#answer(message, error);
        else this.#tell('onError', this.#error = error);
        break;
      }
      default: // of a later version
    }
    if (this.#socket) this.#listen();
  }

  #onHello(hello) {
    this.#hello = hello;
    this.#held = false;
    this.#outbox = []; this.#credit = Infinity; // up to the burst
    this.#retry = hello.retry ?? RETRY;
    this.#until = hello.until ?? this.#until; // resolved: "caught_up" would be somewhere else next time
    if (this.#processed === null) this.#take({type: 'position', cursor: hello.cursor}, 0);
    this.#receivedOffset = Math.max(this.#receivedOffset, offsetOf(hello.cursor));
    this.#become('open', hello);
    this.#hold();
    this.#send(...[...this.#requests.values()].map(({message}) => message));
  }

  #onClose(code, reason) {
    clearTimeout(this.#silence);
    this.#socket = this.#hello = null;
    const next = this.#error && !this.#error.retry ? 'stop' : afterClose(code, this.#until !== null);
    if (next === 'stop') {
      this.#become('ending');
      this.#rejectRequests();
      const error = code === 1000 ? null : this.#error ?? new FirehoseError('CLOSED', `${code} ${reason}`);
      this.#queue.push({type: 'end', size: 0, outcome: {code, reason, error}});
      return this.#work();
    }
    let delayMs = 0;
    if (this.#drain) delayMs = this.#drain.reconnect_after_ms;
    else if (next === 'wait') delayMs = backoffMs(this.#attempt++, this.#retry);
    else if (code === 1012) delayMs = backoffMs(0, this.#retry);
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    this.#become('waiting', {code, reason, delayMs});
  }

  /** Puts a message of the stream behind those that wait, without what was there before. */
  #take(message, size) {
    if (message.type !== 'position') this.#attempt = 0;
    // Where a gap ends the stream, it is still in front of who comes back.
    const gap = this.#settings.delivery?.on_gap === 'fail' ? message.after : message.until;
    const cursor = message.type === 'gap' ? gap : message.cursor;
    if (message.type === 'events') {
      message.events = message.events.filter(({offset}) => offset > this.#receivedOffset);
      message.given = 0;
    }
    if (message.type === 'gap' && offsetOf(message.until) <= this.#receivedOffset) return;
    this.#queue.push({message, type: message.type, cursor, size, epoch: cursor.slice(0, cursor.lastIndexOf(':'))});
    this.#queueSize += size;
    this.#received = cursor;
    this.#receivedOffset = Math.max(this.#receivedOffset, offsetOf(cursor));
    this.#hold();
    this.#work();
  }

  get #halted() { return this.#paused || this.#state === 'closed'; }

  /** Hands over what waits. The only place that calls handlers of the stream. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    for (let failures = 0; this.#queue.length > 0 && !this.#halted;) {
      const item = this.#queue[0];
      if (item.type === 'end') this.#end(item.outcome);
      else try {
        if (await this.#give(item)) {
          this.#queue.shift();
          this.#queueSize -= item.size;
          this.#processed = item.cursor;
          this.#hold();
        }
        failures = 0;
        await this.#save();
      } catch (cause) {
        await this.#save();
        this.#tell('onError', new FirehoseError('HANDLER_FAILED', `a handler failed: ${cause}`, {retry: true, cause}));
        if (this.#halted) continue;
        const delayMs = backoffMs(failures++, this.#retry);
        await new Promise((resolve) => {
          this.#wake = resolve;
          this.#handlerTimer = setTimeout(resolve, delayMs);
        });
      }
    }
    this.#working = false;
    if (this.#outcome) this.#resolveClosed(this.#outcome);
  }

  /** Whether all of it was processed: pause() and close() leave the rest. */
  async #give({type, message, epoch}) {
    const {onEvent, onEvents, onGap, onLive} = this.#handlers;
    await {gap: onGap, live: onLive}[type]?.(message);
    if (type !== 'events' || message.events.length === 0) return true;
    if (onEvents) await onEvents(message.events, message);
    else while (message.given < message.events.length && !this.#halted) {
      const event = message.events[message.given];
      await onEvent(event);
      message.given += 1;
      this.#processed = `${epoch}:${event.offset}`;
    }
    return onEvents || message.given === message.events.length;
  }

  async #save() {
    if (this.#processed === this.#saved) return;
    const cursor = this.#processed;
    try {
      await this.#storage.save(cursor);
      this.#saved = cursor;
    } catch (cause) {
      const words = `the cursor ${cursor} cannot be saved: ${cause}`;
      this.#tell('onError', new FirehoseError('STORAGE_FAILED', words, {retry: true, cause}));
    }
  }

  /** Tells the gateway to pause where the user wants it or too much waits, and to go on when half of it is gone. */
  #hold() {
    const hold = this.#paused || this.#queueSize > (this.#held ? this.#bufferMax / 2 : this.#bufferMax);
    if (hold === this.#held || !this.#hello) return;
    this.#held = hold;
    // With an id, since an error without one would be of the connection; nobody waits for the answer.
    this.#send({type: hold ? 'pause' : 'resume', id: 'hold'});
  }

  #request(message, whenAcknowledged = () => {}) {
    return new Promise((resolve, reject) => {
      const id = `r${++this.#requestCount}`;
      this.#requests.set(id, {message: {...message, id}, whenAcknowledged, resolve, reject});
      if (this.#hello) this.#send({...message, id});
      if (this.#state === 'closed' || this.#state === 'ending') this.#rejectRequests();
    });
  }

  #answer(message, error = null) {
    const request = this.#requests.get(message.id);
    if (!request) return;
    this.#requests.delete(message.id);
    if (error) return request.reject(error);
    request.whenAcknowledged();
    request.resolve(message);
  }

  #rejectRequests() {
    for (const {reject} of this.#requests.values()) reject(new FirehoseError('CLOSED', 'the firehose is closed'));
    this.#requests.clear();
  }

  /** Sends at half of the rate that the gateway allows, in bursts of half of what it allows: it ends who sends more. */
  #send(...messages) {
    this.#outbox.push(...messages);
    const {client_messages_per_second: rate = 10, client_messages_burst: burst = 100} = this.#hello.limits ?? {};
    const now = performance.now();
    this.#credit = Math.min(burst / 2, this.#credit + (now - this.#creditAt) * rate / 2000);
    this.#creditAt = now;
    for (; this.#outbox.length > 0 && this.#credit >= 1; --this.#credit) {
      this.#socket.send(JSON.stringify(this.#outbox.shift()));
    }
    clearTimeout(this.#outboxTimer);
    if (this.#outbox.length > 0) this.#outboxTimer = setTimeout(() => this.#hello && this.#send(), 2000 / rate);
  }

  #end(outcome) {
    if (this.#state === 'closed') return;
    for (const timer of [this.#timer, this.#silence, this.#handlerTimer, this.#outboxTimer]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = this.#hello = null;
    socket?.close(1000);
    this.#rejectRequests();
    this.#outcome = outcome;
    this.#become('closed', outcome);
    this.#wake?.();
    if (!this.#working) this.#resolveClosed(outcome);
  }

  #become(state, detail) {
    this.#state = state;
    this.#tell('onState', state, detail);
  }

  /** For handlers that are not part of the stream: a failure of theirs is the page's, and does not stop the client. */
  #tell(name, ...values) {
    try {
      this.#handlers[name]?.(...values);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}
