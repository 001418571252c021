// What chromium_test.py runs in a page: each function returns what it found.

function connect(url, protocols) {
  const socket = protocols ? new WebSocket(url, protocols) : new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const waiting = [], arrived = [];
  const give = (event) => waiting.length ? waiting.shift()(event) : arrived.push(event);
  for (const name of ['open', 'message', 'close']) socket.addEventListener(name, give);
  const next = async () => arrived.length ? arrived.shift() : new Promise((resolve) => waiting.push(resolve));
  return {socket, next};
}

function expect(condition, what) {
  if (!condition) throw new Error(what);
}

export async function echo(url) {
  const {socket, next} = connect(url);
  expect((await next()).type === 'open', 'echo does not open');
  const {extensions} = socket;
  const texts = ['', 'x', 'Grüße κόσμε 世界 🌍', 'a'.repeat(125), 'a'.repeat(126), 'ü'.repeat(70000), 'c'.repeat(1 << 20)];
  for (const text of texts) {
    socket.send(text);
    expect((await next()).data === text, `text of ${text.length}`);
  }
  for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
    const bytes = new Uint8Array(size).map((_, i) => i * 31);
    socket.send(bytes);
    const back = new Uint8Array((await next()).data);
    expect(back.length === size && back.every((byte, i) => byte === bytes[i]), `binary of ${size}`);
  }
  socket.close(4321, 'until next time ü');
  const {code, reason, wasClean} = await next();
  return {extensions, close: [code, reason, wasClean]};
}

export async function firehose(url, count) {
  const {socket, next} = connect(`${url}?cursor=earliest`, 'eventlog.v1.json');
  expect((await next()).type === 'open', 'the firehose does not open');
  const {protocol} = socket;
  const kinds = [], events = [];
  while (events.length < count) {
    const message = JSON.parse((await next()).data);
    kinds.push(message.type);
    if (message.type === 'events') events.push(...message.events);
  }
  socket.close(1000);
  let event;
  while ((event = await next()).type !== 'close');
  return {protocol, kinds, events, close: [event.code, event.wasClean]};
}

export async function refusal(url) {
  const {next} = connect(`${url}?colour=green`);
  expect((await next()).type === 'open', 'a refusal is not told in-band');
  const {message} = JSON.parse((await next()).data);
  const {code, wasClean} = await next();
  return {message, close: [code, wasClean]};
}
