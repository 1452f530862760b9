package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/sample/internal/config"
	"example.com/sample/internal/health"
)

func options(checks map[string]health.Check) Options {
	return Options{
		Settings:  config.Settings{Greeting: "hello"},
		Build:     Build{Version: "v1.2.3", Commit: "abc", Time: "2026-01-02T03:04:05Z"},
		Readiness: health.NewReadiness(checks, slog.New(slog.DiscardHandler)),
		Logger:    slog.New(slog.DiscardHandler),
	}
}

// Order on SIGTERM: not ready while still serving, then no new connections, while an open request is finished.
func TestShutdownOrder(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})

	var taken atomic.Bool

	slow := func(context.Context) error {
		if taken.CompareAndSwap(false, true) {
			close(entered)
			<-release
		}

		return nil
	}
	settings := options(map[string]health.Check{"slow": slow})
	settings.Settings.ShutdownDelay = time.Second
	address, stop, ended := start(t, settings)
	answered := make(chan string, 1)

	go func() { answered <- get(address, "/health/ready") }()

	<-entered
	stop()

	deadline := time.Now().Add(settings.Settings.ShutdownDelay)
	for get(address, "/health/ready") != `503 {"status":"shutting down","checks":{}}` {
		if time.Now().After(deadline) {
			t.Fatal("still ready while shutting down")
		}
	}

	if got := get(address, "/health/live"); got != "200 ok" {
		t.Errorf("during the delay: %s", got)
	}

	waitUntilRefused(t, address)
	close(release)

	if got := <-answered; !strings.HasPrefix(got, "200 ") {
		t.Errorf("the open request got %s", got)
	}

	if err := <-ended; err != nil {
		t.Errorf("serve: %v", err)
	}
}

// Requests on an open connection are still answered, with "Connection: close".
func TestShutdownLosesNoRequestOfKeepAliveClients(t *testing.T) {
	address, stop, ended := start(t, options(nil))
	client := http.Client{Transport: &http.Transport{}}
	open := make(chan struct{}, 1)
	left := make(chan error, 1)

	go func() {
		for {
			// POST is not retried by the client, unlike GET.
			response, err := client.Post("http://"+address+"/", "text/plain", nil)
			if err != nil {
				left <- err

				return
			}

			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()

			if response.Close {
				left <- nil

				return
			}

			select {
			case open <- struct{}{}:
			default:
			}

			time.Sleep(20 * time.Millisecond)
		}
	}()

	<-open

	begin := time.Now()

	stop()

	if err := <-left; err != nil {
		t.Errorf("a request failed: %v", err)
	}

	if err := <-ended; err != nil {
		t.Errorf("serve: %v", err)
	}

	if took := time.Since(begin); took > farewell {
		t.Errorf("took %s though every client had left", took)
	}
}

func TestServeNamesAPortInUse(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()

	taken := options(nil)
	_, err = fmt.Sscanf(listener.Addr().String(), "[::]:%d", &taken.Settings.Port)
	if err != nil {
		t.Fatal(err)
	}

	err = Serve(t.Context(), taken)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("cannot listen on PORT %d", taken.Settings.Port)) {
		t.Errorf("got %v", err)
	}
}

// start serves on a free port and returns the address, a function that begins the shutdown, and the result.
func start(t *testing.T, options Options) (string, context.CancelFunc, <-chan error) {
	t.Helper()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)

	go func() { ended <- serve(ctx, listener, options) }()

	return listener.Addr().String(), stop, ended
}

// get returns "status body", or the error, of a request on a new connection.
func get(address, path string) string {
	dialer := net.Dialer{Timeout: time.Second}

	connection, err := dialer.Dial("tcp", address)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = connection.Close() }()

	fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", path)

	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()

	body, _ := io.ReadAll(response.Body)

	return fmt.Sprintf("%d %s", response.StatusCode, strings.TrimSpace(string(body)))
}

func waitUntilRefused(t *testing.T, address string) {
	t.Helper()

	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return
		}

		_ = connection.Close()
	}

	t.Fatal("the listener is still open")
}
