// Command substitute stands in for the provider plugins whose official modules cannot be had. It acts as the plugin
// that its own file is named after: pulumi-resource-command or pulumi-resource-docker.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// Versions of the plugins stood in for, set by the build.
var (
	commandVersion = "0.0.0"
	dockerVersion  = "0.0.0"
)

func main() {
	var err error
	switch file := filepath.Base(os.Args[0]); file {
	case "pulumi-resource-command":
		provider := infer.Provider(infer.Options{
			Resources: []infer.InferredResource{
				infer.Resource(&Command{"local"}), infer.Resource(&Command{"remote"}), infer.Resource(&CopyToRemote{}),
			},
			Functions: []infer.InferredFunction{infer.Function(&Run{})},
		})
		err = p.RunProvider(context.Background(), "command", commandVersion, provider)
	case "pulumi-resource-docker":
		err = p.RunProvider(context.Background(), "docker", dockerVersion, dockerProvider())
	default:
		err = fmt.Errorf("%s must be named pulumi-resource-command or pulumi-resource-docker, to act as it", file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// or is an optional value, or what holds where it is missing.
func or[T any](value *T, missing T) T {
	if value == nil {
		return missing
	}
	return *value
}
