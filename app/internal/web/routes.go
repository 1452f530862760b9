package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"

	"example.com/sample/internal/metrics"
)

//go:embed static
var static embed.FS

// routes returns every route of the service, counted and timed.
func routes(options Options) http.Handler {
	mux := http.NewServeMux()
	counted := metrics.New(options.Build.Version)

	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, options.Build)

		if options.Settings.Greeting != "" {
			fmt.Fprintln(w, options.Settings.Greeting)
		}
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(options.Build)
	})
	mux.HandleFunc("GET /health/live", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /health/ready", options.Readiness)
	mux.Handle("GET /metrics", counted.Handler())
	mux.Handle("GET /static/", http.FileServerFS(static))
	debugRoutes(mux)

	return counted.Watch(mux)
}
