package web

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// farewell is how long the server waits, after closing the port, to send "Connection: close" on open connections.
const farewell = 5 * time.Second

// leaving sends "Connection: close" once the context has ended, so that clients reconnect elsewhere. Closing an idle
// connection without it would lose a request that is already on its way.
func leaving(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}

		next.ServeHTTP(w, r)
	})
}

// connections counts open connections, idle or not: one whose response has just been sent is not idle yet.
type connections struct{ open atomic.Int64 }

// follow is the server's ConnState.
func (c *connections) follow(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

// wait returns when no connection is open, or when the context ends: without a request there is no response to mark.
func (c *connections) wait(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()

	for c.open.Load() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
