package main

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Run is command:local:run, a function that runs a command each time.
type Run struct{}

// RunInputs are the arguments of Run.
type RunInputs struct {
	Process
	Command string `pulumi:"command"`
}

// RunResult is what Run answers.
type RunResult struct {
	RunInputs
	Output
}

// Annotate gives the function its token.
func (*Run) Annotate(a infer.Annotator) { a.SetToken("local", "run") }

// Invoke runs the command.
func (*Run) Invoke(
	ctx context.Context, request infer.FunctionRequest[RunInputs],
) (infer.FunctionResponse[RunResult], error) {
	output, err := request.Input.runLocal(ctx, request.Input.Command, Output{})
	return infer.FunctionResponse[RunResult]{Output: RunResult{request.Input, output}}, err
}

// runLocal runs a command to its end. Cancelling kills it, and waits for its children to close their output.
func (p Process) runLocal(ctx context.Context, command string, last Output) (output Output, err error) {
	interpreter := p.Interpreter
	if len(interpreter) == 0 {
		interpreter = []string{"/bin/sh", "-c"}
	}
	dir, _ := filepath.Abs(or(p.Dir, "")) // fails only where no folder is the current one
	process := exec.CommandContext(ctx, interpreter[0], append(interpreter[1:], command)...)
	process.Dir, process.Env, process.Stdin = dir, os.Environ(), strings.NewReader(or(p.Stdin, ""))
	for _, variables := range []map[string]string{p.Environment, p.previous(last)} {
		for name, value := range variables {
			process.Env = append(process.Env, name+"="+value)
		}
	}
	output, err = listen(ctx, p.Logging, command, func(stdout, stderr io.Writer) error {
		process.Stdout, process.Stderr = stdout, stderr
		return process.Run()
	})
	if err == nil && p.AssetPaths != nil {
		output.Assets, err = pick(dir, *p.AssetPaths)
	}
	if err == nil && p.ArchivePaths != nil {
		found, failed := pick(dir, *p.ArchivePaths)
		if err = failed; err == nil {
			output.Archive, err = resource.NewAssetArchive(found)
		}
	}
	return output, err
}

// pick finds the files in a folder that patterns match, unless the last one to match begins with "!".
func pick(dir string, patterns []string) (map[string]any, error) {
	globs := make([]glob.Glob, len(patterns))
	for i, pattern := range patterns {
		var err error
		if globs[i], err = glob.Compile(strings.TrimPrefix(pattern, "!"), '/'); err != nil {
			return nil, err
		}
	}
	found := map[string]any{}
	return found, fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		picked := false
		for i, pattern := range patterns {
			if globs[i].Match(name) {
				picked = !strings.HasPrefix(pattern, "!")
			}
		}
		if err != nil || entry.IsDir() || !picked {
			return err
		}
		found[name], err = resource.NewPathAsset(filepath.Join(dir, name))
		return err
	})
}
