package web

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// farewell is how long clients with an open connection have, from the shutdown on, to be told to leave.
const farewell = 5 * time.Second

// leaving asks clients to open their next connection elsewhere, once the context has ended. Closing an idle
// connection without a word would cut off the request that is on its way over it.
func leaving(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}

		next.ServeHTTP(w, r)
	})
}

// idleConnections are those kept open for a next request.
type idleConnections struct {
	lock sync.Mutex
	open map[net.Conn]struct{}
}

// follow is the server's ConnState.
func (i *idleConnections) follow(connection net.Conn, state http.ConnState) {
	i.lock.Lock()
	defer i.lock.Unlock()

	if state == http.StateIdle {
		i.open[connection] = struct{}{}
	} else {
		delete(i.open, connection)
	}
}

func (i *idleConnections) none() bool {
	i.lock.Lock()
	defer i.lock.Unlock()

	return len(i.open) == 0
}

// wait returns when none is left, or when the context ends: a client that asks nothing cannot be told.
func (i *idleConnections) wait(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()

	for !i.none() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
