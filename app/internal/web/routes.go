package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"

	"example.com/sample/internal/fault"
	"example.com/sample/internal/telemetry"
)

//go:embed static
var static embed.FS

const (
	rootPattern = "GET /{$}"
	// Requested only by the cluster.
	livePattern    = "GET /health/live"
	readyPattern   = "GET /health/ready"
	metricsPattern = "GET /metrics"
)

// routes returns every route of the service, its traffic counted and timed.
func routes(options Options) http.Handler {
	mux := http.NewServeMux()
	counted := telemetry.New(options.Build.Version)

	root := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, options.Build)

		if options.Settings.Greeting != "" {
			fmt.Fprintln(w, options.Settings.Greeting)
		}
	})

	mux.Handle(rootPattern, fault.Inject(options.Settings, options.Build, root))
	counted.Expect(http.MethodGet, rootPattern, http.StatusOK, http.StatusInternalServerError)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(options.Build)
	})
	mux.HandleFunc(livePattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	})
	mux.Handle(readyPattern, options.Readiness)
	mux.Handle(metricsPattern, counted.Handler())
	mux.Handle("GET /static/", http.FileServerFS(static))
	debugRoutes(mux)

	// Not counted: probes would make an unused version look busy, and one that shuts down look broken.
	return counted.Watch(mux, livePattern, readyPattern, metricsPattern)
}
