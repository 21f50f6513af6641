package table_test

import (
	"strings"
	"testing"
	"time"

	"crmhook/shared/awstest"
	"crmhook/shared/setaside"
	"crmhook/shared/table"
)

// TestAPageOfWhatWasSetAsideIsBound: more than an answer may hold is left to the next page.
func TestAPageOfWhatWasSetAsideIsBound(t *testing.T) {
	t.Parallel()
	client, name := awstest.Ledger(t, awstest.Config(t))
	ledger := table.NewLedger(client, name)
	items := aside(8)
	for i := range items {
		items[i].At, items[i].Body = time.UnixMilli(int64(i)), strings.Repeat("x", setaside.BodyKept)
	}
	if err := ledger.SetAside(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	after := ""
	for n := 0; n == 0 || after != "" && n < 9; n++ {
		page, next, err := ledger.AsideListed(t.Context(), "demo", after, time.Time{}, time.Time{}, 50)
		if err != nil {
			t.Fatal(err)
		}
		sizes, after = append(sizes, len(page)), next
	}
	if len(sizes) != 2 || sizes[0] != 5 || sizes[1] != 3 {
		t.Errorf("pages of %v, want 5 and 3: a page ends once its bodies pass a mebibyte", sizes)
	}
}
