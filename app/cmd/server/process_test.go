package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// With TEST_AS_SERVER the test binary runs the server: signals and exit codes need a process of their own.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_AS_SERVER") != "" {
		main()

		return
	}

	os.Exit(m.Run())
}

func TestHangupIsIgnoredAndTermEndsCleanly(t *testing.T) {
	server := launch(t)
	server.signal(t, syscall.SIGHUP)
	time.Sleep(100 * time.Millisecond)

	if got := server.get("/health/live"); got != "200 ok" {
		t.Errorf("after SIGHUP: %s", got)
	}

	server.signal(t, syscall.SIGTERM)

	if err := server.end(t); err != nil {
		t.Errorf("ended with %v\n%s", err, server.output)
	}

	if !strings.Contains(server.output.String(), "every request was answered") {
		t.Errorf("output:\n%s", server.output)
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	server := launch(t, "SHUTDOWN_DELAY=1h")
	server.signal(t, syscall.SIGTERM)
	server.await(t, "/health/ready", `503 {"status":"shutting down","checks":{}}`)
	server.signal(t, syscall.SIGTERM)

	if err := server.end(t); err == nil {
		t.Errorf("ended as if every request had been answered:\n%s", server.output)
	}
}

func TestCrashSaysSoAndFails(t *testing.T) {
	server := launch(t, "FAULT_CRASH_AFTER=2s")

	var exit *exec.ExitError
	if err := server.end(t); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ended with %v, want exit status 1", err)
	}

	if want := "error: FAULT_CRASH_AFTER: 2s have passed, so this version crashes\n"; !strings.HasSuffix(server.output.String(), want) {
		t.Errorf("output:\n%s\nwant at its end %s", server.output, want)
	}
}

func TestExitCodes(t *testing.T) {
	cases := map[string]struct {
		variable, output string
		code             int
	}{
		"told to fail":    {"FAIL_START=1", "error: FAIL_START is set, so this version exits at start\n", 1},
		"bad environment": {"PORT=abc", "bad environment:\n  PORT: \"abc\" is not a port; set one from 1 to 65535\n", 2},
		"bad address": {
			"REDIS_URL=abc",
			"bad environment:\n  REDIS_URL: not an address of Redis; set one such as redis://:password@host:6379/0\n", 2,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			output, err := command(t, c.variable).CombinedOutput()

			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != c.code || string(output) != c.output {
				t.Errorf("got %v and %q, want exit status %d and %q", err, output, c.code, c.output)
			}
		})
	}
}

type process struct {
	command *exec.Cmd
	address string
	output  *bytes.Buffer
	ended   chan error
}

func command(t *testing.T, environment ...string) *exec.Cmd {
	t.Helper()

	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), append([]string{"TEST_AS_SERVER=1"}, environment...)...)

	return command
}

// launch returns a running server that already responds.
func launch(t *testing.T, environment ...string) process {
	t.Helper()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	_ = listener.Close()

	server := process{
		command: command(t, append(environment, "PORT="+port)...),
		address: "127.0.0.1:" + port,
		output:  &bytes.Buffer{},
		ended:   make(chan error, 1),
	}
	server.command.Stdout, server.command.Stderr = server.output, server.output

	if err := server.command.Start(); err != nil {
		t.Fatal(err)
	}

	go func() { server.ended <- server.command.Wait() }()

	server.await(t, "/health/live", "200 ok")

	return server
}

func (p process) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()

	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func (p process) end(t *testing.T) error {
	t.Helper()

	select {
	case err := <-p.ended:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("still running")

		return nil
	}
}

func (p process) get(path string) string {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

	response, err := client.Get("http://" + p.address + path)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()

	body, _ := io.ReadAll(response.Body)

	return fmt.Sprintf("%d %s", response.StatusCode, strings.TrimSpace(string(body)))
}

func (p process) await(t *testing.T, path, want string) {
	t.Helper()

	got := ""
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if got = p.get(path); got == want {
			return
		}
	}

	t.Fatalf("%s: got %s, want %s", path, got, want)
}
