package tabletest

import (
	"context"
	"sync"

	"crmhook/shared/access"
)

// Sessions is a fake of table.Sessions.
type Sessions struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu   sync.Mutex
	kept map[string]access.Session
}

// NewSessions holds no sessions.
func NewSessions(kill *Kill) *Sessions {
	return &Sessions{Kill: kill, Calls: map[string]int{}, kept: map[string]access.Session{}}
}

// Put keeps a session; see table.Sessions.
func (s *Sessions) Put(_ context.Context, session access.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Calls["Put"]++
	session.Expires = kept(session.Expires)
	return s.Kill.Write(func() { s.kept[session.Hash] = session })
}

// Get reads a session; see table.Sessions.
func (s *Sessions) Get(_ context.Context, hash string) (access.Session, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Kill.Alive(); err != nil {
		return access.Session{}, false, err
	}
	s.Calls["Get"]++
	session, there := s.kept[hash]
	return session, there, nil
}

// Drop ends a session; see table.Sessions.
func (s *Sessions) Drop(_ context.Context, hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Calls["Drop"]++
	return s.Kill.Write(func() { delete(s.kept, hash) })
}

// Len is how many sessions are kept.
func (s *Sessions) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}
