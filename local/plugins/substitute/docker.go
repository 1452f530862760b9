package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/credentials"
	"github.com/docker/cli/cli/config/types"
	"github.com/moby/patternmatcher/ignorefile"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/tonistiigi/fsutil"
)

// configure makes a Docker configuration in a folder: the user's, with the login for a registry added. It returns the
// variables that have docker commands use it, which are none if there is no login.
func configure(server string, registry Registry) (folder string, env []string, err error) {
	login := types.AuthConfig{Username: or(registry.Username, ""), Password: or(registry.Password, "")}
	if login.Username == "" || login.Password == "" {
		return "", nil, nil
	}
	server = credentials.ConvertToHostname(or(registry.Server, server))
	if server == "docker.io" || server == "index.docker.io" {
		server = "https://index.docker.io/v1/"
	}
	users, loading := config.Load(config.Dir())
	folder, making := os.MkdirTemp("", "docker-config-")
	others, globbing := filepath.Glob(filepath.Join(config.Dir(), "*"))
	if err := errors.Join(loading, making, globbing); err != nil {
		return folder, nil, err
	}
	for _, file := range others {
		if name := filepath.Base(file); name != config.ConfigFileName {
			err = errors.Join(err, os.Symlink(file, filepath.Join(folder, name)))
		}
	}
	users.AuthConfigs[server] = login
	if users.CredentialHelpers == nil {
		users.CredentialHelpers = map[string]string{}
	}
	users.CredentialHelpers[server] = "" // none: the login is in the file
	users.Filename = filepath.Join(folder, config.ConfigFileName)
	return folder, []string{"DOCKER_CONFIG=" + folder}, errors.Join(err, users.Save())
}

func buildImage(ctx context.Context, env []string, image string, build Build) error {
	engine := "DOCKER_BUILDKIT=1"
	if or(build.BuilderVersion, "") == "BuilderV1" {
		engine = "DOCKER_BUILDKIT=0"
	}
	building := append(env, engine, "BUILDX_NO_DEFAULT_ATTESTATIONS=1") // none, as the engine builds by its API
	arguments := []string{
		"build", "--tag=" + image, "--file=" + *build.Dockerfile, "--platform=" + *build.Platform,
		"--target=" + or(build.Target, ""), "--network=" + or(build.Network, "default"),
	}
	for _, host := range build.AddHosts {
		arguments = append(arguments, "--add-host="+host)
	}
	for name, value := range build.Args {
		// By name: a command line is for all to see.
		building, arguments = append(building, name+"="+value), append(arguments, "--build-arg="+name)
	}
	for _, cache := range or(build.CacheFrom, CacheFrom{}).Images {
		if _, err := docker(ctx, env, "pull", "--platform="+*build.Platform, cache); err != nil {
			p.GetLogger(ctx).Infof("cacheFrom image %s not available: %v", cache, err)
		}
		arguments = append(arguments, "--cache-from="+cache)
	}
	_, err := docker(ctx, building, append(arguments, *build.Context)...)
	return err
}

// docker runs a docker command, and returns its standard output.
func docker(ctx context.Context, env []string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "docker", arguments...)
	command.Env = append(os.Environ(), env...)
	output, err := listen(ctx, nil, "docker "+arguments[0], func(stdout, stderr io.Writer) error {
		command.Stdout, command.Stderr = stdout, stderr
		return command.Run()
	})
	return output.Stdout, err
}

// contextDigest is a digest of the Dockerfile and all files not ignored: path, mode, and content or target of a link.
func contextDigest(ctx context.Context, folder, dockerfile string) (string, error) {
	var ignored []string
	ignore, err := os.Open(dockerfile + ".dockerignore")
	if errors.Is(err, fs.ErrNotExist) {
		ignore, err = os.Open(filepath.Join(folder, ".dockerignore"))
	}
	if err == nil {
		defer ignore.Close()
		ignored, err = ignorefile.ReadAll(ignore)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	files := map[string]any{"Dockerfile": &resource.Asset{Path: dockerfile}}
	filter := &fsutil.FilterOpt{ExcludePatterns: ignored}
	err = fsutil.Walk(ctx, folder, filter, func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content := &resource.Asset{Path: filepath.Join(folder, name)}
		if !info.Mode().IsRegular() {
			target, _ := os.Readlink(content.Path) // none, unless it is a link
			content = &resource.Asset{Text: target}
		}
		files[info.Mode().String()+" "+name] = content
		return nil
	})
	if err != nil {
		return "", err
	}
	archive := &resource.Archive{Assets: files}
	err = archive.EnsureHash()
	return archive.Hash, err
}
