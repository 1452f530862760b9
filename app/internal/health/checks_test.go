package health

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/sample/internal/config"
)

func TestKindShowsNoPartOfAnAddress(t *testing.T) {
	cases := map[string]error{
		"its host name does not resolve": &net.DNSError{Name: "db.internal"},
		"connection refused":             fmt.Errorf("dial db.internal: %w", syscall.ECONNREFUSED),
		"it refuses the password":        errors.New("WRONGPASS invalid username-password pair"),
		"connection failed":              errors.New("user=admin password=hunter2"),
	}
	for want, err := range cases {
		if got := kind(err); got != want {
			t.Errorf("kind(%v) = %q, want %q", err, got, want)
		}
	}
}

func TestChecksFollowTheSettings(t *testing.T) {
	report := check(t, config.Settings{
		DatabaseURL: "postgres://u:hunter2@127.0.0.1:1/db", RedisURL: "redis://:hunter2@127.0.0.1:1/0", FailReady: true,
	})
	want := map[string]string{
		"postgres":   "Postgres cannot be used: connection refused",
		"redis":      "Redis cannot be used: connection refused",
		"fail_ready": "FAIL_READY is set, so this version is never ready",
	}

	if !reflect.DeepEqual(report.Checks, want) {
		t.Errorf("got %v, want %v", report.Checks, want)
	}

	if strings.Contains(fmt.Sprint(report), "hunter2") {
		t.Error("the report shows a password")
	}
}

// The limit also applies to servers that accept the connection and send nothing: the clients' time-outs are longer.
func TestChecksOfSilentServers(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()

	address := listener.Addr().String()
	start := time.Now()
	report := check(t, config.Settings{DatabaseURL: "postgres://u:p@" + address + "/db", RedisURL: "redis://" + address})
	want := map[string]string{
		"postgres": "Postgres does not answer within 2s", "redis": "Redis does not answer within 2s",
	}

	if !reflect.DeepEqual(report.Checks, want) {
		t.Errorf("got %v, want %v", report.Checks, want)
	}

	if took := time.Since(start); took > Limit+500*time.Millisecond {
		t.Errorf("took %s", took)
	}
}

func TestChecksNameEveryBadAddress(t *testing.T) {
	_, _, err := Checks(config.Settings{DatabaseURL: "postgres://u:hunter2@h:port/db", RedisURL: "http://:hunter2@h"})

	var invalid *config.Error

	want := []string{
		"DATABASE_URL: not an address of Postgres; set one such as postgres://user:password@host:5432/name",
		"REDIS_URL: not an address of Redis; set one such as redis://:password@host:6379/0",
	}
	if !errors.As(err, &invalid) || !reflect.DeepEqual(invalid.Problems, want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestChecksOfRealServers(t *testing.T) {
	cases := map[string]config.Settings{
		"TEST_DATABASE_URL": {DatabaseURL: os.Getenv("TEST_DATABASE_URL")},
		"TEST_REDIS_URL":    {RedisURL: os.Getenv("TEST_REDIS_URL")},
	}
	for variable, settings := range cases {
		t.Run(variable, func(t *testing.T) {
			if os.Getenv(variable) == "" {
				t.Skipf("set %s to check against a real server", variable)
			}

			if report := check(t, settings); report.Status != "ready" {
				t.Errorf("got %+v", report)
			}
		})
	}
}

func check(t *testing.T, settings config.Settings) Report {
	t.Helper()

	checks, closeChecks, err := Checks(settings)
	if err != nil {
		t.Fatal(err)
	}
	defer closeChecks()

	return NewReadiness(checks, slog.New(slog.DiscardHandler)).Report(t.Context())
}
