// The `ws` client of Node against an echo server: node echo_client.js URL. Prints "ok" when everything came back.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const WebSocket = require('ws');

const url = process.argv[2];

function open(deflate = true) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {maxPayload: 0, perMessageDeflate: deflate});
    socket.once('upgrade', (response) => { socket.agreed = response.headers['sec-websocket-extensions'] || ''; });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

function next(socket, event) {
  return new Promise((resolve, reject) => {
    socket.once(event, (...values) => resolve(values));
    socket.once('error', reject);
  });
}

async function messages(deflate, extensions) {
  const socket = await open(deflate);
  assert.strictEqual(socket.agreed, extensions);
  for (const text of ['', 'x', 'Grüße κόσμε 世界 🌍', 'a'.repeat(126), 'ü'.repeat(70000)]) {
    socket.send(text);
    const [data, isBinary] = await next(socket, 'message');
    assert.strictEqual(isBinary, false);
    assert.strictEqual(data.toString(), text);
  }
  for (const size of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20]) {
    const bytes = crypto.randomBytes(size);
    socket.send(bytes);
    const [data, isBinary] = await next(socket, 'message');
    assert.strictEqual(isBinary, true);
    assert.ok(bytes.equals(data), `binary of ${size} bytes`);
  }
  for (const part of ['frag', '', 'mented ', 'ü']) {
    socket.send(part, {fin: false});
    socket.ping('between');
    const [pong] = await next(socket, 'pong');
    assert.strictEqual(pong.toString(), 'between');
  }
  socket.send('end', {fin: true});
  const [whole] = await next(socket, 'message');
  assert.strictEqual(whole.toString(), 'fragmented üend');
  socket.close(4001, 'done');
  const [code, reason] = await next(socket, 'close');
  assert.strictEqual(code, 4001);
  assert.strictEqual(reason.toString(), 'done');
}

async function closeWithoutCode() {
  const socket = await open();
  socket.close();
  const [code] = await next(socket, 'close');
  assert.strictEqual(code, 1005);
}

async function tooLarge() {
  const socket = await open();
  socket.on('error', () => {});
  socket.send(Buffer.alloc((16 << 20) + 1));
  const [code] = await new Promise((resolve) => socket.once('close', (...values) => resolve(values)));
  assert.strictEqual(code, 1009);
}

const agreed = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
const windows = {threshold: 0, serverMaxWindowBits: 10, clientMaxWindowBits: 9};

async function everything() {
  await messages(false, '');
  await messages({threshold: 0}, agreed);
  await messages(windows, agreed + '; server_max_window_bits=10; client_max_window_bits=9');
  await closeWithoutCode();
  await tooLarge();
}

everything().then(() => console.log('ok')).catch((error) => {
  console.error(error);
  process.exit(1);
});
