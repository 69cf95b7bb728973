// A test tool, never part of the product: Argo Workflows' own linter, without a cluster. `argo-lint FILE...`; 1 when it refuses one.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/argoproj/argo-workflows/v4/cmd/argo/lint"
	"github.com/argoproj/argo-workflows/v4/pkg/apiclient"
	wf "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow"
)

func main() {
	files := os.Args[1:]
	if len(files) == 0 {
		fail(fmt.Errorf("usage: argo-lint FILE..."))
	}
	ctx, client, err := apiclient.NewClientFromOptsWithContext(context.Background(), apiclient.Opts{
		Offline: true, OfflineFiles: files, LogLevel: "error", LogFormat: "text",
	})
	if err != nil {
		fail(err)
	}
	opts := lint.LintOptions{Files: files, Strict: true, DefaultNamespace: "default", Printer: os.Stdout}
	kinds := []string{wf.WorkflowPlural, wf.WorkflowTemplatePlural, wf.CronWorkflowPlural, wf.ClusterWorkflowTemplatePlural}
	if err := lint.RunLint(ctx, client, kinds, "simple", true, opts); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(2)
}
