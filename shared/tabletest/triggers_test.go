package tabletest_test

import (
	"testing"
	"time"

	"crmhook/shared/tabletest"
)

func TestTriggers(t *testing.T) {
	t.Parallel()
	tabletest.RunTriggers(t, func(now func() time.Time) tabletest.TriggersAPI { return tabletest.NewTriggers(nil, now) })
}
