// Clients of the matrix (client_matrix_test.py says what they do) with two libraries of Go: go_client LIBRARY SPEC.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

const (
	subprotocol   = "eventlog.v1.json"
	fragmentBytes = 16 // of gorilla, where a message is to be fragmented
)

type spec struct {
	URL     string     `json:"url"`
	Deflate bool       `json:"deflate"`
	Say     [][]string `json:"say"`
	PauseMS int        `json:"pause_ms"`
	Events  int        `json:"events"`
	Answers int        `json:"answers"`
}

// connection is what the two libraries have in common.
type connection interface {
	// say sends one message of these fragments.
	say(parts []string) error
	// read returns the next message, or the code and reason of the close.
	read() (string, *closed)
	// close sends a normal Close frame and returns the code that came back.
	close() int
}

type closed struct {
	code   int
	reason string
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(line map[string]any) {
	text, err := json.Marshal(line)
	check(err)
	fmt.Println(string(text))
}

func follow(wanted spec, open func(spec) (connection, *http.Response)) {
	conn, response := open(wanted)
	show(map[string]any{
		"opened":   response.Header.Get("Sec-WebSocket-Extensions"),
		"protocol": response.Header.Get("Sec-WebSocket-Protocol"),
	})
	for _, parts := range wanted.Say {
		check(conn.say(parts))
	}
	for events, answers := 0, 0; events < wanted.Events || answers < wanted.Answers; {
		text, end := conn.read()
		if end != nil {
			show(map[string]any{"closed": end.code, "reason": end.reason})
			return
		}
		show(map[string]any{"message": text})
		var message struct {
			Type   string            `json:"type"`
			Events []json.RawMessage `json:"events"`
		}
		check(json.Unmarshal([]byte(text), &message))
		switch message.Type {
		case "events":
			events += len(message.Events)
		case "ack", "page", "error":
			answers++
		}
		time.Sleep(time.Duration(wanted.PauseMS) * time.Millisecond) // as slow as that is what is asked for
	}
	show(map[string]any{"closed": conn.close(), "reason": ""})
}

type gorillaConnection struct{ *gorilla.Conn }

func openGorilla(wanted spec) (connection, *http.Response) {
	dialer := gorilla.Dialer{EnableCompression: wanted.Deflate, Subprotocols: []string{subprotocol}}
	for _, parts := range wanted.Say {
		if len(parts) > 1 {
			dialer.WriteBufferSize = fragmentBytes
		}
	}
	conn, response, err := dialer.Dial(wanted.URL, nil)
	check(err)
	return gorillaConnection{conn}, response
}

// A fragment is sent whenever the buffer is full: the library has no other way.
func (c gorillaConnection) say(parts []string) error {
	writer, err := c.NextWriter(gorilla.TextMessage)
	return writeAll(writer, err, parts)
}

func (c gorillaConnection) read() (string, *closed) {
	_, text, err := c.ReadMessage()
	if end, ok := err.(*gorilla.CloseError); ok {
		return "", &closed{end.Code, end.Text}
	}
	check(err)
	return string(text), nil
}

func (c gorillaConnection) close() int {
	check(c.WriteMessage(gorilla.CloseMessage, gorilla.FormatCloseMessage(gorilla.CloseNormalClosure, "")))
	for {
		if _, end := c.read(); end != nil {
			return end.code
		}
	}
}

// What a library gives for one message, each part in a write of its own.
func writeAll(writer io.WriteCloser, err error, parts []string) error {
	for _, part := range parts {
		if err == nil {
			_, err = writer.Write([]byte(part))
		}
	}
	if err != nil {
		return err
	}
	return writer.Close()
}

type coderConnection struct{ *coder.Conn }

func openCoder(wanted spec) (connection, *http.Response) {
	options := coder.DialOptions{Subprotocols: []string{subprotocol}, CompressionMode: coder.CompressionDisabled}
	if wanted.Deflate {
		options.CompressionMode = coder.CompressionNoContextTakeover
		options.CompressionThreshold = 1
	}
	conn, response, err := coder.Dial(context.Background(), wanted.URL, &options)
	check(err)
	conn.SetReadLimit(-1)
	return coderConnection{conn}, response
}

// Each Write is a frame of its own here, and Close an empty last one.
func (c coderConnection) say(parts []string) error {
	writer, err := c.Writer(context.Background(), coder.MessageText)
	return writeAll(writer, err, parts)
}

func (c coderConnection) read() (string, *closed) {
	_, text, err := c.Read(context.Background())
	if code := coder.CloseStatus(err); code != -1 {
		return "", &closed{int(code), ""}
	}
	check(err)
	return string(text), nil
}

func (c coderConnection) close() int {
	check(c.Close(coder.StatusNormalClosure, ""))
	return int(coder.StatusNormalClosure) // Close fails where another code comes back
}

func main() {
	var wanted spec
	check(json.Unmarshal([]byte(os.Args[2]), &wanted))
	switch os.Args[1] {
	case "gorilla":
		follow(wanted, openGorilla)
	case "coder":
		follow(wanted, openCoder)
	default:
		check(fmt.Errorf("%s is none of gorilla and coder", os.Args[1]))
	}
}
