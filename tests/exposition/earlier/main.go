// Command earlier serves the same routes through an otelhttp of before its conventions were stable. It is a module
// of its own, because one module has one version of a library.
package main

import (
	"log"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"example.com/exposition/traffic"
)

func main() {
	exporter, err := prometheus.New()
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	for path, handler := range traffic.Routes() {
		mux.Handle("GET "+path, otelhttp.WithRouteTag(path, handler))
	}
	mux.Handle("GET /metrics", otelhttp.WithRouteTag("/metrics", promhttp.Handler()))

	provider := metric.NewMeterProvider(metric.WithReader(exporter))
	handler := otelhttp.NewHandler(mux, "server", otelhttp.WithMeterProvider(provider))

	listener := traffic.Listen()
	go func() { log.Fatal(http.Serve(listener, handler)) }()

	traffic.Record("go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.58.0",
		listener.Addr().String(), "http_server_duration")
}
