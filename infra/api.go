package main

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// route is what a function answers.
type route struct{ id, key string }

// inboundRoutes are the calls of other systems. Those that no route names go to inbound too, so that whatever is asked the
// answer is of one kind.
var inboundRoutes = []route{
	{"QueueProcessRoute", "ANY /ProcessManagement/{proxy+}"},
	{"ContactsRoute", "ANY /contactInformationPublicService/{proxy+}"},
	{"RecordsRoute", "ANY /organizations/{organization}/records/{proxy+}"},
	{"OtherRoute", "$default"},
}

// manageRoutes are the calls of operators, and the console's pages.
var manageRoutes = []route{
	{"OrganizationRoute", "ANY /organizations/{organization}/{proxy+}"},
	{"ConsoleRoute", "ANY /console"},
	{"ConsolePagesRoute", "ANY /console/{proxy+}"},
}

// accessLine is what the log of the API keeps of a request. Headers, paths and query strings are left out: they may hold
// tokens and personal data.
var accessLine = map[string]string{
	"request_id":        "$context.requestId",
	"method":            "$context.httpMethod",
	"route":             "$context.routeKey",
	"status":            "$context.status",
	"response_bytes":    "$context.responseLength",
	"duration_ms":       "$context.responseLatency",
	"function_ms":       "$context.integrationLatency",
	"function_status":   "$context.integration.status",
	"source_ip":         "$context.identity.sourceIp",
	"error":             "$context.error.message",
	"integration_error": "$context.integrationErrorMessage",
}

// newAPI is one HTTP API over TLS. Its throttle bounds what all callers together may cost.
func newAPI(stack awscdk.Stack, settings settings, f functions) (awsapigatewayv2.CfnApi, error) {
	line, err := json.Marshal(accessLine)
	if err != nil {
		return nil, fmt.Errorf("write the format of the API's log: %w", err)
	}
	api := awsapigatewayv2.NewCfnApi(stack, jsii.String("Api"), &awsapigatewayv2.CfnApiProps{
		Name:         jsii.String("crmhook-" + settings.stage),
		Description:  jsii.String("crmhook " + settings.stage + ": triggers, records, control"),
		ProtocolType: jsii.String("HTTP"),
	})
	connect(stack, api, "Inbound", f.inbound, inboundRoutes)
	connect(stack, api, "Manage", f.manage, manageRoutes)

	// With a name of this kind the account's policy for logs that services write does not grow with each log.
	group := newLogGroup(stack, "ApiLog", "/aws/vendedlogs/crmhook-"+settings.stage+"/api", settings.logRetentionDays)
	awsapigatewayv2.NewCfnStage(stack, jsii.String("ApiStage"), &awsapigatewayv2.CfnStageProps{
		ApiId:      api.Ref(),
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingRateLimit: jsii.Number(settings.apiRate), ThrottlingBurstLimit: jsii.Number(settings.apiBurst),
		},
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: group.LogGroupArn(), Format: jsii.String(string(line)),
		},
	})
	return api, nil
}

func connect(stack awscdk.Stack, api awsapigatewayv2.CfnApi, name string, function awslambda.Function, routes []route) {
	integration := awsapigatewayv2.NewCfnIntegration(stack, jsii.String("Api"+name), &awsapigatewayv2.CfnIntegrationProps{
		ApiId:                api.Ref(),
		IntegrationType:      jsii.String("AWS_PROXY"),
		IntegrationUri:       function.FunctionArn(),
		PayloadFormatVersion: jsii.String("2.0"),
		TimeoutInMillis:      jsii.Number(apiTimeout * 1000),
	})
	for _, route := range routes {
		awsapigatewayv2.NewCfnRoute(stack, jsii.String(route.id), &awsapigatewayv2.CfnRouteProps{
			ApiId:    api.Ref(),
			RouteKey: jsii.String(route.key),
			Target:   jsii.String("integrations/" + *integration.Ref()),
		})
	}
	function.AddPermission(jsii.String("Api"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		SourceArn: jsii.String(apiArn(stack, api)),
	})
}

// apiArn names every stage and route of the API.
func apiArn(stack awscdk.Stack, api awsapigatewayv2.CfnApi) string {
	return *stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("execute-api"), Resource: api.Ref(), ResourceName: jsii.String("*/*")})
}
