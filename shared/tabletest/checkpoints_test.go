package tabletest_test

import (
	"testing"

	"crmhook/shared/tabletest"
)

func TestCheckpoints(t *testing.T) {
	t.Parallel()
	tabletest.RunCheckpoints(t, tabletest.NewCheckpoints(nil))
}
