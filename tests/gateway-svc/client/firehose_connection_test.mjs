#!/usr/bin/env node
// How firehose.js comes back, where it goes on, what it stores, and what becomes of its requests.
import assert from 'node:assert/strict';
import test, {afterEach, beforeEach} from 'node:test';
import {at, FakeClock, FakeWebSocket, follow, settled} from './fake_browser.mjs';

let clock;
beforeEach(() => {
  clock = new FakeClock();
  FakeWebSocket.all = [];
});
afterEach(() => clock.restore());

async function reconnected(ms) {
  const count = FakeWebSocket.all.length;
  await clock.advance(ms - 1);
  assert.equal(FakeWebSocket.all.length, count, 'comes back too early');
  await clock.advance(1);
  assert.equal(FakeWebSocket.all.length, count + 1, 'does not come back');
  return FakeWebSocket.last;
}

test('it goes on behind what came, and drops what came before', async () => {
  const {told} = await follow({cursor: 'tail:3'});
  await FakeWebSocket.last.hello(6);
  await FakeWebSocket.last.events(7, 8);
  await FakeWebSocket.last.end(1006);
  const second = await reconnected(500);
  assert.equal(second.query.get('cursor'), at(8));
  await second.hello(8);
  await second.say({type: 'gap', after: at(5), until: at(8), reason: 'TRIMMED'});
  await second.events(7, 8, 9);
  await second.events(9);
  assert.deepEqual(told, [7, 8, 9]);
});

test('"latest" and "caught_up" mean the same place on every connection', async () => {
  await follow({until: 'caught_up'});
  await FakeWebSocket.last.hello(41, {until: at(50)});
  await FakeWebSocket.last.end(1001);
  const {query} = await reconnected(500);
  assert.deepEqual([query.get('cursor'), query.get('until')], [at(41), at(50)]);
});

test('delays grow, by the hints of hello, until something came', async () => {
  const {delays} = await follow();
  await FakeWebSocket.last.end(1006);
  await (await reconnected(250)).end(1006);
  await (await reconnected(500)).hello(-1);
  await FakeWebSocket.last.end(1013); // greeted, and then told to go: not yet a success
  await (await reconnected(2000)).hello(-1);
  await FakeWebSocket.last.end(4100);
  await (await reconnected(4000)).end(1006);
  await (await reconnected(4000)).hello(-1);
  await FakeWebSocket.last.say({type: 'live', cursor: at(-1)});
  await FakeWebSocket.last.end(1006);
  await reconnected(500);
  assert.deepEqual(delays(), [250, 500, 2000, 4000, 4000, 500]);
});

test('the hundreds 42 come back at once', async () => {
  await follow();
  await FakeWebSocket.last.hello(3);
  await FakeWebSocket.last.end(4200, `slow cursor=${at(3)}`);
  await clock.advance(0);
  assert.equal(FakeWebSocket.all.length, 2);
  assert.equal(FakeWebSocket.last.query.get('cursor'), at(3));
});

test('a drain says when to come back', async () => {
  await follow();
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.say({type: 'drain', deadline_ms: 500, reconnect_after_ms: 1234});
  await FakeWebSocket.last.end(1012);
  await (await reconnected(1234)).end(1006);
  await (await reconnected(500)).hello(-1);
  await FakeWebSocket.last.end(1012); // a restart without a drain: spread out all the same
  await reconnected(500);
});

test('the hundreds 40 end it, with the reason that was told', async () => {
  const {firehose, errors} = await follow();
  await FakeWebSocket.last.say({type: 'error', code: 'CURSOR_WRONG_EPOCH', message: 'another', retry: false});
  await FakeWebSocket.last.end(4001);
  const {code, error} = await firehose.closed;
  assert.deepEqual([code, error.code, error.message], [4001, 'CURSOR_WRONG_EPOCH', 'another']);
  assert.equal(errors[0], error);
  await clock.advance(1_000_000);
  assert.equal(FakeWebSocket.all.length, 1);
});

test('a told end holds where its close is lost, and one that may be retried is', async () => {
  const one = await follow();
  await FakeWebSocket.last.say({type: 'error', code: 'BAD_REQUEST', message: 'no', retry: false});
  await FakeWebSocket.last.end(1006);
  assert.equal((await one.firehose.closed).error.code, 'BAD_REQUEST');
  const other = await follow();
  await FakeWebSocket.last.say({type: 'error', code: 'UPSTREAM_UNAVAILABLE', message: 'later', retry: true});
  await FakeWebSocket.last.end(1013);
  await reconnected(250);
  assert.deepEqual(other.errors.map(({code, retry}) => [code, retry]), [['UPSTREAM_UNAVAILABLE', true]]);
});

test('silence is a lost connection, whose late messages are not heard', async () => {
  const {told, states} = await follow();
  const first = FakeWebSocket.last;
  await first.hello(-1, {heartbeat_s: 2});
  await clock.advance(5999);
  await first.say({type: 'heartbeat', cursor: at(-1), head: 0, time: ''});
  await clock.advance(5999);
  assert.equal(first.closedWith, null);
  await clock.advance(1);
  assert.equal(first.closedWith, 1005);
  assert.deepEqual(states.at(-1), ['waiting', {code: 1006, reason: 'silence', delayMs: 500}]);
  await first.events(0);
  await first.end(1006);
  await (await reconnected(500)).hello(-1);
  assert.deepEqual([told, FakeWebSocket.all.length], [[], 2]);
});

test('a connection that is never greeted is given up after a minute', async () => {
  await follow();
  await clock.advance(59_999);
  assert.equal(FakeWebSocket.last.closedWith, null);
  await clock.advance(1);
  assert.equal(FakeWebSocket.last.closedWith, 1005);
});

test('what cannot be read is not passed over: it comes again', async () => {
  await follow();
  await FakeWebSocket.last.hello(5);
  await FakeWebSocket.last.say('{"type":"events"');
  assert.equal((await reconnected(500)).query.get('cursor'), at(5));
});

test('an address that the browser forbids ends it', async () => {
  const {Firehose} = await import('./fake_browser.mjs');
  const firehose = new Firehose('http://forbidden/', {WebSocket: FakeWebSocket, onEvent: () => {}});
  assert.match((await firehose.closed).error.message, /insecure/);
});

test('an address may be relative to the page', async () => {
  globalThis.location = {href: 'https://site.example/app/index.html'};
  try {
    const {Firehose} = await import('./fake_browser.mjs');
    const firehose = new Firehose('/api/events/firehose', {WebSocket: FakeWebSocket, onEvent: () => {}});
    await settled();
    assert.equal(FakeWebSocket.last.url.href, 'wss://site.example/api/events/firehose?cursor=latest');
    await firehose.close();
  } finally {
    delete globalThis.location;
  }
});

test('the place is kept in localStorage, and goes before the option', async () => {
  const items = new Map([['view', at(7)]]);
  globalThis.localStorage = {getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value)};
  try {
    const {firehose} = await follow({storage: 'view', cursor: 'earliest'});
    assert.equal(FakeWebSocket.last.query.get('cursor'), at(7));
    assert.equal(firehose.cursor, at(7));
    await FakeWebSocket.last.hello(7);
    await FakeWebSocket.last.events(8);
    assert.equal(items.get('view'), at(8));
  } finally {
    delete globalThis.localStorage;
  }
});

test('a place that cannot be loaded ends it; one that cannot be saved is told and tried again', async () => {
  const ended = await follow({storage: {load: async () => { throw new Error('denied'); }, save: () => {}}});
  assert.equal((await ended.firehose.closed).error.code, 'STORAGE_FAILED');
  assert.equal(FakeWebSocket.all.length, 0);
  const saved = [];
  let full = true;
  const save = (cursor) => {
    if (full) throw new Error('full');
    saved.push(cursor);
  };
  const {told, errors} = await follow({storage: {load: () => null, save}});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.events(0);
  assert.deepEqual(errors.map(({code}) => code), ['STORAGE_FAILED', 'STORAGE_FAILED']);
  full = false;
  await FakeWebSocket.last.events(1);
  assert.deepEqual([told, saved], [[0, 1], [at(1)]]);
});

test('options hold from their ack on, on later connections too', async () => {
  const {firehose} = await follow({filter: {types: ['a']}, delivery: {mode: 'lossless'}});
  const socket = FakeWebSocket.last;
  await socket.hello(3);
  const acked = firehose.setOptions({filter: {types: ['b'], attributes: {lang: 'de'}}, heartbeat_s: 1});
  const [{id, ...sent}] = socket.sent;
  assert.deepEqual(sent, {type: 'options', filter: {types: ['b'], attributes: {lang: 'de'}}, heartbeat_s: 1});
  await socket.say({type: 'ack', id, effective_after: at(3)});
  assert.equal((await acked).effective_after, at(3));
  await clock.advance(3000); // of silence, by the new heartbeat
  const {query} = await reconnected(500);
  assert.deepEqual([query.getAll('type'), query.get('attr.lang'), query.get('mode')], [['b'], 'de', 'lossless']);
});

test('options that are refused change nothing', async () => {
  const {firehose, errors} = await follow({filter: {types: ['a']}});
  await FakeWebSocket.last.hello(3);
  const why = {code: 'MESSAGE_INVALID', retry: false};
  const refused = assert.rejects(firehose.setOptions({filter: {types: ['*']}}), why);
  const {id} = FakeWebSocket.last.sent[0];
  await FakeWebSocket.last.say({type: 'error', code: 'MESSAGE_INVALID', message: 'no', retry: false, id});
  await refused;
  assert.deepEqual(errors, []);
  await FakeWebSocket.last.end(1006);
  assert.deepEqual((await reconnected(500)).query.getAll('type'), ['a']);
});

test('requests outlive a connection, in order, and fetches wait for each other', async () => {
  const {firehose} = await follow();
  const answers = [firehose.ping(), firehose.setOptions({filter: {}}), firehose.fetch({before: at(9), limit: 2}),
    assert.rejects(firehose.fetch({after: at(9)}), {code: 'UPSTREAM_UNAVAILABLE', retry: true})];
  const types = (socket) => socket.sent.map(({type}) => type);
  assert.deepEqual(types(FakeWebSocket.last), []);
  await FakeWebSocket.last.hello(9);
  assert.deepEqual(types(FakeWebSocket.last), ['ping', 'options', 'fetch']);
  await FakeWebSocket.last.say({type: 'ack', id: FakeWebSocket.last.sent[0].id, effective_after: at(9)});
  assert.equal((await answers[0]).effective_after, at(9));
  await FakeWebSocket.last.end(1006);
  const second = await reconnected(500);
  await second.hello(9);
  assert.deepEqual(types(second), ['options', 'fetch']);
  const page = {type: 'page', id: second.sent[1].id, events: [], before: at(7), after: at(8), end: false, gaps: []};
  await second.say(page);
  assert.deepEqual(await answers[2], page);
  assert.deepEqual(types(second), ['options', 'fetch', 'fetch']);
  await second.say({type: 'error', id: second.sent[2].id, code: 'UPSTREAM_UNAVAILABLE', message: 'later', retry: true});
  await answers[3];
  const last = firehose.fetch({after: at(9)});
  await settled();
  firehose.close();
  await assert.rejects(answers[1], {code: 'CLOSED'});
  await assert.rejects(last, {code: 'CLOSED'});
  await assert.rejects(firehose.ping(), {code: 'CLOSED'});
});

test('a warning that the client takes too little is told', async () => {
  const lags = [];
  await follow({onLag: (lag) => lags.push(lag.behind_events)});
  await FakeWebSocket.last.hello(-1);
  await FakeWebSocket.last.say({type: 'lag', behind_events: 7, behind_ms: 1, deadline_ms: 2});
  assert.deepEqual(lags, [7]);
});

test('client messages keep to half of what the gateway allows', async () => {
  const {firehose} = await follow();
  const limits = {client_messages_per_second: 10, client_messages_burst: 20};
  await FakeWebSocket.last.hello(-1, {limits});
  const pings = Array.from({length: 25}, () => firehose.ping());
  pings.forEach((ping) => ping.catch(() => {}));
  const {sent} = FakeWebSocket.last;
  assert.equal(sent.length, 10);
  await clock.advance(1000);
  assert.equal(sent.length, 15);
  await clock.advance(1999);
  assert.equal(sent.length, 24);
  await FakeWebSocket.last.end(1006);
  const second = await reconnected(500);
  await second.hello(-1, {limits});
  assert.equal(second.sent.length, 10, 'what waits is sent again, from the first that has no answer');
  assert.deepEqual(second.sent.map(({id}) => id), sent.slice(0, 10).map(({id}) => id));
  await clock.advance(60_000);
  assert.deepEqual(second.sent.map(({id}) => id).length, 25);
  firehose.close();
  assert.equal(clock.waiting, 0);
});
