// gorilla/websocket and coder/websocket agree with the codec, plainly and with deflate.
//
// Run by run.sh; WS_ECHO names the echo server.
package main

import (
	"bufio"
	"bytes"
	"context"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

const (
	agreed       = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	largestBytes = 16 << 20
	patience     = 120 * time.Second
)

// startEcho gives the address of an echo server that ends with the test.
func startEcho(t *testing.T, flags ...string) string {
	t.Helper()
	server := exec.Command(os.Getenv("WS_ECHO"), append([]string{"--listen=127.0.0.1:0"}, flags...)...)
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	address := strings.TrimPrefix(strings.TrimSpace(line), "ready ws=")
	if err != nil || address == line {
		t.Fatalf("the echo server is not ready: %q, %v", line, err)
	}
	return "ws://" + address + "/"
}

type message struct {
	text bool
	data []byte
}

func messages() []message {
	random := rand.New(rand.NewSource(1))
	var all []message
	for _, text := range []string{"", "x", "Grüße, κόσμε, 世界, 🌍", strings.Repeat("{\"n\":1},", 40),
		strings.Repeat("ü", 40000), strings.Repeat("c", 1<<20)} {
		all = append(all, message{true, []byte(text)})
	}
	for _, size := range []int{0, 1, 125, 126, 127, 65535, 65536, 1 << 20, largestBytes} {
		noise := make([]byte, size)
		random.Read(noise)
		all = append(all, message{false, noise})
	}
	return all
}

func TestGorilla(t *testing.T) {
	for _, deflate := range []bool{false, true} {
		dialer := gorilla.Dialer{EnableCompression: deflate, HandshakeTimeout: patience}
		connection, answer, err := dialer.Dial(startEcho(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if got := answer.Header.Get("Sec-WebSocket-Extensions"); (got == agreed) != deflate {
			t.Fatalf("with deflate %v the server answers %q", deflate, got)
		}
		connection.SetReadDeadline(time.Now().Add(patience))
		for _, sent := range messages() {
			kind := gorilla.BinaryMessage
			if sent.text {
				kind = gorilla.TextMessage
			}
			if err := connection.WriteMessage(kind, sent.data); err != nil {
				t.Fatal(err)
			}
			gotKind, got, err := connection.ReadMessage()
			if err != nil || gotKind != kind || !bytes.Equal(got, sent.data) {
				t.Fatalf("deflate %v: %d bytes came back as %d of kind %d: %v", deflate, len(sent.data), len(got), gotKind, err)
			}
		}
		writeFragments(t, connection)
		closing := gorilla.FormatCloseMessage(4001, "done ü")
		if err := connection.WriteControl(gorilla.CloseMessage, closing, time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		_, _, err = connection.ReadMessage()
		if closed, ok := err.(*gorilla.CloseError); !ok || closed.Code != 4001 || closed.Text != "done ü" {
			t.Fatalf("closed with %v", err)
		}
	}
}

// writeFragments sends a message in fragments, a ping before the last, and awaits both answers.
func writeFragments(t *testing.T, connection *gorilla.Conn) {
	t.Helper()
	pong := ""
	connection.SetPongHandler(func(data string) error {
		pong = data
		return nil
	})
	writer, err := connection.NextWriter(gorilla.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	whole := ""
	for i := 0; i < 5; i++ {
		part := strings.Repeat("κόσμε ", 2000)
		whole += part
		if _, err := writer.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := connection.WriteControl(gorilla.PingMessage, []byte("there?"), time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	_, got, err := connection.ReadMessage()
	if err != nil || string(got) != whole || pong != "there?" {
		t.Fatalf("fragments came back as %d bytes, the ping as %q: %v", len(got), pong, err)
	}
}

func TestCoder(t *testing.T) {
	for name, mode := range map[string]coder.CompressionMode{"plain": coder.CompressionDisabled,
		"context takeover offered": coder.CompressionContextTakeover, "none offered": coder.CompressionNoContextTakeover} {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		options := &coder.DialOptions{CompressionMode: mode, CompressionThreshold: 1}
		connection, answer, err := coder.Dial(ctx, startEcho(t), options)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.CloseNow()
		if got := answer.Header.Get("Sec-WebSocket-Extensions"); (got == agreed) != (mode != coder.CompressionDisabled) {
			t.Fatalf("%s: the server answers %q", name, got)
		}
		connection.SetReadLimit(largestBytes + 1)
		for _, sent := range messages() {
			kind := coder.MessageBinary
			if sent.text {
				kind = coder.MessageText
			}
			if err := connection.Write(ctx, kind, sent.data); err != nil {
				t.Fatal(err)
			}
			gotKind, got, err := connection.Read(ctx)
			if err != nil || gotKind != kind || !bytes.Equal(got, sent.data) {
				t.Fatalf("%s: %d bytes came back as %d of kind %d: %v", name, len(sent.data), len(got), gotKind, err)
			}
		}
		if err := connection.Close(4001, "done ü"); err != nil {
			t.Fatalf("%s: closing: %v", name, err)
		}
	}
}

func TestABombIsEndedForItsRatio(t *testing.T) {
	dialer := gorilla.Dialer{EnableCompression: true, HandshakeTimeout: patience}
	connection, _, err := dialer.Dial(startEcho(t, "--inflate_ratio_max=200"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetReadDeadline(time.Now().Add(patience))
	if err := connection.WriteMessage(gorilla.BinaryMessage, make([]byte, 8<<20)); err != nil {
		t.Fatal(err)
	}
	_, _, err = connection.ReadMessage()
	if !gorilla.IsCloseError(err, 1009) {
		t.Fatalf("ended with %v", err)
	}
}
