package records

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/fault"
	"crmhook/shared/once"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
)

// tries is how many new numbers are tried.
const tries = 5

// mostKey is how many characters an Idempotency-Key may have.
const mostKey = 255

// claimRetry is when to ask again for a create that is under way.
const claimRetry = 2 * time.Second

// numberLetters of a contact's number: 32 that are hard to mistake for each other.
const numberLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newNumber is a number of 20 letters and digits, 100 bits of which are random.
func (h *Handler) newNumber() (string, error) {
	random := make([]byte, 13)
	if _, err := io.ReadFull(h.Random, random); err != nil {
		return "", fmt.Errorf("make contact number: %w", err)
	}
	letters := base32.NewEncoding(numberLetters).WithPadding(base32.NoPadding)
	return letters.EncodeToString(random)[:change.MaxContactNumber], nil
}

// idempotencyKey reads the header.
func idempotencyKey(faults *fault.List, values []string) string {
	if values == nil {
		return ""
	}
	key := strings.Join(values, ", ")
	unprintable := func(r rune) bool { return r < ' ' || r > '~' }
	if key == "" || len(key) > mostKey || strings.ContainsFunc(key, unprintable) {
		faults.AddValue("header.Idempotency-Key", fault.Shown(key), "must be 1 to %d printable ASCII characters", mostKey)
	}
	return key
}

// createOnce makes the contact that the key stands for, with the number of the first try. What the claim remembers is the
// number and a hash of the data.
func (h *Handler) createOnce(ctx context.Context, s Save, key string, data map[string]any) (Saved, error) {
	if err := record.Fits(data); err != nil {
		return Saved{}, refused(err)
	}
	body, err := text(data)
	if err != nil {
		return Saved{}, err
	}
	number, err := h.newNumber()
	if err != nil {
		return Saved{}, err
	}
	sum := sha256.Sum256(body)
	claim := once.Claim{
		Organization: s.Organization, Key: "saveIndividualContactData#" + key, Result: number + "#" + hex.EncodeToString(sum[:16]),
	}
	kept, standing, err := h.Claims.Claim(ctx, claim, nil, h.Now())
	if err != nil {
		return Saved{}, fmt.Errorf("claim idempotency key: %w", err)
	}
	first, hash, _ := strings.Cut(kept.Result, "#")
	if hash != hex.EncodeToString(sum[:16]) {
		return Saved{}, otherBody()
	}
	switch standing {
	case once.Busy:
		return Saved{}, underWay()
	case once.Mine:
		// Where a contact of this number is there, an earlier try made it and could not say so.
		if _, err := h.createAs(ctx, s, first, data); err != nil {
			return Saved{}, err
		}
		if err := h.Claims.Done(ctx, kept, h.Now()); err != nil {
			return Saved{}, fmt.Errorf("finish idempotency key: %w", err)
		}
	}
	return Saved{ContactNumber: first, Created: true}, nil
}

func otherBody() *refusal.Refusal {
	var faults fault.List
	faults.Add("header.Idempotency-Key", "was used for another contact in the last 7 days: take a new key for each contact")
	return refusal.Faulty(http.StatusUnprocessableEntity, faults)
}

func underWay() *refusal.Refusal {
	busy := refusal.New(http.StatusConflict, "the same create is under way: ask again for its number")
	busy.RetryAfter = claimRetry
	return busy
}
