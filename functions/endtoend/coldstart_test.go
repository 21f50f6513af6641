package endtoend_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"crmhook/shared/environment"
)

// Bounds that a function must keep; the figures themselves are logged.
const (
	mostZipped = 10 << 20
	mostStart  = 200 * time.Millisecond
)

func TestFunctionsAreSmallAndStartAtOnce(t *testing.T) {
	outputs := os.Getenv("CRMHOOK_OUTPUTS")
	if outputs == "" {
		t.Skip("needs the built functions: scripts/test builds them and sets CRMHOOK_OUTPUTS")
	}
	for _, name := range []string{"configure", "scan", "dispatch", "send", "stop", "inbound", "apply", "manage"} {
		program := filepath.Join(filepath.Dir(outputs), "build", "local", name, "bootstrap")
		size := zipped(t, program)
		starts := make([]time.Duration, 11)
		for i := range starts {
			starts[i] = start(t, program)
		}
		slices.Sort(starts)
		median := starts[len(starts)/2]
		t.Logf("%-9s %.1f MB zipped, %s from exec to its first request for work (median of %d)", name, float64(size)/1e6, median.Round(100*time.Microsecond), len(starts))
		if size > mostZipped || median > mostStart {
			t.Errorf("%s: %d bytes zipped, %s to start; at most %d and %s", name, size, median, mostZipped, mostStart)
		}
	}
}

func zipped(t *testing.T, program string) int {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	file, err := z.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Len()
}

// start runs the program until it connects to the runtime's API, a listener of ours.
func start(t *testing.T, program string) time.Duration {
	t.Helper()
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = api.Close() }()
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(variables(t), "AWS_LAMBDA_RUNTIME_API="+api.Addr().String(), "AWS_REGION=us-east-1")
	began := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	if err := api.(*net.TCPListener).SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	work, err := api.Accept()
	if err != nil {
		t.Fatalf("%s did not ask for work: %v", program, err)
	}
	took := time.Since(began)
	_ = work.Close()
	return took
}

// variables are those that any function reads, with values that let it start.
func variables(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, of := range []any{
		environment.Configure{},
		environment.Scan{},
		environment.Dispatch{},
		environment.Send{MaxReceives: 1},
		environment.Stop{},
		environment.Inbound{},
		environment.Apply{MaxReceives: 1},
		environment.Manage{},
	} {
		named, err := environment.Variables(of)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range named {
			list = append(list, name+"="+cmp.Or(value, "x"))
		}
	}
	return list
}
