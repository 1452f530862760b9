package main

import (
	"log"
	"net/http"

	"github.com/go-chi/chi/v5"
	chimetrics "github.com/go-chi/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	slok "github.com/slok/go-http-metrics/metrics/prometheus"
	"github.com/slok/go-http-metrics/middleware"
	"github.com/slok/go-http-metrics/middleware/std"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"example.com/exposition/traffic"
)

func mux(metrics http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	for path, handler := range traffic.Routes() {
		mux.Handle("GET "+path, handler)
	}
	mux.Handle("GET /metrics", metrics)

	return mux
}

// withPromhttp uses the metric names of the library's example of a middleware; it has none of its own.
func withPromhttp() http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests answered.",
	}, []string{"code", "method"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time to answer.",
	}, []string{"code", "method"})
	// Not the default registry: go-chi/metrics takes the same names there as soon as it is imported.
	registry := prometheus.NewRegistry()
	registry.MustRegister(requests, duration)
	handler := mux(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))

	return promhttp.InstrumentHandlerDuration(duration, promhttp.InstrumentHandlerCounter(requests, handler))
}

func withOtelhttp() http.Handler {
	exporter, err := otelprometheus.New()
	if err != nil {
		log.Fatal(err)
	}

	provider := metric.NewMeterProvider(metric.WithReader(exporter))

	return otelhttp.NewHandler(mux(promhttp.Handler()), "server", otelhttp.WithMeterProvider(provider))
}

func withSlok() http.Handler {
	registry := prometheus.NewRegistry()
	measured := middleware.New(middleware.Config{Recorder: slok.NewRecorder(slok.Config{Registry: registry})})

	return std.Handler("", measured, mux(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})))
}

func withChi() http.Handler {
	router := chi.NewRouter()
	router.Use(chimetrics.Collector(chimetrics.CollectorOpts{}))
	for path, handler := range traffic.Routes() {
		router.Get(path, handler)
	}
	router.Get("/metrics", promhttp.Handler().ServeHTTP)

	return router
}
