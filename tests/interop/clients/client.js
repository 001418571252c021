// A client of the matrix (client_matrix_test.py says what it does) with Debian's node-ws: node client.js SPEC.
'use strict';
const WebSocket = require('ws');

const spec = JSON.parse(process.argv[2]);
const show = (line) => console.log(JSON.stringify(line));
const socket = new WebSocket(spec.url, 'eventlog.v1.json', {perMessageDeflate: spec.deflate, maxPayload: 0});
let events = 0, answers = 0, closing = false;

socket.on('open', () => {
  show({opened: socket.extensions, protocol: socket.protocol});
  for (const parts of spec.say) {
    parts.forEach((part, i) => socket.send(part, {fin: i === parts.length - 1}));
  }
});
socket.on('message', (data) => {
  if (closing) return;
  const text = data.toString();
  show({message: text});
  const message = JSON.parse(text);
  if (message.type === 'events') events += message.events.length;
  if (['ack', 'page', 'error'].includes(message.type)) answers += 1;
  if (events >= spec.events && answers >= spec.answers) {
    closing = true;
    socket.close(1000);
  } else if (spec.pause_ms > 0) {
    socket.pause();
    setTimeout(() => socket.resume(), spec.pause_ms);
  }
});
socket.on('close', (code, reason) => show({closed: code, reason: reason.toString()}));
