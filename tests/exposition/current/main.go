// Command current serves the same routes through the middleware of one library, and prints what it exposes.
package main

import (
	"log"
	"net/http"
	"os"

	"example.com/exposition/traffic"
)

// A service is one library in use.
type service struct {
	// library is its module and version.
	library string
	// handler serves the routes and /metrics, through the middleware.
	handler func() http.Handler
	// prefixes of the series to keep.
	prefixes []string
}

var services = map[string]service{
	"promhttp": {
		library: "github.com/prometheus/client_golang v1.25.0",
		handler: withPromhttp, prefixes: []string{"http_request"},
	},
	"otelhttp": {
		library: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.72.0",
		handler: withOtelhttp, prefixes: []string{"http_server_request_duration"},
	},
	"slok": {
		library: "github.com/slok/go-http-metrics v0.13.0",
		handler: withSlok, prefixes: []string{"http_request_duration"},
	},
	"go-chi": {
		library: "github.com/go-chi/metrics v0.1.1",
		handler: withChi, prefixes: []string{"http_requests_total", "http_request_duration"},
	},
	"gin": {
		library: "github.com/zsais/go-gin-prometheus v1.0.3",
		handler: withGin, prefixes: []string{"gin_requests_total", "gin_request_duration"},
	},
	"gin-metrics": {
		library: "github.com/penglongli/gin-metrics v0.1.13",
		handler: withGinMetrics, prefixes: []string{"gin_uri_request_total", "gin_request_duration"},
	},
	"echo": {
		library: "github.com/labstack/echo-contrib v0.50.1",
		handler: withEcho, prefixes: []string{"echo_requests_total", "echo_request_duration"},
	},
}

func main() {
	log.SetFlags(0)

	if len(os.Args) != 2 {
		log.Fatal("usage: go run . NAME")
	}

	switch name := os.Args[1]; name {
	case "grpc":
		recordGRPC()
	case "fiber":
		recordFiber()
	default:
		wanted, known := services[name]
		if !known {
			log.Fatalf("unknown name %q", name)
		}

		listener := traffic.Listen()
		go func() { log.Fatal(http.Serve(listener, wanted.handler())) }()

		traffic.Record(wanted.library, listener.Addr().String(), wanted.prefixes...)
	}
}
