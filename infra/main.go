// Command infra is the stack: every resource that crmhook runs on, declared here and nowhere else. It synthesizes a
// template from the context alone (see settings) and needs no credentials. It must not know what the functions do: all
// it takes from them is the environment structs that they read.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	err := run()
	jsii.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	app := awscdk.NewApp(nil)
	settings, err := readSettings(app.Node().TryGetContext)
	if err != nil {
		return err
	}
	if _, err := newStack(app, settings); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}
