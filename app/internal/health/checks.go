package health

import (
	"context"
	"errors"
	"fmt"

	"example.com/sample/internal/config"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// Checks returns the checks the settings ask for, by name, and what closes their connections. Errors name the
// variable and never its value, which may hold a password.
func Checks(settings config.Settings) (map[string]Check, func(), error) {
	checks := map[string]Check{}
	closers := []func(){}
	closeAll := func() {
		for _, closer := range closers {
			closer()
		}
	}

	if settings.FailReady {
		checks["fail_ready"] = func(context.Context) error {
			return errors.New("FAIL_READY is set, so this version is never ready")
		}
	}

	if settings.DatabaseURL != "" {
		pool, err := pgxpool.New(context.Background(), settings.DatabaseURL)
		if err != nil {
			return nil, closeAll, errors.New("DATABASE_URL is not an address of Postgres; set postgres://user:password@host:5432/name")
		}

		closers = append(closers, pool.Close)
		checks["postgres"] = plain("Postgres", pool.Ping)
	}

	if settings.RedisURL != "" {
		options, err := redis.ParseURL(settings.RedisURL)
		if err != nil {
			closeAll()

			return nil, func() {}, errors.New("REDIS_URL is not an address of Redis; set redis://:password@host:6379/0")
		}

		client := redis.NewClient(options)
		closers = append(closers, func() { _ = client.Close() })
		checks["redis"] = plain("Redis", func(ctx context.Context) error { return client.Ping(ctx).Err() })
	}

	return checks, closeAll, nil
}

// plain gives a client's error in a few words of our own: the client's may name the user, the host and more.
func plain(service string, ping func(context.Context) error) Check {
	return func(ctx context.Context) error {
		err := ping(ctx)

		switch {
		case err == nil:
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("%s does not answer within %s", service, Limit)
		default:
			return fmt.Errorf("%s cannot be used: %s", service, kind(err))
		}
	}
}
