package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pkg/sftp"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemote is command:remote:CopyToRemote: a file, a folder or a text put on another machine, and left there.
type CopyToRemote struct{}

// CopyInputs are the inputs of a CopyToRemote, and its state.
type CopyInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// Annotate gives the resource its token.
func (*CopyToRemote) Annotate(a infer.Annotator) { a.SetToken("remote", "CopyToRemote") }

// Create copies.
func (*CopyToRemote) Create(
	ctx context.Context, request infer.CreateRequest[CopyInputs],
) (infer.CreateResponse[CopyInputs], error) {
	id, err := resource.NewUniqueHex("", 8, 0)
	if err == nil && !request.DryRun {
		err = request.Inputs.copy(ctx)
	}
	return infer.CreateResponse[CopyInputs]{ID: id, Output: request.Inputs}, err
}

// Update copies again if the source or its place has changed.
func (*CopyToRemote) Update(
	ctx context.Context, request infer.UpdateRequest[CopyInputs, CopyInputs],
) (response infer.UpdateResponse[CopyInputs], err error) {
	old, now := request.State, request.Inputs
	if !request.DryRun && (!reflect.DeepEqual(old.Source, now.Source) || old.RemotePath != now.RemotePath) {
		err = now.copy(ctx)
	}
	return infer.UpdateResponse[CopyInputs]{Output: now}, err
}

// copy writes a file into the folder that the remote path is, if it is one, else to that path. A folder goes into it
// under its own name, or without one if it ends with a slash.
func (c CopyInputs) copy(ctx context.Context) error {
	client, err := c.Connection.connect(ctx)
	if err != nil {
		return err
	}
	remote, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	target, asset := c.RemotePath, c.Source.Asset
	if archive := c.Source.Archive; archive != nil {
		info, err := os.Stat(archive.Path)
		if err != nil {
			return fmt.Errorf("an archive has to be a file or folder on disk: %w", err)
		}
		if info.IsDir() && !strings.HasSuffix(archive.Path, "/") {
			target = path.Join(target, filepath.Base(archive.Path))
		}
		if info.IsDir() {
			return writeFolder(remote, os.DirFS(archive.Path), target)
		}
		asset = &resource.Asset{Path: archive.Path}
	}
	content, err := asset.Read()
	if err != nil {
		return err
	}
	if there, err := remote.Stat(target); err == nil && there.IsDir() && asset.IsPath() {
		target = path.Join(target, filepath.Base(asset.Path))
	}
	return write(remote, content, target)
}

func writeFolder(remote *sftp.Client, folder fs.FS, target string) error {
	return fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return remote.MkdirAll(path.Join(target, name))
		}
		content, err := folder.Open(name)
		if err != nil {
			return err
		}
		return write(remote, content, path.Join(target, name))
	})
}

func write(remote *sftp.Client, content io.ReadCloser, target string) error {
	defer content.Close()
	if err := remote.MkdirAll(path.Dir(target)); err != nil {
		return err
	}
	file, err := remote.Create(target)
	if err != nil {
		return fmt.Errorf("remote path %s: %w", target, err)
	}
	_, err = file.ReadFrom(content)
	return errors.Join(err, file.Close())
}
