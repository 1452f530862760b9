package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	handler := routes(options(nil))
	cases := []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/", 200, "sample v1.2.3 (commit abc, built 2026-01-02T03:04:05Z)\nhello\n"},
		{"GET", "/health", 200, `{"version":"v1.2.3","commit":"abc","built":"2026-01-02T03:04:05Z"}` + "\n"},
		{"GET", "/health/live", 200, "ok\n"},
		{"GET", "/health/ready", 200, `{"status":"ready","checks":{}}` + "\n"},
		{"GET", "/static/", 200, "<!doctype html>"},
		{"GET", "/metrics", 200, `build_info{version="v1.2.3"} 1`},
		{"GET", "/nowhere", 404, ""},
		{"GET", "/debug/pprof/", 404, ""},
		{"POST", "/", 405, ""},
	}
	for _, c := range cases {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			if strings.HasPrefix(c.path, "/debug/") && withDebug() {
				t.Skip("built with the tag pprof")
			}

			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, httptest.NewRequest(c.method, c.path, nil))

			if recorder.Code != c.status || !strings.Contains(recorder.Body.String(), c.body) {
				t.Errorf("got %d %q, want %d %q", recorder.Code, recorder.Body, c.status, c.body)
			}
		})
	}
}

func TestFaultsSpareWhatTheClusterAsksFor(t *testing.T) {
	faulty := options(nil)
	faulty.Settings.FaultErrorRate = 1
	handler := routes(faulty)

	for _, c := range []struct {
		path   string
		status int
		body   string
	}{
		{"/", 500, "sample v1.2.3 (commit abc, built 2026-01-02T03:04:05Z)\n"},
		{"/health", 200, "v1.2.3"},
		{"/health/live", 200, "ok\n"},
		{"/health/ready", 200, "ready"},
		{"/metrics", 200, `http_requests_total{method="GET",route="GET /{$}",status="500"} 1` + "\n"},
	} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, c.path, nil))

		if recorder.Code != c.status || !strings.Contains(recorder.Body.String(), c.body) {
			t.Errorf("%s: got %d %q, want %d %q", c.path, recorder.Code, recorder.Body, c.status, c.body)
		}
	}
}

func withDebug() bool {
	mux := http.NewServeMux()
	debugRoutes(mux)
	_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, "/debug/pprof/", nil))

	return pattern != ""
}
