package fault

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/sample/internal/config"
)

type text string

func (t text) String() string { return string(t) }

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("fine")) })

func TestErrorsComeAtTheirRate(t *testing.T) {
	cases := map[string]struct {
		rate float64
		want int64
	}{
		"none":           {0, 0},
		"one in twenty":  {0.05, 20},
		"one in three":   {1.0 / 3, 133},
		"nine in ten":    {0.9, 360},
		"every one":      {1, 400},
		"less than seen": {0.001, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			handler := Inject(config.Settings{FaultErrorRate: c.rate}, text("v1.2.3"), ok)

			var (
				wait   sync.WaitGroup
				failed atomic.Int64
			)

			for range 8 {
				wait.Go(func() {
					for range 50 {
						if answer(t.Context(), handler).Code == http.StatusInternalServerError {
							failed.Add(1)
						}
					}
				})
			}

			wait.Wait()

			if got := failed.Load(); got < c.want-1 || got > c.want+1 {
				t.Errorf("%d of 400 failed, want %d", got, c.want)
			}
		})
	}
}

func TestErrorsSayWhichVersionTheyAreOf(t *testing.T) {
	got := answer(t.Context(), Inject(config.Settings{FaultErrorRate: 1}, text("v1.2.3"), ok))
	if got.Code != http.StatusInternalServerError || got.Body.String() != "v1.2.3\n" {
		t.Errorf("got %d %q", got.Code, got.Body)
	}
}

func TestDelaysComeAtTheirRate(t *testing.T) {
	const delay = 50 * time.Millisecond

	handler := Inject(config.Settings{FaultDelay: delay, FaultDelayRate: 0.5}, text("v1.2.3"), ok)

	for number := range 6 {
		start := time.Now()
		got := answer(t.Context(), handler)
		late := time.Since(start) >= delay

		if want := number%2 == 1; late != want || got.Body.String() != "fine" {
			t.Errorf("request %d: late is %v, want %v; %q", number, late, want, got.Body)
		}
	}
}

func TestADelayEndsWithItsRequest(t *testing.T) {
	handler := Inject(config.Settings{FaultDelay: time.Hour, FaultDelayRate: 1}, text("v1.2.3"), ok)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	answer(gone, handler)
}

func TestCrash(t *testing.T) {
	if Crash(0) != nil {
		t.Error("it would crash though nobody asked for it")
	}

	select {
	case <-Crash(time.Millisecond):
	case <-time.After(10 * time.Second):
		t.Error("it does not crash")
	}
}

func answer(ctx context.Context, handler http.Handler) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))

	return recorder
}
