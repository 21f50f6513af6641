package tabletest_test

import (
	"testing"

	"crmhook/shared/tabletest"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	tabletest.RunLimits(t, tabletest.NewLimits(nil))
}
