// A client of the matrix (client_matrix_test.py says what it does) in a browser, which always offers compression,
// cannot fragment, and reads as fast as it can: run(spec).

export function run(spec) {
  const lines = [];
  const socket = new WebSocket(spec.url, 'eventlog.v1.json');
  let events = 0, answers = 0, closing = false;
  socket.onopen = () => {
    lines.push({opened: socket.extensions, protocol: socket.protocol});
    for (const parts of spec.say) socket.send(parts.join(''));
  };
  socket.onmessage = ({data}) => {
    if (closing) return;
    lines.push({message: data});
    const message = JSON.parse(data);
    if (message.type === 'events') events += message.events.length;
    if (['ack', 'page', 'error'].includes(message.type)) answers += 1;
    closing = events >= spec.events && answers >= spec.answers;
    if (closing) socket.close(1000);
  };
  return new Promise((resolve) => {
    socket.onclose = ({code, reason}) => resolve([...lines, {closed: code, reason}]);
  });
}
