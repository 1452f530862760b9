//go:build pprof

package web

import (
	"net/http"
	"net/http/pprof"
)

// debugRoutes adds the profiler, only in builds with the tag pprof.
func debugRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
