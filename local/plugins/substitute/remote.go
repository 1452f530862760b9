package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	pulumi "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Connection is a machine, and how it is reached over SSH.
type Connection struct {
	User               *string     `pulumi:"user,optional"`
	Password           *string     `pulumi:"password,optional" provider:"secret"`
	Host               string      `pulumi:"host"`
	Port               *float64    `pulumi:"port,optional"`
	PrivateKey         *string     `pulumi:"privateKey,optional" provider:"secret"`
	PrivateKeyPassword *string     `pulumi:"privateKeyPassword,optional" provider:"secret"`
	AgentSocketPath    *string     `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int        `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int        `pulumi:"perDialTimeout,optional"`
	HostKey            *string     `pulumi:"hostKey,optional"`
	Proxy              *Connection `pulumi:"proxy,optional"`
}

// Annotate sets the defaults, which a check fills in.
func (c *Connection) Annotate(a infer.Annotator) {
	a.SetDefault(&c.User, "root")
	a.SetDefault(&c.Port, 22)
	a.SetDefault(&c.DialErrorLimit, 10)
	a.SetDefault(&c.PerDialTimeout, 15)
}

// runRemote runs a command on another machine. Cancelling ends the connection.
func (s *CommandState) runRemote(ctx context.Context, command string, last Output) (output Output, err error) {
	if s.Connection == nil {
		return output, errors.New("a remote command needs a connection")
	}
	client, err := s.Connection.connect(ctx)
	if err != nil {
		return output, err
	}
	session, err := client.NewSession()
	if err != nil {
		return output, err
	}
	for name, value := range s.Environment {
		if err := session.Setenv(name, value); err != nil {
			return output, fmt.Errorf("could not set environment variable %q (see AcceptEnv of sshd): %w", name, err)
		}
	}
	for name, value := range s.previous(last) {
		if err := session.Setenv(name, value); err != nil {
			pulumi.GetLogger(ctx).Warningf("could not set environment variable %q (see AcceptEnv of sshd): %v", name, err)
		}
	}
	session.Stdin = strings.NewReader(or(s.Stdin, ""))
	return listen(ctx, s.Logging, command, func(stdout, stderr io.Writer) error {
		session.Stdout, session.Stderr = stdout, stderr
		return session.Run(command)
	})
}

// connect logs in, through the proxy if there is one, and tries again as often as it may. The connection ends with ctx.
func (c *Connection) connect(ctx context.Context) (client *ssh.Client, err error) {
	config, err := c.config()
	if err != nil {
		return nil, err
	}
	dial := (&net.Dialer{Timeout: time.Duration(*c.PerDialTimeout) * time.Second}).Dial
	if c.Proxy != nil {
		proxy, err := c.Proxy.connect(ctx)
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
		dial = proxy.Dial
	}
	address := net.JoinHostPort(c.Host, strconv.Itoa(int(*c.Port)))
	_, _, err = retry.Until(ctx, retry.Acceptor{Accept: func(failed int, _ time.Duration) (bool, any, error) {
		connection, err := dial("tcp", address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = connection.Close() })
			session, channels, requests, refused := ssh.NewClientConn(connection, address, config)
			if err = refused; err == nil {
				client = ssh.NewClient(session, channels, requests)
				return true, nil, nil
			}
		}
		if *c.DialErrorLimit >= 0 && failed >= *c.DialErrorLimit { // below zero, it is unlimited
			return false, nil, fmt.Errorf("%s: after %d failed attempts: %w", address, failed+1, err)
		}
		pulumi.GetLogger(ctx).InfoStatusf("%s: attempt %d failed: %v: retrying", address, failed+1, err)
		return false, nil, nil
	}})
	return client, cmp.Or(err, ctx.Err())
}

// config is how to log in.
func (c *Connection) config() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{User: *c.User, HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	if c.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*c.HostKey))
		if err != nil {
			return nil, fmt.Errorf("failed to parse host key: %w", err)
		}
		config.HostKeyAlgorithms, config.HostKeyCallback = []string{key.Type()}, ssh.FixedHostKey(key)
	}
	if c.PrivateKey != nil {
		signer, err := ssh.ParsePrivateKey([]byte(*c.PrivateKey))
		if c.PrivateKeyPassword != nil {
			signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(*c.PrivateKey), []byte(*c.PrivateKeyPassword))
		}
		if err != nil {
			return nil, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if c.Password != nil {
		answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
			return slices.Repeat([]string{*c.Password}, len(questions)), nil
		}
		config.Auth = append(config.Auth, ssh.Password(*c.Password), ssh.KeyboardInteractive(answer))
	}
	if socket := or(c.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK")); socket != "" {
		connection, err := net.Dial("unix", socket)
		if err != nil {
			return nil, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(connection).Signers))
	}
	return config, nil
}
