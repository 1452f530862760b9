package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/sample/internal/config"
)

func ok(context.Context) error { return nil }

func hangs(ctx context.Context) error {
	<-ctx.Done()

	return ctx.Err()
}

func TestReadiness(t *testing.T) {
	cases := map[string]struct {
		checks map[string]Check
		stop   bool
		status int
		want   Report
	}{
		"no checks": {status: http.StatusOK, want: Report{Status: "ready", Checks: map[string]string{}}},
		"all well": {
			checks: map[string]Check{"postgres": ok, "redis": ok},
			status: http.StatusOK,
			want:   Report{Status: "ready", Checks: map[string]string{"postgres": "ok", "redis": "ok"}},
		},
		"one is away": {
			checks: map[string]Check{
				"postgres": plain("Postgres", func(context.Context) error { return syscall.ECONNREFUSED }),
				"redis":    ok,
			},
			status: http.StatusServiceUnavailable,
			want: Report{Status: "not ready", Checks: map[string]string{
				"postgres": "Postgres cannot be used: connection refused", "redis": "ok",
			}},
		},
		"one hangs": {
			checks: map[string]Check{"redis": plain("Redis", hangs)},
			status: http.StatusServiceUnavailable,
			want: Report{Status: "not ready", Checks: map[string]string{
				"redis": "Redis does not answer within 2s",
			}},
		},
		"stopping": {
			checks: map[string]Check{"redis": ok},
			stop:   true,
			status: http.StatusServiceUnavailable,
			want:   Report{Status: "shutting down", Checks: map[string]string{}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			readiness := NewReadiness(c.checks)
			if c.stop {
				readiness.Stop()
			}

			start := time.Now()
			recorder := httptest.NewRecorder()
			readiness.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/health/ready", nil))

			if took := time.Since(start); took > Limit+time.Second {
				t.Errorf("took %s", took)
			}

			var got Report
			if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}

			if recorder.Code != c.status || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %d %+v, want %d %+v", recorder.Code, got, c.status, c.want)
			}
		})
	}
}

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
	checks, closeChecks, err := Checks(config.Settings{
		DatabaseURL: "postgres://u:hunter2@127.0.0.1:1/db", RedisURL: "redis://:hunter2@127.0.0.1:1/0", FailReady: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer closeChecks()

	report := NewReadiness(checks).Report(t.Context())
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

// With real servers, where the environment names them.
func TestChecksOfRealServers(t *testing.T) {
	settings := config.Settings{DatabaseURL: os.Getenv("TEST_DATABASE_URL"), RedisURL: os.Getenv("TEST_REDIS_URL")}
	if settings.DatabaseURL == "" || settings.RedisURL == "" {
		t.Skip("set TEST_DATABASE_URL and TEST_REDIS_URL to check against real servers")
	}

	checks, closeChecks, err := Checks(settings)
	if err != nil {
		t.Fatal(err)
	}
	defer closeChecks()

	report := NewReadiness(checks).Report(t.Context())
	if report.Status != "ready" {
		t.Errorf("got %+v", report)
	}
}
