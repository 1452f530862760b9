package health

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
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

			readiness := NewReadiness(c.checks, slog.New(slog.DiscardHandler))
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

func TestReadinessLogsOnlyChanges(t *testing.T) {
	var (
		log  strings.Builder
		fail error
	)

	readiness := NewReadiness(
		map[string]Check{"redis": func(context.Context) error { return fail }}, slog.New(slog.NewTextHandler(&log, nil)),
	)
	for _, next := range []error{nil, nil, errors.New("away"), errors.New("away"), nil} {
		fail = next

		readiness.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/health/ready", nil))
	}

	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	want := []string{`"readiness: ready"`, `"readiness: not ready" checks=map[redis:away]`, `"readiness: ready"`}

	if len(lines) != len(want) {
		t.Fatalf("logged %q", lines)
	}

	for i := range want {
		if !strings.Contains(lines[i], want[i]) {
			t.Errorf("line %d is %s, want %s", i+1, lines[i], want[i])
		}
	}
}
