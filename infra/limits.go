package main

// The numbers of one delivery, chosen together. limits_test.go holds the template to the arithmetic given here.
//
// Time. A request may take interfaceTimeout. Its claim outlives it by claimMargin, so that nobody else sends the delivery
// meanwhile. Around it send reads configuration and records and writes the result: workMargin. All messages of a batch are
// sent at once, so a batch takes no longer than its slowest message:
//
//	sendTimeout    = 120 s + 15 s + 15 s = 150 s
//	sendVisibility = 150 s + 30 s        = 180 s: a crash of send costs its messages three minutes
//
// After a failure send sets the message's visibility to the retry delay itself.
//
// Memory. At worst ten bodies of bodyMiB are in memory, each with the records it was made of, which take decodedFactor times
// their JSON as maps; the collector lets garbage grow to the size of what lives. To that come the batch itself (Lambda's
// payload limit, text and decoded) and the program:
//
//	10 × 5 MiB × (1 + 8) × 2 + 6 MiB × 2 + 64 MiB = 976 MiB → 1024 MiB
const (
	interfaceTimeout = 120
	claimMargin      = 15
	workMargin       = 15
	sendTimeout      = interfaceTimeout + claimMargin + workMargin
	visibilityMargin = 30
	sendVisibility   = sendTimeout + visibilityMargin

	batchSize     = 10
	bodyMiB       = 5
	decodedFactor = 8
	garbageFactor = 2
	batchMiB      = 6
	programMiB    = 64
	sendMemory    = 1024
)

// The rest of the functions hold keys, not bodies. configure, scan and dispatch start each minute and may stay until it is
// almost over (the setting lingerSeconds, at most 58). They begin nothing new in their last 5 s, so the timeout is past the minute; only
// after a crash does the next minute's run then find a lease that is not over.
const (
	minuteTimeout = 65
	minuteMemory  = 256

	stopTimeout = 60
	stopMemory  = 256
	// stopVisibility is six times the timeout, as Lambda advises where a batch is only repeated after a fault of ours.
	stopVisibility  = 6 * stopTimeout
	stopConcurrency = 2
)

// Receives. A delivery is received once for its first attempt and once for each of at most 12 retries; then SQS moves it to
// the stopped queue. SQS counts on where it moves a message, so the stopped queue's count includes those: a delivery that
// stop itself cannot handle gets ten tries more before it goes to the dead letters.
const (
	maxReceives     = 1 + 12
	stopMaxReceives = maxReceives + 10
)

// Retention, in days: what is on its way, and what was given up. The longest delivery is 13 attempts 42,000 s apart: 6.3 days.
const (
	queueRetention      = 10
	deadLetterRetention = 14
)

// What starts each minute is worth nothing a minute later: the next run does its work.
const (
	minuteRetries = 0
	minuteMaxAge  = 60
)

// The inbound side.
//
// Time. API Gateway waits 30 s at most; inbound ends before that, so that its caller gets an answer of ours:
//
//	inboundTimeout = 30 s - 1 s = 29 s
//
// apply works on the triggers of a batch side by side, each a chain of short calls: what it finds, a write that is made
// again while others write the same record, one message sent. The longest is an array of hundreds of contacts, at some 20 ms
// each. After a failure apply sets the trigger's visibility itself:
//
//	applyVisibility = 60 s + 30 s = 90 s: a crash of apply costs its triggers a minute and a half
//
// Memory. inbound has one request at a time, at worst Lambda's payload limit as 100 records, and what DynamoDB answers to one
// call, with which they are compared:
//
//	6 MiB × 2 + (6 MiB + 16 MiB) × (1 + 8) × 2 + 64 MiB = 472 MiB → 512 MiB
//
// apply has ten messages of 1 MiB, each with a record of 0.4 MiB:
//
//	6 MiB × 2 + 10 × (1 MiB + 0.4 MiB) × (1 + 8) × 2 + 64 MiB = 328 MiB → 512 MiB
//
// manage has one request at a time, at worst a file of 4 MiB as text, bytes and 100,000 numbers, or a page of 200 deliveries,
// each an item of up to 0.4 MiB (a bucket of 1,000 records with its changes is 60 KiB):
//
//	6 MiB × 2 + (4 MiB × 3 + 200 × 0.4 MiB) × 2 + 64 MiB = 260 MiB → 512 MiB
const (
	apiTimeout     = 30
	inboundTimeout = apiTimeout - 1
	inboundMemory  = 512

	applyTimeout    = 60
	applyVisibility = applyTimeout + visibilityMargin
	applyMemory     = 512

	manageMemory = 512

	// triggerMaxReceives: a trigger is tried five times, then SQS moves it to the dead letters.
	triggerMaxReceives = 5
)
