package traffic

import (
	"net/http"
	"time"
)

// Patience is the time after which the client of /gone goes away. The handler outlives it.
const Patience = 100 * time.Millisecond

// Routes are the answers of the service, for routers that take a http.HandlerFunc.
func Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/items":        answer(http.StatusOK),
		"/missing":      answer(http.StatusNotFound),
		"/fail":         answer(http.StatusInternalServerError),
		"/slow":         slow,
		"/gone":         gone,
		"/health/live":  answer(http.StatusOK),
		"/health/ready": answer(http.StatusOK),
	}
}

func answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func slow(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(600 * time.Millisecond)
	w.WriteHeader(http.StatusOK)
}

// gone answers nothing: its client is away by then.
func gone(_ http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-time.After(3 * Patience):
	}
}
