#!/usr/bin/env node
// What handlers of firehose.js get, when the cursor moves, and what happens when they fail or fall behind.
import assert from 'node:assert/strict';
import test, {afterEach, beforeEach} from 'node:test';
import {at, deferred, FakeClock, FakeWebSocket, follow, settled} from './fake_browser.mjs';

let clock;
beforeEach(() => {
  clock = new FakeClock();
  FakeWebSocket.all = [];
});
afterEach(() => clock.restore());

test('everything of the stream is handed over in order', async () => {
  const {firehose, told} = await follow({cursor: 'earliest'});
  const socket = FakeWebSocket.last;
  assert.equal(socket.query.get('cursor'), 'earliest');
  assert.equal(socket.protocol, 'eventlog.v1.json');
  assert.equal(firehose.cursor, null);
  await socket.hello(-1);
  assert.equal(firehose.cursor, at(-1));
  await socket.events(0, 1);
  await socket.say({type: 'gap', after: at(1), until: at(4), reason: 'TRIMMED'});
  assert.equal(firehose.cursor, at(4));
  await socket.events(5);
  await socket.say({type: 'live', cursor: at(5)});
  await socket.say({type: 'of.a.later.version', cursor: at(99)});
  await socket.say({type: 'heartbeat', cursor: at(9), head: 10, time: ''});
  assert.deepEqual(told, [0, 1, `gap ${at(1)}..${at(4)}`, 5, 'live']);
  assert.equal(firehose.cursor, at(9));
});

test('a handler is waited for, and the cursor moves behind it', async () => {
  const waits = [deferred(), deferred()], saved = [], begun = [];
  const {firehose} = await follow({storage: {load: () => null, save: (cursor) => { saved.push(cursor); }},
    onEvent: ({offset}) => {
      begun.push(offset);
      return waits[offset].made;
    }});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.events(0, 1);
  assert.deepEqual([begun, firehose.cursor], [[0], at(-1)]);
  waits[0].resolve();
  await settled();
  assert.deepEqual([begun, firehose.cursor, saved], [[0, 1], at(0), [at(-1)]]);
  waits[1].resolve();
  await settled();
  assert.deepEqual([firehose.cursor, saved], [at(1), [at(-1), at(1)]]);
});

test('onEvents gets whole messages', async () => {
  const got = [];
  const {firehose} = await follow({onEvents: (events, {skipped}) => got.push([events.map((e) => e.offset), skipped])});
  await FakeWebSocket.last.hello(4);
  await FakeWebSocket.last.say({type: 'events', events: [{offset: 6}, {offset: 7}], cursor: at(8), skipped: 2});
  assert.deepEqual(got, [[[6, 7], 2]]);
  assert.equal(firehose.cursor, at(8));
});

test('an event whose handler fails is handed over again, and nothing behind it before', async () => {
  const calls = [], saved = [];
  let broken = true;
  const {firehose, errors} = await follow({storage: {load: () => null, save: (cursor) => { saved.push(cursor); }},
    onEvent: async ({offset}) => {
      calls.push(offset);
      if (offset === 1 && broken) throw new Error('no place');
    }});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.events(0, 1, 2);
  await FakeWebSocket.last.events(3);
  assert.deepEqual(calls, [0, 1]);
  assert.deepEqual([errors[0].code, errors[0].retry, errors[0].cause.message], ['HANDLER_FAILED', true, 'no place']);
  assert.deepEqual([firehose.cursor, saved.at(-1)], [at(0), at(0)]);
  await clock.advance(500);
  assert.deepEqual(calls, [0, 1, 1]);
  await clock.advance(999);
  assert.deepEqual(calls, [0, 1, 1]);
  broken = false;
  await clock.advance(1);
  assert.deepEqual(calls, [0, 1, 1, 1, 2, 3]);
  assert.deepEqual([firehose.cursor, saved.at(-1), errors.length], [at(3), at(3), 2]);
});

test('an array or a gap whose handler fails comes again too', async () => {
  const calls = [];
  const failOnce = (name) => {
    calls.push(name);
    if (calls.filter((call) => call === name).length === 1) throw new Error(name);
  };
  await follow({onEvents: (events) => failOnce(`events ${events.length}`), onGap: () => failOnce('gap')});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.say({type: 'gap', after: at(-1), until: at(2), reason: 'CORRUPT'});
  await FakeWebSocket.last.events(3, 4);
  await clock.advance(2000);
  assert.deepEqual(calls, ['gap', 'gap', 'events 2', 'events 2']);
});

test('close() lets the handler that runs end, and hands over nothing more', async () => {
  const wait = deferred(), calls = [], saved = [];
  const {firehose} = await follow({storage: {load: () => null, save: (cursor) => { saved.push(cursor); }},
    onEvent: ({offset}) => {
      calls.push(offset);
      return wait.made;
    }});
  const socket = FakeWebSocket.last;
  await socket.hello(-1);
  await socket.events(0, 1);
  let outcome;
  firehose.close().then((value) => (outcome = value));
  await settled();
  assert.deepEqual([socket.closedWith, outcome, firehose.state], [1000, undefined, 'closed']);
  wait.resolve();
  await settled();
  assert.deepEqual([calls, saved.at(-1)], [[0], at(0)]);
  assert.deepEqual(outcome, {code: 1000, reason: 'closed by the client', error: null});
  await clock.advance(100_000);
  assert.equal(FakeWebSocket.all.length, 1);
  assert.equal(clock.waiting, 0);
});

test('close() ends the wait of a handler that fails', async () => {
  const {firehose} = await follow({onEvent: () => { throw new Error('always'); }});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.events(0);
  assert.equal((await firehose.close()).code, 1000);
  assert.equal(clock.waiting, 0);
});

test('pause() holds back what is here, and tells the gateway', async () => {
  const {firehose, told} = await follow();
  const socket = FakeWebSocket.last;
  await socket.hello(-1);
  firehose.pause();
  await socket.events(0, 1);
  assert.deepEqual(told, []);
  firehose.resume();
  await settled();
  assert.deepEqual(told, [0, 1]);
  assert.deepEqual(socket.sent.map(({type}) => type), ['pause', 'resume']);
});

test('a handler that pauses gets nothing more of the same message', async () => {
  const calls = [];
  const {firehose} = await follow({onEvent: ({offset}) => {
    calls.push(offset);
    if (offset === 0) firehose.pause();
  }});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.events(0, 1);
  assert.deepEqual([calls, firehose.cursor], [[0], at(0)]);
  firehose.resume();
  await settled();
  assert.deepEqual([calls, firehose.cursor], [[0, 1], at(1)]);
});

test('what waits is bounded: the gateway is told to pause until half of it is gone', async () => {
  const waits = [deferred(), deferred(), deferred()];
  await follow({bufferMax: 250, onEvent: ({offset}) => waits[offset].made});
  const socket = FakeWebSocket.last;
  const pad = (offset) => socket.say({type: 'events', events: [{offset, pad: 'x'.repeat(50)}], cursor: at(offset)});
  await socket.hello(-1);
  await pad(0);
  assert.deepEqual(socket.sent, []);
  await pad(1);
  assert.deepEqual(socket.sent.map(({type}) => type), ['pause']);
  waits[0].resolve();
  await settled();
  assert.equal(socket.sent.length, 1, 'resumes too early');
  await socket.end(1006);
  await clock.advance(500);
  await FakeWebSocket.last.hello(1);
  assert.deepEqual(FakeWebSocket.last.sent, [], 'less than the most waits on the new connection');
  await pad(2);
  waits[1].resolve();
  waits[2].resolve();
  await settled();
});

test('a gap that ends the stream stays in front of the cursor', async () => {
  const {firehose, told} = await follow({delivery: {on_gap: 'fail'}});
  await FakeWebSocket.last.hello(1);
  await FakeWebSocket.last.say({type: 'gap', after: at(1), until: at(4), reason: 'TRIMMED'});
  await FakeWebSocket.last.end(4003, `gap cursor=${at(1)}`);
  const {code, error} = await firehose.closed;
  assert.deepEqual([told, firehose.cursor, code, error.code], [[`gap ${at(1)}..${at(4)}`], at(1), 4003, 'CLOSED']);
});

test('what came before the end is handed over before closed', async () => {
  const wait = deferred(), calls = [];
  const {firehose} = await follow({until: 'caught_up', onEvent: ({offset}) => {
    calls.push(offset);
    return wait.made;
  }});
  await FakeWebSocket.last.hello(-1, {until: at(1)});
  await FakeWebSocket.last.events(0, 1);
  await FakeWebSocket.last.say({type: 'heartbeat', cursor: at(1), head: 5, time: ''});
  await FakeWebSocket.last.end(1000);
  assert.equal(firehose.state, 'ending');
  wait.resolve();
  assert.deepEqual(await firehose.closed, {code: 1000, reason: '', error: null});
  assert.deepEqual([calls, firehose.cursor], [[0, 1], at(1)]);
});

test('the page\'s own failure in onState stops nothing', async () => {
  const real = globalThis.queueMicrotask, thrown = [];
  globalThis.queueMicrotask = (call) => {
    try { call(); } catch (error) { thrown.push(error.message); }
  };
  try {
    const {told} = await follow({onState: (state) => { if (state === 'open') throw new Error('of the page'); }});
    await FakeWebSocket.last.hello(-1);
    await FakeWebSocket.last.events(0);
    assert.deepEqual([told, thrown], [[0], ['of the page']]);
  } finally {
    globalThis.queueMicrotask = real;
  }
});
