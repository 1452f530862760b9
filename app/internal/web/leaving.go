package web

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// farewell is how long clients with an open connection have, once the port is closed, to be told to leave.
const farewell = 5 * time.Second

// leaving asks clients to open their next connection elsewhere, once the context has ended. Closing a connection
// between two requests without a word would cut off the one that is on its way.
func leaving(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}

		next.ServeHTTP(w, r)
	})
}

// connections counts those that are open, idle or not: one whose answer has just been sent is not idle yet.
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

// wait returns when none is open, or when the context ends: a client that asks nothing cannot be told.
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
