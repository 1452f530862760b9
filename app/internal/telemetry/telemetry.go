// Package telemetry counts and times requests for Prometheus.
package telemetry

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Finest around 0.5 s, where a p99 becomes noticeable: quantiles between two bounds are interpolated.
var buckets = []float64{.005, .01, .025, .05, .1, .2, .3, .4, .5, .6, .8, 1, 1.5, 2.5, 5, 10}

// Metrics are the service's metrics, in their own registry.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// New returns http_requests_total and http_request_duration_seconds, by status, method and route pattern (never by
// raw path, which callers choose), and the metrics of the process and the Go runtime.
func New(version string) *Metrics {
	labels := []string{"status", "method", "route"}
	metrics := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered.",
		}, labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer a request.", Buckets: buckets,
		}, labels),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "build_info", Help: "Always 1; the version is a label.",
	}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	metrics.registry.MustRegister(
		metrics.requests, metrics.duration, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)

	return metrics
}

// Expect initializes counters to 0: rate() would miss the first request of a counter that appears with 1.
func (m *Metrics) Expect(method, pattern string, statuses ...int) {
	for _, status := range statuses {
		m.requests.WithLabelValues(strconv.Itoa(status), method, pattern)
		m.duration.WithLabelValues(strconv.Itoa(status), method, pattern)
	}
}

// Handler serves /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Watch counts and times the requests of a mux, except those to the uncounted patterns.
func (m *Metrics) Watch(mux *http.ServeMux, uncounted ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(recorder, r)

		if slices.Contains(uncounted, r.Pattern) {
			return
		}

		labels := []string{strconv.Itoa(recorder.status), method(r.Method), r.Pattern}
		m.requests.WithLabelValues(labels...).Inc()
		m.duration.WithLabelValues(labels...).Observe(time.Since(start).Seconds())
	})
}

// method limits the values of the label, because clients may send any word.
func method(sent string) string {
	switch sent {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return sent
	default:
		return "other"
	}
}

type statusRecorder struct {
	http.ResponseWriter

	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController use the features of the wrapped writer.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
