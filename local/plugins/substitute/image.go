package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/distribution/reference"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Image is docker:index/image:Image: an image built from a folder for one platform, and pushed.
type Image struct{}

// ImageInputs are the inputs of an Image.
type ImageInputs struct {
	ImageName      string    `pulumi:"imageName"`
	Build          *Build    `pulumi:"build,optional"`
	BuildOnPreview *bool     `pulumi:"buildOnPreview,optional"`
	Registry       *Registry `pulumi:"registry,optional"`
	SkipPush       *bool     `pulumi:"skipPush,optional"`
}

// Build is how an image is built. A check fills in the context, the Dockerfile, the platform and the digest.
type Build struct {
	AddHosts       []string          `pulumi:"addHosts,optional"`
	Args           map[string]string `pulumi:"args,optional"`
	BuilderVersion *string           `pulumi:"builderVersion,optional"`
	CacheFrom      *CacheFrom        `pulumi:"cacheFrom,optional"`
	Context        *string           `pulumi:"context,optional"`
	ContextDigest  *string           `pulumi:"contextDigest,optional"`
	Dockerfile     *string           `pulumi:"dockerfile,optional"`
	Network        *string           `pulumi:"network,optional"`
	Platform       *string           `pulumi:"platform,optional"`
	Target         *string           `pulumi:"target,optional"`
}

// CacheFrom names images whose layers are used again.
type CacheFrom struct {
	Images []string `pulumi:"images"`
}

// Registry is where an image is pushed to, and the login for it.
type Registry struct {
	Server   *string `pulumi:"server,optional"`
	Username *string `pulumi:"username,optional"`
	Password *string `pulumi:"password,optional" provider:"secret"`
}

// ImageState is the state of an Image.
type ImageState struct {
	BaseImageName  string `pulumi:"baseImageName"`
	ImageName      string `pulumi:"imageName"`
	RegistryServer string `pulumi:"registryServer"`
	RepoDigest     string `pulumi:"repoDigest"`
}

func dockerProvider() p.Provider {
	provider := infer.Provider(infer.Options{Resources: []infer.InferredResource{infer.Resource(&Image{})}})
	provider.Configure = func(_ context.Context, request p.ConfigureRequest) error {
		if host := request.Args.Get("host"); host.IsString() {
			return os.Setenv("DOCKER_HOST", host.AsString())
		}
		return nil
	}
	diff := provider.Diff
	provider.Diff = func(ctx context.Context, request p.DiffRequest) (p.DiffResponse, error) {
		response, err := diff(ctx, request)
		// A login may be short-lived, so it does not count.
		delete(response.DetailedDiff, "registry.username")
		delete(response.DetailedDiff, "registry.password")
		response.HasChanges = len(response.DetailedDiff) > 0
		return response, err
	}
	return provider
}

// Annotate gives the resource its token.
func (*Image) Annotate(a infer.Annotator) { a.SetToken("index/image", "Image") }

// WireDependencies makes outputs known where a preview has built the image.
func (*Image) WireDependencies(f infer.FieldSelector, _ *ImageInputs, state *ImageState) {
	if state.RepoDigest != "" {
		f.OutputField(state).AlwaysKnown()
	}
}

// Check fills in what is missing, and the digest of the sources with it.
func (*Image) Check(
	ctx context.Context, request infer.CheckRequest,
) (response infer.CheckResponse[ImageInputs], err error) {
	given, inputs := request.NewInputs, &response.Inputs
	*inputs, response.Failures, err = infer.DefaultCheck[ImageInputs](ctx, given)
	if err != nil || len(response.Failures) > 0 {
		return response, err
	}
	onPreview := or(inputs.BuildOnPreview, false) && !property.New(given).HasComputed()
	inputs.BuildOnPreview = &onPreview
	server := or(inputs.Registry, Registry{}).Server
	if server == nil && !or(inputs.SkipPush, false) && !given.Get("imageName").IsComputed() {
		if _, err := reference.ParseNamed(inputs.ImageName); err != nil {
			return response, fmt.Errorf("imageName must begin with its registry: %w", err)
		}
	}
	if given.Get("build").HasComputed() {
		return response, nil
	}
	build := or(inputs.Build, Build{})
	platform, folder := or(build.Platform, "linux/"+runtime.GOARCH), or(build.Context, ".")
	file := or(build.Dockerfile, filepath.Join(folder, "Dockerfile"))
	digest, err := contextDigest(ctx, folder, file)
	build.Platform, build.Context, build.Dockerfile, build.ContextDigest = &platform, &folder, &file, &digest
	inputs.Build = &build
	return response, err
}

// Create builds the image, and pushes it.
func (*Image) Create(
	ctx context.Context, request infer.CreateRequest[ImageInputs],
) (infer.CreateResponse[ImageState], error) {
	state, err := request.Inputs.apply(ctx, request.DryRun)
	return infer.CreateResponse[ImageState]{ID: request.Inputs.ImageName, Output: state}, err
}

// Update builds the image anew, and pushes it.
func (*Image) Update(
	ctx context.Context, request infer.UpdateRequest[ImageInputs, ImageState],
) (infer.UpdateResponse[ImageState], error) {
	state, err := request.Inputs.apply(ctx, request.DryRun)
	return infer.UpdateResponse[ImageState]{Output: state}, err
}

func (i ImageInputs) apply(ctx context.Context, preview bool) (state ImageState, err error) {
	state.ImageName = i.ImageName
	if preview && !*i.BuildOnPreview {
		return state, nil
	}
	named, err := reference.ParseNormalizedNamed(i.ImageName)
	if err != nil {
		return state, err
	}
	registry := or(i.Registry, Registry{})
	folder, env, err := configure(reference.Domain(named), registry)
	defer os.RemoveAll(folder)
	if err != nil {
		return state, err
	}
	state.BaseImageName, state.RegistryServer = i.ImageName, or(registry.Server, "")
	if err := buildImage(ctx, env, i.ImageName, *i.Build); err != nil {
		return state, err
	}
	if preview || or(i.SkipPush, false) {
		state.RepoDigest, err = docker(ctx, env, "image", "inspect", "--format={{.Id}}", i.ImageName)
		return state, err
	}
	printed, err := docker(ctx, env, "push", i.ImageName)
	if err != nil {
		return state, err
	}
	digest := regexp.MustCompile("digest: (sha256:[0-9a-f]{64})").FindStringSubmatch(printed)
	if digest == nil {
		return state, fmt.Errorf("docker reports no digest of what it has pushed:\n%s", printed)
	}
	state.RepoDigest = named.Name() + "@" + digest[1]
	return state, nil
}
