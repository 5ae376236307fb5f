// One side of the test protocol that ../README.md describes, by quic-go.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	period = 251
	chunk  = 64 * 1024
)

// The bytes of all streams, a chunk and what any part of them may begin with.
var pattern = func() []byte {
	bytes := make([]byte, chunk+period)
	for i := range bytes {
		bytes[i] = byte(i % period)
	}
	return bytes
}()

type options map[string]string

func parse(arguments []string) options {
	found := options{}
	for i := 0; i < len(arguments); i++ {
		name := strings.TrimPrefix(arguments[i], "--")
		found[name] = ""
		if i+1 < len(arguments) && !strings.HasPrefix(arguments[i+1], "--") {
			i++
			found[name] = arguments[i]
		}
	}
	return found
}

func (o options) has(name string) bool {
	_, there := o[name]
	return there
}

func (o options) text(name, otherwise string) string {
	if value, there := o[name]; there {
		return value
	}
	return otherwise
}

func (o options) number(name string, otherwise int64) int64 {
	value, err := strconv.ParseInt(o.text(name, strconv.FormatInt(otherwise, 10)), 10, 64)
	must(err)
	return value
}

func must(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func config() *quic.Config {
	return &quic.Config{EnableDatagrams: true, Allow0RTT: true, MaxIdleTimeout: 30 * time.Second}
}

func writePattern(out io.WriteCloser, length int64) error {
	for sent := int64(0); sent < length; {
		size := min(length-sent, chunk)
		at := sent % period
		if _, err := out.Write(pattern[at : at+size]); err != nil {
			return err
		}
		sent += size
	}
	return out.Close()
}

func readPattern(in io.Reader, checked bool) (int64, error) {
	buffer := make([]byte, chunk)
	var received int64
	for {
		length, err := in.Read(buffer)
		at := received % period
		if checked && !bytes.Equal(buffer[:length], pattern[at:at+int64(length)]) {
			return received, fmt.Errorf("wrong bytes after %d", received)
		}
		received += int64(length)
		if err == io.EOF {
			return received, nil
		}
		if err != nil {
			return received, err
		}
	}
}

// The server.

func serveStream(stream *quic.Stream) error {
	mode := make([]byte, 1)
	if _, err := io.ReadFull(stream, mode); err != nil {
		return err
	}
	switch mode[0] {
	case 'G':
		length := make([]byte, 8)
		if _, err := io.ReadFull(stream, length); err != nil {
			return err
		}
		return writePattern(stream, int64(binary.BigEndian.Uint64(length)))
	case 'S':
		digest := sha256.New()
		received, err := io.Copy(digest, stream)
		if err != nil {
			return err
		}
		answer := digest.Sum(binary.BigEndian.AppendUint64(nil, uint64(received)))
		if _, err := stream.Write(answer); err != nil {
			return err
		}
		return stream.Close()
	case 'E':
		if _, err := io.Copy(stream, stream); err != nil {
			return err
		}
		return stream.Close()
	default:
		stream.CancelWrite(1)
		return nil
	}
}

func serve(connection *quic.Conn) {
	<-connection.HandshakeComplete()
	state := connection.ConnectionState()
	fmt.Printf("connected resumed=%v early=%v\n", state.TLS.DidResume, state.Used0RTT)
	go func() {
		for {
			datagram, err := connection.ReceiveDatagram(context.Background())
			if err != nil {
				return
			}
			_ = connection.SendDatagram(datagram)
		}
	}()
}

func serveStreams(connection *quic.Conn) {
	for {
		stream, err := connection.AcceptStream(context.Background())
		if err != nil {
			fmt.Println("closed:", err)
			return
		}
		go func() {
			if err := serveStream(stream); err != nil {
				fmt.Println("stream failed:", err)
			}
		}()
	}
}

func server(o options) {
	certificate, err := tls.LoadX509KeyPair(o.text("cert", ""), o.text("key", ""))
	must(err)
	address, err := net.ResolveUDPAddr("udp", o.text("bind", "127.0.0.1:0"))
	must(err)
	socket, err := net.ListenUDP("udp", address)
	must(err)
	transport := &quic.Transport{Conn: socket}
	transport.VerifySourceAddress = func(net.Addr) bool { return o.has("retry") }
	listener, err := transport.ListenEarly(&tls.Config{
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{o.text("alpn", "teahouse/interop/1")},
	}, config())
	must(err)
	fmt.Println("listening", listener.Addr())
	for {
		connection, err := listener.Accept(context.Background())
		must(err)
		go serve(connection)
		go serveStreams(connection)
	}
}

// The client.

func report(what string, expected, actual int64, began time.Time, err error) {
	must(err)
	if actual != expected {
		must(fmt.Errorf("%s: %d bytes (expected: %d)", what, actual, expected))
	}
	fmt.Printf("%s %d bytes in %.3f s\n", what, actual, time.Since(began).Seconds())
}

func open(connection *quic.Conn, mode byte) (*quic.Stream, time.Time) {
	stream, err := connection.OpenStreamSync(context.Background())
	must(err)
	began := time.Now()
	_, err = stream.Write([]byte{mode})
	must(err)
	return stream, began
}

func exchange(connection *quic.Conn, o options) {
	if o.has("get") {
		length := o.number("get", 0)
		stream, began := open(connection, 'G')
		_, err := stream.Write(binary.BigEndian.AppendUint64(nil, uint64(length)))
		must(err)
		must(stream.Close())
		received, err := readPattern(stream, !o.has("unchecked"))
		report("got", length, received, began, err)
	}
	if o.has("send") {
		length := o.number("send", 0)
		stream, began := open(connection, 'S')
		must(writePattern(stream, length))
		answer := make([]byte, 40)
		_, err := io.ReadFull(stream, answer)
		must(err)
		report("sent", length, int64(binary.BigEndian.Uint64(answer)), began, err)
	}
	if o.has("echo") {
		length := o.number("echo", 0)
		stream, began := open(connection, 'E')
		go func() { must(writePattern(stream, length)) }()
		received, err := readPattern(stream, true)
		report("echoed", length, received, began, err)
	}
	count, back := o.number("datagrams", 0), 0
	for i := range count {
		must(connection.SendDatagram(binary.BigEndian.AppendUint64(nil, uint64(i))))
		// One after the other: what arrives and is not read at once may be dropped.
		wait, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		if _, err := connection.ReceiveDatagram(wait); err == nil {
			back++
		} else if !errors.Is(err, context.DeadlineExceeded) {
			must(err)
		}
		cancel()
	}
	if count > 0 {
		fmt.Printf("datagrams %d of %d\n", back, count)
	}
}

func client(o options) {
	pem, err := os.ReadFile(o.text("ca", ""))
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	tickets := make(chan struct{}, 16)
	settings := &tls.Config{
		RootCAs:            roots,
		ServerName:         o.text("name", "localhost"),
		NextProtos:         []string{o.text("alpn", "teahouse/interop/1")},
		ClientSessionCache: cache{tls.NewLRUClientSessionCache(1), tickets},
	}
	connections := o.number("connections", 1)
	for i := range connections {
		dial := quic.DialAddr
		if o.has("early") {
			dial = quic.DialAddrEarly
		}
		connection, err := dial(context.Background(), o.text("connect", ""), settings, config())
		must(err)
		exchange(connection, o)
		<-connection.HandshakeComplete()
		state := connection.ConnectionState()
		fmt.Printf("connected resumed=%v early=%v\n", state.TLS.DidResume, state.Used0RTT)
		if i+1 < connections {
			<-tickets
		}
		must(connection.CloseWithError(0, "done"))
	}
	fmt.Println("done")
}

// A cache that says when there is something in it.
type cache struct {
	tls.ClientSessionCache
	put chan struct{}
}

func (c cache) Put(key string, state *tls.ClientSessionState) {
	c.ClientSessionCache.Put(key, state)
	if state != nil {
		select {
		case c.put <- struct{}{}:
		default:
		}
	}
}

func main() {
	o := parse(os.Args[2:])
	switch os.Args[1] {
	case "server":
		server(o)
	case "client":
		client(o)
	default:
		must(fmt.Errorf("role: %s (expected: server or client)", os.Args[1]))
	}
}
