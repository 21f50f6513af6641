package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/jsii-runtime-go"
)

// settings are the choices of a deployment, each read from the CDK context of the same name.
type settings struct {
	// stage is the {stage} of function names and of /crmhook/{stage}/ parameters. Default dev.
	stage string
	// architecture is Lambda's name of what the binaries were built for: arm64 (default) or x86_64.
	architecture string
	// functions is the folder that holds {function}/bootstrap. Default .crmhook/build/aws, where scripts/build --aws puts them.
	functions string
	// logRetentionDays is how long log groups keep lines. Default 30.
	logRetentionDays float64
	// kmsKeyArn names a customer key for tables and queues. Default none: the keys that AWS owns, which are free.
	kmsKeyArn string
	// alarmEmail subscribes an address to the alarms topic. Default none.
	alarmEmail string
	// sendConcurrency and slowConcurrency bound how many invocations of send work on each queue at once (2…1,000).
	// Defaults 20 and 5: ten messages each, so 200 and 50 requests under way.
	sendConcurrency, slowConcurrency float64
	// sendReservedConcurrency sets send's reserved concurrency. Default 0: none, as an account may have no more than 10 in all.
	sendReservedConcurrency float64
	// applyConcurrency and bulkConcurrency bound how many invocations of apply work at once on live and on bulk triggers
	// (2…1,000). Defaults 20 and 2: ten triggers each.
	applyConcurrency, bulkConcurrency float64
	// apiRate is how many requests a second the API takes from all callers together (1…10,000), apiBurst how many may come
	// at once above it (1…5,000). Defaults 200 and 400; the rest is answered 429.
	apiRate, apiBurst float64
	// tracing turns X-Ray on. Default off.
	tracing bool
}

var (
	stagePattern  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)
	keyPattern    = regexp.MustCompile(`^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?$`)
	emailPattern  = regexp.MustCompile(`^([^@\s]+@[^@\s]+)?$`)
	retentionDays = []float64{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

// readSettings reads and checks the context; the error names every fault at once.
func readSettings(lookup func(*string) interface{}) (settings, error) {
	c := contextReader{lookup: lookup}
	read := settings{
		stage:                   c.text("stage", "dev", "1 to 20 of a-z, 0-9 and -, a letter first", stagePattern.MatchString),
		architecture:            c.text("architecture", "arm64", "arm64 or x86_64", func(s string) bool { return s == "arm64" || s == "x86_64" }),
		functions:               c.text("functions", ".crmhook/build/aws", "a folder", func(s string) bool { return s != "" }),
		logRetentionDays:        c.number("logRetentionDays", 30, "a number of days that CloudWatch Logs knows, such as 7, 30, 90 or 365", func(n float64) bool { return slices.Contains(retentionDays, n) }),
		kmsKeyArn:               c.text("kmsKeyArn", "", "the ARN of a KMS key", keyPattern.MatchString),
		alarmEmail:              c.text("alarmEmail", "", "an e-mail address", emailPattern.MatchString),
		sendConcurrency:         c.number("sendConcurrency", 20, "a whole number from 2 to 1000", within(2, 1000)),
		slowConcurrency:         c.number("slowConcurrency", 5, "a whole number from 2 to 1000", within(2, 1000)),
		sendReservedConcurrency: c.number("sendReservedConcurrency", 0, "a whole number from 0 (none) to 1000", within(0, 1000)),
		applyConcurrency:        c.number("applyConcurrency", 20, "a whole number from 2 to 1000", within(2, 1000)),
		bulkConcurrency:         c.number("bulkConcurrency", 2, "a whole number from 2 to 1000", within(2, 1000)),
		apiRate:                 c.number("apiRate", 200, "a whole number of requests a second from 1 to 10000", within(1, 10_000)),
		apiBurst:                c.number("apiBurst", 400, "a whole number of requests from 1 to 5000", within(1, 5_000)),
		tracing:                 c.flag("tracing"),
	}
	return read, errors.Join(c.faults...)
}

func within(least, most float64) func(float64) bool {
	return func(n float64) bool { return n == math.Trunc(n) && n >= least && n <= most }
}

// contextReader collects the faults of all values. The command line gives every value as text, cdk.json as JSON.
type contextReader struct {
	lookup func(*string) interface{}
	faults []error
}

func (c *contextReader) text(name, standard, expected string, valid func(string) bool) string {
	value := c.lookup(jsii.String(name))
	if value == nil {
		return standard
	}
	text, ok := value.(string)
	if !ok || !valid(text) {
		c.fault(name, expected, value)
	}
	return text
}

func (c *contextReader) number(name string, standard float64, expected string, valid func(float64) bool) float64 {
	value := c.lookup(jsii.String(name))
	if value == nil {
		return standard
	}
	number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	if err != nil || !valid(number) {
		c.fault(name, expected, value)
	}
	return number
}

func (c *contextReader) flag(name string) bool {
	value := c.lookup(jsii.String(name))
	if value == nil {
		return false
	}
	on, err := strconv.ParseBool(fmt.Sprint(value))
	if err != nil {
		c.fault(name, "true or false", value)
	}
	return on
}

func (c *contextReader) fault(name, expected string, value interface{}) {
	c.faults = append(c.faults, fmt.Errorf("context %s: expected %s, got %v", name, expected, value))
}
