//go:build !pprof

package web

import "net/http"

func debugRoutes(*http.ServeMux) {}
