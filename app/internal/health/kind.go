package health

import (
	"errors"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// kind describes an error in fixed words, so that no part of an address is exposed.
func kind(err error) string {
	var (
		name     *net.DNSError
		database *pgconn.PgError
	)

	switch {
	case errors.As(err, &name):
		return "its host name does not resolve"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &database):
		return "it answers with SQLSTATE " + database.Code
	case strings.HasPrefix(err.Error(), "NOAUTH"), strings.HasPrefix(err.Error(), "WRONGPASS"):
		return "it refuses the password"
	default:
		return "connection failed"
	}
}
