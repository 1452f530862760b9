package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"strings"
	"sync"

	pulumi "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Command is command:local:Command or command:remote:Command: a resource that runs commands on some machine.
type Command struct{ module tokens.ModuleName }

// CommandInputs are the inputs of a Command. Only a remote one has a connection.
type CommandInputs struct {
	Process
	Connection *Connection `pulumi:"connection,optional" provider:"secret"`
	Triggers   *[]any      `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create     *string     `pulumi:"create,optional"`
	Update     *string     `pulumi:"update,optional"`
	Delete     *string     `pulumi:"delete,optional"`
}

// Process is how a command runs, what it is given, and which of its output is logged and which files are kept.
type Process struct {
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *string           `pulumi:"logging,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
	Interpreter            []string          `pulumi:"interpreter,optional"`
	Dir                    *string           `pulumi:"dir,optional"`
	AssetPaths             *[]string         `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string         `pulumi:"archivePaths,optional"`
}

// Output is what a command has printed, without the end of its last line, and the files it has left.
type Output struct {
	Stdout  string            `pulumi:"stdout"`
	Stderr  string            `pulumi:"stderr"`
	Assets  map[string]any    `pulumi:"assets,optional"`
	Archive *resource.Archive `pulumi:"archive,optional"`
}

// CommandState is the state of a Command.
type CommandState struct {
	CommandInputs
	Output
}

// Annotate gives the resource its token.
func (c *Command) Annotate(a infer.Annotator) {
	if c.module != "" {
		a.SetToken(c.module, "Command")
	}
}

// Create runs the command for it.
func (c *Command) Create(
	ctx context.Context, request infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandState], error) {
	state := CommandState{CommandInputs: request.Inputs}
	id, err := resource.NewUniqueHex(request.Name, 8, 0)
	if err == nil && !request.DryRun {
		err = c.run(ctx, &state, state.Create)
	}
	return infer.CreateResponse[CommandState]{ID: id, Output: state}, err
}

// Update runs the command for it, or else that of Create.
func (c *Command) Update(
	ctx context.Context, request infer.UpdateRequest[CommandInputs, CommandState],
) (response infer.UpdateResponse[CommandState], err error) {
	state := CommandState{CommandInputs: request.Inputs, Output: request.State.Output}
	if !request.DryRun {
		err = c.run(ctx, &state, cmp.Or(state.Update, state.Create))
	}
	return infer.UpdateResponse[CommandState]{Output: state}, err
}

// Delete runs the command for it.
func (c *Command) Delete(ctx context.Context, request infer.DeleteRequest[CommandState]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, c.run(ctx, &request.State, request.State.Delete)
}

func (c *Command) run(ctx context.Context, state *CommandState, command *string) (err error) {
	if command == nil {
		return nil
	}
	run := state.runLocal
	if c.module == "remote" {
		run = state.runRemote
	}
	state.Output, err = run(ctx, *command, state.Output)
	return err
}

// previous is the last run's output as variables for the next run, unless that is turned off.
func (p Process) previous(last Output) map[string]string {
	variables := map[string]string{"PULUMI_COMMAND_STDOUT": last.Stdout, "PULUMI_COMMAND_STDERR": last.Stderr}
	maps.DeleteFunc(variables, func(_, text string) bool { return text == "" || !or(p.AddPreviousOutputInEnv, true) })
	return variables
}

// listen runs what prints to two streams, and returns what it has printed: all of it as part of the error if it fails.
// Lines of the streams that are logged reach the engine as they end.
func listen(
	ctx context.Context, logging *string, command string, run func(stdout, stderr io.Writer) error,
) (Output, error) {
	var stdout, stderr, both bytes.Buffer
	var readers sync.WaitGroup
	printed, inOrder := io.Pipe() // which takes from both streams at once
	readers.Go(func() { _, _ = both.ReadFrom(printed) })
	lines, logged := io.Pipe()
	readers.Go(func() {
		scanner := bufio.NewScanner(lines)
		scanner.Buffer(nil, math.MaxInt)
		for scanner.Scan() {
			pulumi.GetLogger(ctx).InfoStatus(scanner.Text())
		}
	})
	stream := func(name string, text io.Writer) io.Writer {
		if chosen := or(logging, "stdoutAndStderr"); chosen == name || chosen == "stdoutAndStderr" {
			return io.MultiWriter(text, inOrder, logged)
		}
		return io.MultiWriter(text, inOrder)
	}
	err := run(stream("stdout", &stdout), stream("stderr", &stderr))
	_, _ = inOrder.Close(), logged.Close()
	readers.Wait()
	text := func(printed *bytes.Buffer) string { // as the engine takes it
		return strings.ToValidUTF8(strings.TrimSuffix(printed.String(), "\n"), "\uFFFD")
	}
	if err != nil {
		return Output{}, fmt.Errorf("%w: running %q:\n%s", err, command, text(&both))
	}
	return Output{Stdout: text(&stdout), Stderr: text(&stderr)}, nil
}
