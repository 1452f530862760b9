package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"example.com/sample/internal/config"
	"example.com/sample/internal/fault"
	"example.com/sample/internal/health"
)

// Limits of the server. The drain, including the farewell, has to fit into the pod's grace period.
const (
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 120 * time.Second
	drainTimeout   = 30 * time.Second
	maxHeaderBytes = 1 << 20
)

// Options are the parts of the server.
type Options struct {
	Settings  config.Settings
	Build     Build
	Readiness *health.Readiness
	Logger    *slog.Logger
}

// Serve listens on the configured port until the context ends, then shuts down in order: readiness fails, requests
// are still served for the shutdown delay, then the listener closes. After that, open connections get 5 s for a last
// request, and open requests have 30 s to finish.
func Serve(ctx context.Context, options Options) error {
	address := ":" + strconv.Itoa(options.Settings.Port)

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen on PORT %d: %w", options.Settings.Port, err)
	}

	return serve(ctx, listener, options)
}

func serve(ctx context.Context, listener net.Listener, options Options) error {
	var clients connections

	server := &http.Server{
		Handler:           leaving(ctx, routes(options)),
		ConnState:         clients.follow,
		ReadTimeout:       readTimeout,
		ReadHeaderTimeout: readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(options.Logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)

	go func() { failed <- server.Serve(listener) }()

	options.Logger.Info("serving", "address", listener.Addr().String(), "version", options.Build.Version)

	select {
	case err := <-failed:
		return fmt.Errorf("the server stopped: %w", err)
	case <-fault.Crash(options.Settings.FaultCrashAfter):
		return fmt.Errorf("FAULT_CRASH_AFTER: %s have passed, so this version crashes", options.Settings.FaultCrashAfter)
	case <-ctx.Done():
	}

	options.Readiness.Stop()
	options.Logger.Info("shutting down: not ready any more", "delay", options.Settings.ShutdownDelay.String())
	time.Sleep(options.Settings.ShutdownDelay)

	_ = listener.Close()

	if err := <-failed; !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("the server stopped: %w", err)
	}

	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()

	goodbye, cancelGoodbye := context.WithTimeout(drain, farewell)
	defer cancelGoodbye()

	clients.wait(goodbye)

	if err := server.Shutdown(drain); err != nil {
		_ = server.Close()

		return fmt.Errorf("requests were still open after %s: %w", drainTimeout, err)
	}

	options.Logger.Info("shut down: every request was answered")

	return nil
}
