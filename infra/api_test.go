package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryRouteGoesToInbound(t *testing.T) {
	found := resources(t, synthesize(t, nil))
	var keys []string
	for id, r := range found {
		if r.Type != "AWS::ApiGatewayV2::Route" {
			continue
		}
		keys = append(keys, r.Properties["RouteKey"].(string))
		if got := render(r.Properties["Target"]); got != "integrations/{ApiInbound}" {
			t.Errorf("route %s goes to %s", id, got)
		}
	}
	slices.Sort(keys)
	want := []string{
		"$default", "ANY /ProcessManagement/{proxy+}", "ANY /contactInformationPublicService/{proxy+}", "ANY /organizations/{organization}/records/{proxy+}",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("routes differ (-want +got):\n%s", diff)
	}
	integration, permission := found["ApiInbound"].Properties, found["InboundApi"].Properties
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"function", render(integration["IntegrationUri"]), "Inbound"},
		{"payload", integration["PayloadFormatVersion"], "2.0"},
		{"permission's function", render(permission["FunctionName"]), "Inbound"},
		{"permission's source", render(permission["SourceArn"]), "arn:{Partition}:execute-api:{Region}:{AccountId}:{Api}/*/*"},
	} {
		if test.got != test.want {
			t.Errorf("%s is %v, want %v", test.what, test.got, test.want)
		}
	}
}

// TestTheAccessLogHoldsNoSecrets: a header, a path or a query string may hold a token or a person's number.
func TestTheAccessLogHoldsNoSecrets(t *testing.T) {
	logged := resources(t, synthesize(t, nil))["ApiStage"].Properties["AccessLogSettings"].(map[string]any)
	if got := render(logged["DestinationArn"]); got != "ApiLog" {
		t.Errorf("the log goes to %s", got)
	}
	var line map[string]string
	if err := json.Unmarshal([]byte(logged["Format"].(string)), &line); err != nil {
		t.Fatalf("the format is not JSON: %v", err)
	}
	for _, name := range []string{"request_id", "route", "status", "duration_ms", "function_ms", "source_ip", "error"} {
		if line[name] == "" {
			t.Errorf("the line has no %s", name)
		}
	}
	may := regexp.MustCompile(`(?i)header|path|query|authorizer|cookie|userAgent|protocol`)
	for name, variable := range line {
		if may.MatchString(variable) {
			t.Errorf("%s holds %s", name, variable)
		}
	}
}
