// What firehose_client_test.py runs in a page: views made with firehose.js or EventSource, which keep what they got.
import {Firehose} from '/firehose.js';

/** A Firehose that keeps what its handler is given, in order. A gated handler ends when openGate() is called. */
export function follow(url, {gated = false, ...options} = {}) {
  const gate = gated ? new Promise((resolve) => (globalThis.openGate = resolve)) : undefined;
  const seen = {events: [], gaps: [], states: [], waits: [], errors: []};
  const firehose = new Firehose(url, {
    heartbeat_s: 1,
    onEvent: ({offset, subject, data}) => {
      seen.events.push([offset, subject ?? '', data]);
      localStorage.setItem('handled', offset); // outlives the page, to the moment of its end
      return gate;
    },
    onGap: (gap) => seen.gaps.push(gap),
    onState: (state, detail) => {
      seen.states.push(state);
      if (state === 'waiting') seen.waits.push(detail);
    },
    onError: ({code, message}) => seen.errors.push([code, message]),
    ...options,
  });
  globalThis.view = {firehose, seen};
}

/** An EventSource that keeps the events, and what each connection was first told. */
export function followEvents(url) {
  const seen = {events: [], hellos: [], errors: 0, ended: false};
  const source = new EventSource(url);
  source.onmessage = ({data}) => {
    const message = JSON.parse(data);
    if (message.type === 'hello') seen.hellos.push(message.cursor);
    if (message.type === 'events') seen.events.push(...message.events.map((e) => [e.offset, e.subject ?? '', e.data]));
    if (message.type === 'error' && !message.retry) seen.refusal = message;
  };
  source.onerror = () => {
    seen.errors += 1;
    seen.ended = source.readyState === EventSource.CLOSED;
  };
  globalThis.view = {source, seen};
}
