package main

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEachRouteGoesToItsFunction(t *testing.T) {
	found := resources(t, synthesize(t, nil))
	got := map[string]string{}
	for _, r := range found {
		if r.Type == "AWS::ApiGatewayV2::Route" {
			got[r.Properties["RouteKey"].(string)] = render(r.Properties["Target"])
		}
	}
	const inbound, manage = "integrations/{ApiInbound}", "integrations/{ApiManage}"
	want := map[string]string{
		"$default":                        inbound,
		"ANY /ProcessManagement/{proxy+}": inbound,
		"ANY /contactInformationPublicService/{proxy+}":      inbound,
		"ANY /organizations/{organization}/records/{proxy+}": inbound,
		"ANY /organizations/{organization}/{proxy+}":         manage,
		"ANY /console":          manage,
		"ANY /console/{proxy+}": manage,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes differ (-want +got):\n%s", diff)
	}
	for _, function := range []string{"Inbound", "Manage"} {
		integration, permission := found["Api"+function].Properties, found[function+"Api"].Properties
		for _, test := range []struct {
			what      string
			got, want any
		}{
			{"function", render(integration["IntegrationUri"]), function},
			{"payload", integration["PayloadFormatVersion"], "2.0"},
			{"permission's function", render(permission["FunctionName"]), function},
			{"permission's source", render(permission["SourceArn"]), "arn:{Partition}:execute-api:{Region}:{AccountId}:{Api}/*/*"},
		} {
			if test.got != test.want {
				t.Errorf("%s is %v, want %v", test.what, test.got, test.want)
			}
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
