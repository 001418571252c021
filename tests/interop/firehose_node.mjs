// firehose.js in Node with the package ws, run by firehose_client_test.py: node firehose_node.mjs LIBRARY URL. Prints
// each event as [offset, subject, data], and {"closed": code} when it was asked to end, by the end of its input.
import {createRequire} from 'node:module';

const {Firehose} = await import(process.argv[2]);
const WebSocket = createRequire(import.meta.url)('ws');
const show = (value) => console.log(JSON.stringify(value));
const firehose = new Firehose(process.argv[3], {
  WebSocket,
  cursor: 'earliest',
  heartbeat_s: 1,
  onEvents: (events) => events.forEach(({offset, subject, data}) => show([offset, subject ?? '', data])),
});
process.stdin.resume().on('end', async () => show({closed: (await firehose.close()).code}));
