#!/usr/bin/env node
// What firehose.js decides, without a connection.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {afterClose, backoffMs, Firehose, queryOf} from './fake_browser.mjs';

test('a delay doubles up to the most, and is a random part of it', () => {
  const hints = {initial_ms: 500, max_ms: 30_000};
  const most = [0, 1, 2, 3, 4, 5, 6, 7, 5000].map((attempt) => backoffMs(attempt, hints, () => 1));
  assert.deepEqual(most, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(backoffMs(3, hints, () => 0), 0);
  assert.equal(backoffMs(3, hints, () => 0.25), 1000);
  const drawn = Array.from({length: 200}, () => backoffMs(4, hints));
  assert.ok(drawn.every((ms) => ms >= 0 && ms < 8000));
  assert.ok(new Set(drawn).size > 100, 'the delays are not random');
});

test('the hundreds of a close code say what to do', () => {
  const codes = (what, hasUntil) => [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    1015, 3000, 4000, 4001, 4002, 4003, 4099, 4100, 4199, 4200, 4201, 4299, 4300, 4999]
    .filter((code) => afterClose(code, hasUntil) === what);
  assert.deepEqual(codes('stop', false), [1002, 1003, 1007, 1008, 1009, 1010, 4000, 4001, 4002, 4003, 4099]);
  assert.deepEqual(codes('resume', false), [1012, 4200, 4201, 4299]);
  assert.deepEqual(codes('wait', false),
    [1000, 1001, 1005, 1006, 1011, 1013, 1014, 1015, 3000, 4100, 4199, 4300, 4999]);
  assert.equal(afterClose(1000, true), 'stop');
});

test('a query has every option, and what a query must escape', () => {
  const query = queryOf({cursor: 'time:2026-01-01T00:00:00+01:00', until: 'caught_up', heartbeat_s: 5,
    filter: {types: ['a.*', 'b'], subjects: ['ü&x'], sources: ['/s'], attributes: {lang: ['de', 'en'], one: 'x'}},
    delivery: {mode: 'sample', batch_max: 3, linger_ms: 0, on_gap: 'fail'}});
  assert.equal(query.toString(), 'cursor=time%3A2026-01-01T00%3A00%3A00%2B01%3A00&type=a.*&type=b&subject=%C3%BC%26x' +
    '&source=%2Fs&attr.lang=de&attr.lang=en&attr.one=x&until=caught_up&mode=sample&batch_max=3&linger_ms=0' +
    '&on_gap=fail&heartbeat_s=5');
  assert.equal(queryOf({cursor: 'latest', until: null, delivery: {linger_ms: null}}).toString(), 'cursor=latest');
});

test('what is wrong is said at once', () => {
  class Unused {}
  const make = (options, url = 'ws://gateway/') => () => new Firehose(url, {WebSocket: Unused, ...options});
  const onEvent = () => {};
  assert.throws(make({onEvent, onevent: onEvent}), /no such option: onevent/);
  assert.throws(make({}), /one of onEvent and onEvents/);
  assert.throws(make({onEvent, onEvents: onEvent}), /one of onEvent and onEvents/);
  assert.throws(make({onEvent, WebSocket: null}), /no WebSocket/);
  assert.throws(make({onEvent}, 'gateway'), TypeError);
  assert.throws(make({onEvent}, 'ws://gateway/?cursor=latest'), /made of the options/);
});

test('the types name the options and members that there are', () => {
  const read = (name) => readFileSync(path.join(process.env.TEST_SRCDIR, 'eventlog/gateway-svc/client', name), 'utf8');
  const code = read('firehose.js'), types = read('firehose.d.ts');
  const names = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name).sort();
  const between = (text, begin, end) => text.slice(text.indexOf(begin), text.indexOf(end, text.indexOf(begin)));

  const parameters = between(code, 'constructor(url, {', '...unknown').slice('constructor(url, {'.length);
  const options = parameters.split(',').map((one) => one.split('=')[0].trim()).filter(Boolean).sort();
  assert.deepEqual(names(between(types, 'interface Options', '\n}'), /^ {2}(\w+)\??[:(]/gm), options);
  assert.ok(options.includes('onEvent') && options.includes('WebSocket'), options);

  const members = Object.getOwnPropertyNames(Firehose.prototype).concat('closed').sort();
  const typed = names(between(types, 'export class Firehose {', '\n}'), /^ {2}(?:readonly )?(\w+)[:(]/gm);
  assert.deepEqual(typed, members);
  const exported = /^export (?:function|class) (\w+)/gm;
  assert.deepEqual(names(types, exported), names(code, exported));
});
