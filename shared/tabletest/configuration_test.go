package tabletest_test

import (
	"testing"

	"crmhook/shared/tabletest"
)

func TestConfiguration(t *testing.T) {
	t.Parallel()
	tabletest.RunConfiguration(t, tabletest.NewConfiguration(nil))
}
