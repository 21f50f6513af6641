// Command show is the demo that scripts/demo runs over the local stack: it writes interfaces and contacts, shows what arrives
// at a receiver of its own, and ends with a summary of what was promised and what happened. It fails if anything promised
// did not happen.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// longest bounds the whole demo.
const longest = 15 * time.Minute

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run() error {
	outputs := flag.String("outputs", ".crmhook/outputs.json", "what scripts/up wrote")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s, err := stage.Load(*outputs)
	if err != nil {
		return err
	}
	r, err := receiver.Start("")
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	show := newShow(s, r)
	err = show.play(ctx)
	show.screen.rest()
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("ended on request")
	}
	return show.summary(err)
}

// show is one run of the demo. Its names end in the run's time, so that it can be repeated on a stack that is up.
type show struct {
	stage    *stage.Stage
	receiver *receiver.Receiver
	run      string
	began    time.Time
	contacts []string
	// secret is what the shop signs with.
	secret   string
	screen   *screen
	promises []promise
}

// names are the interfaces that requests are expected from.
func (s *show) names() []string {
	return []string{s.newsletter(), s.shop(), s.webshop(), s.ticketing(), s.journal(), s.campaign(), s.console()}
}

func newShow(s *stage.Stage, r *receiver.Receiver) *show {
	now := time.Now()
	show := &show{stage: s, receiver: r, run: now.UTC().Format("150405"), began: now}
	for i := range contacts {
		show.contacts = append(show.contacts, fmt.Sprintf("%s-%02d", show.run, i+1))
	}
	show.screen = newScreen(r, show.describe)
	return show
}

// play tells the story, one part after the other.
func (s *show) play(ctx context.Context) error {
	go s.screen.watch(ctx)
	s.screen.text("")
	s.screen.text("What you will see: contacts change in a CRM's table, and crmhook calls the systems that want to know; and a shop has news, "+
		"which crmhook takes in. "+
		"One small web server on this machine, %s, plays all these systems. "+
		"crmhook looks for work once a minute, so most of the time here is waiting.", s.receiver.URL())
	for _, part := range []func(context.Context) error{s.clean, s.configure, s.write, s.tell, s.change, s.echo, s.types, s.fail, s.replay} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}
