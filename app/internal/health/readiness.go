// Package health decides whether the service can take requests.
package health

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limit is the time limit for all checks together.
const Limit = 2 * time.Second

// A Check returns nil if its dependency can be used. It must return when its context ends.
type Check func(context.Context) error

// Readiness serves /health/ready from its checks, until the shutdown begins.
type Readiness struct {
	checks   map[string]Check
	logger   *slog.Logger
	stopping atomic.Bool
	last     atomic.Value // the last reported status, a string
}

// NewReadiness returns a Readiness over checks by name; without checks it is always ready. It logs status changes.
func NewReadiness(checks map[string]Check, logger *slog.Logger) *Readiness {
	return &Readiness{checks: checks, logger: logger}
}

// Stop makes the service permanently not ready, so that it gets no new requests.
func (r *Readiness) Stop() { r.stopping.Store(true) }

// Report is the body of /health/ready.
type Report struct {
	Status string            `json:"status"` // ready, not ready or shutting down
	Checks map[string]string `json:"checks"` // "ok" or the reason, by check
}

// Report runs the checks in parallel, each for at most Limit.
func (r *Readiness) Report(ctx context.Context) Report {
	if r.stopping.Load() {
		return Report{Status: "shutting down", Checks: map[string]string{}}
	}

	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()

	report := Report{Status: "ready", Checks: map[string]string{}}

	var (
		wait sync.WaitGroup
		lock sync.Mutex
	)

	for name, check := range r.checks {
		wait.Go(func() {
			err := check(ctx)

			lock.Lock()
			defer lock.Unlock()

			if err == nil {
				report.Checks[name] = "ok"

				return
			}

			report.Checks[name] = err.Error()
			report.Status = "not ready"
		})
	}

	wait.Wait()

	return report
}

// ServeHTTP responds with the report as JSON, and 200 if ready, else 503.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	report := r.Report(request.Context())
	status := http.StatusOK

	// Logged, because a probe sees only the status code and a failed release has to tell why.
	if r.last.Swap(report.Status) != report.Status {
		r.logger.Info("readiness: "+report.Status, "checks", report.Checks)
	}

	if report.Status != "ready" {
		status = http.StatusServiceUnavailable
	}

	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report)
}
