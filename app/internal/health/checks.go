package health

import (
	"context"
	"errors"
	"fmt"
	"net"

	"example.com/sample/internal/config"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// Checks returns the configured checks by name, and a function that closes their connections. The error is a
// *config.Error with the names of bad variables, never their values, which may contain a password.
func Checks(settings config.Settings) (map[string]Check, func(), error) {
	var (
		checks   = map[string]Check{}
		closers  []func()
		problems []string
	)

	if settings.FailReady {
		checks["fail_ready"] = func(context.Context) error {
			return errors.New("FAIL_READY is set, so this version is never ready")
		}
	}

	if settings.DatabaseURL != "" {
		pool, err := pgxpool.New(context.Background(), settings.DatabaseURL)
		if err != nil {
			problems = append(problems,
				"DATABASE_URL: not an address of Postgres; set one such as postgres://user:password@host:5432/name")
		} else {
			closers = append(closers, pool.Close)
			checks["postgres"] = plain("Postgres", pool.Ping)
		}
	}

	if settings.RedisURL != "" {
		client, err := redisClient(settings.RedisURL)
		if err != nil {
			problems = append(problems, "REDIS_URL: not an address of Redis; set one such as redis://:password@host:6379/0")
		} else {
			closers = append(closers, func() { _ = client.Close() })
			checks["redis"] = plain("Redis", func(ctx context.Context) error { return client.Ping(ctx).Err() })
		}
	}

	closeAll := func() {
		for _, closer := range closers {
			closer()
		}
	}

	if len(problems) > 0 {
		closeAll()

		return nil, nil, &config.Error{Problems: problems}
	}

	return checks, closeAll, nil
}

// redisClient returns a client without retries that respects its context: by default it would retry for many seconds,
// and log addresses in its own format.
func redisClient(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}

	options.ContextTimeoutEnabled = true
	options.DialTimeout = Limit
	options.DialerRetries = 1
	options.MaxRetries = -1

	logging.Disable()

	return redis.NewClient(options), nil
}

// plain replaces a client's error by a short text, because the error may contain the user, the host and more.
func plain(service string, ping func(context.Context) error) Check {
	return func(ctx context.Context) error {
		err := ping(ctx)

		var network net.Error

		switch {
		case err == nil:
			return nil
		case errors.As(err, &network) && network.Timeout():
			return fmt.Errorf("%s does not answer within %s", service, Limit)
		default:
			return fmt.Errorf("%s cannot be used: %s", service, kind(err))
		}
	}
}
