package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keyFile is what lies in a key file: two Tink keysets in the clear, guarded by the file's mode alone. A keyset holds every key that
// may still be needed for reading, and one that writes.
type keyFile struct {
	Master     jsontext.Value `json:"master"`     // wraps people's keys (AES-256-GCM)
	Pseudonyms jsontext.Value `json:"pseudonyms"` // hashes ids for logs (HMAC-SHA256)
}

// ErrNoFile says that there is no key file and none was to be made.
var ErrNoFile = errors.New("the key file is not there: put back the file that the database was written with, or name it with --seal-key")

// OpenFile reads the key file, making one readable by its owner alone where there is none and create is true; otherwise that is
// ErrNoFile. A file that others can read is refused.
func OpenFile(path string, create bool) (*Sealer, error) {
	master, pseudonyms, err := readKeys(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("%s: %w", path, ErrNoFile)
		}
		if err := makeFile(path); err != nil {
			return nil, fmt.Errorf("making the key file %s: %w", path, err)
		}
		master, pseudonyms, err = readKeys(path) // another process may have been first
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key file %s: %w", path, err)
	}
	return open(master, pseudonyms)
}

func open(master, pseudonyms *keyset.Handle) (*Sealer, error) {
	cipher, err := aead.New(master)
	if err != nil {
		return nil, fmt.Errorf("the master key: %w", err)
	}
	hashes, err := prf.NewPRFSet(pseudonyms)
	if err != nil {
		return nil, fmt.Errorf("the key of pseudonyms: %w", err)
	}
	s := New(tink.AEAD(cipher), hashes)
	primary := master.KeysetInfo().GetPrimaryKeyId()
	s.current = func(wrapped []byte) bool {
		const prefix = 5 // a byte of version, then the key's id: Tink's output prefix
		return len(wrapped) >= prefix && binary.BigEndian.Uint32(wrapped[1:prefix]) == primary
	}
	return s, nil
}

// makeFile writes new keys, unless the file has come to be meanwhile.
func makeFile(path string) error {
	master, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	pseudonyms, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return err
	}
	made, err := write(path, master, pseudonyms)
	if err != nil {
		return err
	}
	// A link, unlike a renaming, does not take the place of a file that is there.
	if err := os.Link(made, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return errors.Join(err, os.Remove(made))
	}
	return errors.Join(os.Remove(made), syncFolder(path))
}

// Rotate puts a new master key into the file. Keys that were wrapped before can still be read; Retire removes what wraps none any more.
func Rotate(path string) error {
	return change(path, func(m *keyset.Manager) error {
		id, err := m.Add(aead.AES256GCMKeyTemplate())
		if err != nil {
			return err
		}
		return m.SetPrimary(id)
	})
}

// Retire removes from the file every master key but the one of today.
func Retire(path string) (removed int, err error) {
	err = change(path, func(m *keyset.Manager) error {
		handle, err := m.Handle()
		if err != nil {
			return err
		}
		info := handle.KeysetInfo()
		for _, k := range info.GetKeyInfo() {
			if k.GetKeyId() == info.GetPrimaryKeyId() {
				continue
			}
			if err := m.Delete(k.GetKeyId()); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	return removed, err
}

func change(path string, do func(*keyset.Manager) error) error {
	master, pseudonyms, err := readKeys(path)
	if err != nil {
		return fmt.Errorf("reading the key file %s: %w", path, err)
	}
	manager := keyset.NewManagerFromHandle(master)
	if err := do(manager); err != nil {
		return fmt.Errorf("changing the master key: %w", err)
	}
	if master, err = manager.Handle(); err != nil {
		return fmt.Errorf("changing the master key: %w", err)
	}
	made, err := write(path, master, pseudonyms)
	if err != nil {
		return fmt.Errorf("writing the key file %s: %w", path, err)
	}
	if err := os.Rename(made, path); err != nil {
		return errors.Join(err, os.Remove(made))
	}
	return syncFolder(path)
}

// write puts the keys into a new file beside path, on disk, readable by its owner alone.
func write(path string, master, pseudonyms *keyset.Handle) (made string, err error) {
	var content keyFile
	for handle, into := range map[*keyset.Handle]*jsontext.Value{master: &content.Master, pseudonyms: &content.Pseudonyms} {
		var text bytes.Buffer
		if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
			return "", err
		}
		*into = text.Bytes()
	}
	text, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // its mode is 0600
	if err != nil {
		return "", err
	}
	if _, err = out.Write(append(text, '\n')); err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), nil
}

func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func readKeys(path string) (master, pseudonyms *keyset.Handle, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, nil, fmt.Errorf("others than its owner may read it (mode %04o): set its mode to 0600", mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var content keyFile
	if err := json.Unmarshal(text, &content, json.RejectUnknownMembers(true)); err != nil {
		return nil, nil, fmt.Errorf("it is not a key file") // the cause could show a key
	}
	if master, err = readKeyset(content.Master); err != nil {
		return nil, nil, fmt.Errorf("its master key cannot be read")
	}
	if pseudonyms, err = readKeyset(content.Pseudonyms); err != nil {
		return nil, nil, fmt.Errorf("its key of pseudonyms cannot be read")
	}
	return master, pseudonyms, nil
}

func readKeyset(text []byte) (*keyset.Handle, error) {
	return insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
}
