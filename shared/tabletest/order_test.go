package tabletest_test

import (
	"testing"

	"crmhook/shared/tabletest"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	tabletest.RunOrder(t, tabletest.NewBacklog(nil))
}
