// Command server is the sample service: a small HTTP server that reports its version and health.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"example.com/sample/internal/config"
	"example.com/sample/internal/health"
	"example.com/sample/internal/web"
)

// Set at link time, with -X main.Version=… and so on.
var (
	Version   = "dev"
	GitCommit = "unknown"
	BuildTime = "unknown"
)

// Exit codes, for a service manager.
const (
	exitFailed = 1
	exitUsage  = 2
)

var errUsage = errors.New("usage: server [version]")

func main() {
	err := run(os.Args[1:], os.Getenv, os.Stdout)

	var invalid *config.Error

	switch {
	case err == nil:
	case errors.As(err, &invalid), errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitUsage)
	default:
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(exitFailed)
	}
}

func run(arguments []string, getenv func(string) string, out io.Writer) error {
	build := web.Build{Version: Version, Commit: GitCommit, Time: BuildTime}

	if len(arguments) == 1 && arguments[0] == "version" {
		_, err := fmt.Fprintln(out, build)

		return err
	}

	if len(arguments) != 0 {
		return errUsage
	}

	settings, err := config.Read(getenv)
	if err != nil {
		return err
	}

	logger := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: settings.LogLevel}))

	if settings.FailStart {
		return errors.New("FAIL_START is set, so this version exits at start")
	}

	checks, closeChecks, err := health.Checks(settings)
	if err != nil {
		return err
	}
	defer closeChecks()

	// A service manager's reload must not end the process.
	signal.Ignore(syscall.SIGHUP)

	signalled, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	ctx, shutDown := context.WithCancel(context.Background())

	// Restores the default effect of signals before the shutdown: a second one ends the process at once.
	context.AfterFunc(signalled, func() {
		stop()
		shutDown()
	})

	return web.Serve(ctx, web.Options{
		Settings:  settings,
		Build:     build,
		Readiness: health.NewReadiness(checks, logger),
		Logger:    logger,
	})
}
