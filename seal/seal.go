// Package seal encrypts what is known of a person with a key of that person's own, so that destroying the key destroys the data,
// wherever copies of the ciphertext lie (crypto-shredding).
//
// A person's key is 32 random bytes, kept only wrapped by the master key. The master key is a tink.AEAD: a keyset in a file
// (OpenFile), or the client of a key management service, which Tink's integrations offer as the same interface (New). The primitives
// are Tink's; nothing of them is made here. See docs/decisions/0040-sealing-and-erasing.md.
package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keySize is that of AES-256.
const keySize = 32

// cachedKeys bounds the unwrapped keys held in memory, so that a master key in a service of its own is not asked at every read.
const cachedKeys = 16384

// Sealer makes, wraps and unwraps people's keys. Its methods may be called from many goroutines at once.
type Sealer struct {
	master     tink.AEAD
	pseudonyms *prf.Set
	current    func(wrapped []byte) bool

	mu    sync.Mutex
	known map[[sha256.Size]byte]*Key // by hash of person and wrapped key
}

// New is a Sealer under a master key, such as a key management service's. Pseudonyms come from a set of their own, because they must
// stay the same when the master key changes.
func New(master tink.AEAD, pseudonyms *prf.Set) *Sealer {
	return &Sealer{master: master, pseudonyms: pseudonyms, known: map[[sha256.Size]byte]*Key{}}
}

// Key is one person's.
type Key struct {
	personID string
	aead     tink.AEAD
}

func newKey(personID string, secret []byte) (*Key, error) {
	if len(secret) != keySize {
		return nil, fmt.Errorf("a person's key has %d bytes instead of %d", len(secret), keySize)
	}
	cipher, err := subtle.NewAESGCM(secret)
	if err != nil {
		return nil, fmt.Errorf("a person's key: %w", err)
	}
	return &Key{personID, cipher}, nil
}

// wrapping and sealed bind a ciphertext to its person and its place, so that none can be read in another's.
func wrapping(personID string) []byte    { return []byte("tarozi person key\x00" + personID) }
func (k *Key) bound(place string) []byte { return []byte("tarozi " + place + "\x00" + k.personID) }

// NewKey draws a key for a person.
func (s *Sealer) NewKey(personID string) (key *Key, wrapped []byte, err error) {
	secret := make([]byte, keySize)
	if _, err := io.ReadFull(rand.Reader, secret); err != nil {
		return nil, nil, fmt.Errorf("drawing a person's key: %w", err)
	}
	if wrapped, err = s.master.Encrypt(secret, wrapping(personID)); err != nil {
		return nil, nil, fmt.Errorf("wrapping a person's key: %w", err)
	}
	if key, err = newKey(personID, secret); err != nil {
		return nil, nil, err
	}
	s.remember(personID, wrapped, key)
	return key, wrapped, nil
}

// Unwrap reads a person's key. One that was wrapped by another master key, or for another person, is an error.
func (s *Sealer) Unwrap(personID string, wrapped []byte) (*Key, error) {
	s.mu.Lock()
	key := s.known[cacheKey(personID, wrapped)]
	s.mu.Unlock()
	if key != nil {
		return key, nil
	}
	secret, err := s.master.Decrypt(wrapped, wrapping(personID))
	if err != nil {
		return nil, fmt.Errorf("unwrapping a person's key: %w: is --seal-key the file that the database was written with?", err)
	}
	if key, err = newKey(personID, secret); err != nil {
		return nil, err
	}
	s.remember(personID, wrapped, key)
	return key, nil
}

// Rewrap wraps a person's key anew with the master key of today.
func (s *Sealer) Rewrap(personID string, wrapped []byte) ([]byte, error) {
	secret, err := s.master.Decrypt(wrapped, wrapping(personID))
	if err != nil {
		return nil, fmt.Errorf("unwrapping a person's key: %w", err)
	}
	again, err := s.master.Encrypt(secret, wrapping(personID))
	if err != nil {
		return nil, fmt.Errorf("wrapping a person's key: %w", err)
	}
	return again, nil
}

// Current reports whether a key is wrapped by the master key of today. A master key that is not a file's says so of none.
func (s *Sealer) Current(wrapped []byte) bool { return s.current != nil && s.current(wrapped) }

// Forget drops the unwrapped keys from memory.
func (s *Sealer) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.known)
}

// Pseudonym stands for a person's id in logs: without the key file nobody can tell whose it is, and the same id has the same one. It
// is 16 hexadecimal digits of a keyed hash (HMAC-SHA256).
func (s *Sealer) Pseudonym(personID string) (string, error) {
	sum, err := s.pseudonyms.ComputePrimaryPRF([]byte(personID), 8)
	if err != nil {
		return "", fmt.Errorf("hashing an id: %w", err)
	}
	return hex.EncodeToString(sum), nil
}

func cacheKey(personID string, wrapped []byte) [sha256.Size]byte {
	return sha256.Sum256(append(wrapping(personID), wrapped...))
}

func (s *Sealer) remember(personID string, wrapped []byte, key *Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= cachedKeys {
		clear(s.known)
	}
	s.known[cacheKey(personID, wrapped)] = key
}

// SealFor encrypts a short text that is of no person's record, such as an account's second factor, under the master key itself. It opens
// for the same owner and place alone.
func (s *Sealer) SealFor(owner, place string, plain []byte) ([]byte, error) {
	sealed, err := s.master.Encrypt(plain, owned(owner, place))
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed, nil
}

// OpenFor reads what SealFor made.
func (s *Sealer) OpenFor(owner, place string, sealed []byte) ([]byte, error) {
	plain, err := s.master.Decrypt(sealed, owned(owner, place))
	if err != nil {
		return nil, fmt.Errorf("opening what was sealed as %s: %w", place, err)
	}
	return plain, nil
}

func owned(owner, place string) []byte { return []byte("tarozi " + place + " of\x00" + owner) }

// Seal encrypts a text of the person for a place, such as "identity". The same text gives another ciphertext each time.
func (k *Key) Seal(place string, plain []byte) ([]byte, error) {
	sealed, err := k.aead.Encrypt(plain, k.bound(place))
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed, nil
}

// Open reads what Seal made of the same person's text for the same place; a changed byte is an error.
func (k *Key) Open(place string, sealed []byte) ([]byte, error) {
	plain, err := k.aead.Decrypt(sealed, k.bound(place))
	if err != nil {
		return nil, fmt.Errorf("opening what was sealed as %s: %w", place, err)
	}
	return plain, nil
}
