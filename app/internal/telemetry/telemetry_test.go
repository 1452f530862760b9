package telemetry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWatchCountsByStatusMethodAndRoute(t *testing.T) {
	metrics := New("v1.2.3")
	metrics.Expect(http.MethodGet, "GET /items/{id}", http.StatusOK, http.StatusInternalServerError)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "bad" {
			w.WriteHeader(http.StatusTeapot)
		}
	})

	mux.HandleFunc("GET /probe", func(http.ResponseWriter, *http.Request) {})

	watched := metrics.Watch(mux, "GET /probe")
	for _, request := range [][2]string{
		{"GET", "/items/1"}, {"GET", "/items/2"}, {"GET", "/items/bad"}, {"BREW", "/x"}, {"GET", "/probe"},
	} {
		watched.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(request[0], request[1], nil))
	}

	recorder := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))

	for _, line := range []string{
		`http_requests_total{method="GET",route="GET /items/{id}",status="200"} 2`,
		`http_requests_total{method="GET",route="GET /items/{id}",status="418"} 1`,
		`http_requests_total{method="GET",route="GET /items/{id}",status="500"} 0`,
		`http_requests_total{method="other",route="",status="404"} 1`,
		`http_request_duration_seconds_count{method="GET",route="GET /items/{id}",status="200"} 2`,
		`http_request_duration_seconds_bucket{method="GET",route="GET /items/{id}",status="200",le="0.5"} 2`,
		`http_request_duration_seconds_count{method="GET",route="GET /items/{id}",status="500"} 0`,
		`build_info{version="v1.2.3"} 1`,
	} {
		if !strings.Contains(recorder.Body.String(), line+"\n") {
			t.Errorf("no %s in\n%s", line, recorder.Body)
		}
	}

	if strings.Contains(recorder.Body.String(), "GET /probe") {
		t.Errorf("an uncounted pattern is counted:\n%s", recorder.Body)
	}
}
