// Package endtoend holds the tests of the deployed stack: they write parameters and records as users do, and look at what
// arrives at a receiver and what the tables keep. They run where CRMHOOK_OUTPUTS names what scripts/up wrote; each has an
// organization of its own, so they run side by side and can be repeated on one stack.
package endtoend
