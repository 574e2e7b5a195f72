package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
	"golang.org/x/term"
)

// minPassword is the shortest password, in characters.
const minPassword = 12

// maxKeyDays is the longest that a key may last, in days.
const maxKeyDays = 3650

func accountCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "account", Short: "Make agencies, accounts and API keys"}
	var database, sealKey string
	cmd.PersistentFlags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file; 'tarozi serve' makes it")
	sealKeyFlag(cmd.PersistentFlags(), &sealKey)
	// with runs do on the database, which must be there.
	with := func(cmd *cobra.Command, do func(db *store.DB, s *scoring.Service) error) error {
		return onDatabase(cmd.Context(), database, sealKey, defaultZone, do)
	}

	var agency tarozi.Agency
	agencyCommand := &cobra.Command{
		Use: "agency", Short: "Make an agency, or settle anew what is known of it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd, func(db *store.DB, s *scoring.Service) error {
				w, err := s.Administer(agency.ID, "agency.created", agency.ID)
				if err != nil {
					return err
				}
				return db.PutAgency(cmd.Context(), w, agency)
			})
		},
	}
	agencyCommand.Flags().StringVar(&agency.ID, "id", "", "id, as it stands in histories")
	agencyCommand.Flags().StringVar(&agency.Name, "name", "", "name")
	agencyCommand.Flags().StringVar(&agency.ParentID, "parent", "", "id of the agency above it")
	agencyCommand.Flags().BoolVar(&agency.UrgentWithoutView, "urgent-without-view", false, "let reviewers of urgent cases see a score without their own view; each use is recorded")
	mustRequire(agencyCommand, "id", "name")

	var account tarozi.Account
	var role string
	add := &cobra.Command{
		Use: "add", Short: "Make an account; the password is read from the terminal or from standard input", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			account.Role = tarozi.Role(role)
			if !slices.Contains(tarozi.Roles, account.Role) {
				return fmt.Errorf("role %q is not known: use one of %v", role, tarozi.Roles)
			}
			password := ""
			if account.Role != tarozi.CaseSystem {
				var err error
				if password, err = readPassword(); err != nil {
					return err
				}
			}
			return with(cmd, func(db *store.DB, s *scoring.Service) error {
				account.ID, account.Created = s.NewID(), s.Now().UTC()
				return createAccount(cmd.Context(), db, s, account, password)
			})
		},
	}
	add.Flags().StringVar(&account.AgencyID, "agency", "", "id of the agency")
	add.Flags().StringVar(&account.Login, "login", "", "what the person signs in with")
	add.Flags().StringVar(&account.Name, "name", "", "the person's or system's name")
	add.Flags().StringVar(&role, "role", "", "officer, supervisor, oversight or case_system")
	mustRequire(add, "agency", "login", "name", "role")

	var login string
	var days int
	var actions []string
	key := &cobra.Command{
		Use: "key", Short: "Make an API key for a case system's account and print it; it cannot be shown again", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 || days > maxKeyDays {
				return fmt.Errorf("--days %d: a key lasts from 1 to %d days", days, maxKeyDays)
			}
			return with(cmd, func(db *store.DB, s *scoring.Service) error {
				a, _, err := db.AccountByLogin(cmd.Context(), login)
				if err != nil {
					return err
				}
				granted, err := grant(a.Role, actions)
				if err != nil {
					return err
				}
				text, err := createKey(cmd.Context(), db, s, a, granted, time.Duration(days)*24*time.Hour)
				if err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), text)
				return nil
			})
		},
	}
	key.Flags().StringVar(&login, "login", "", "login of the case system's account")
	key.Flags().IntVar(&days, "days", 365, fmt.Sprintf("days until it expires, from 1 to %d", maxKeyDays))
	key.Flags().StringSliceVar(&actions, "actions", nil, "what it may do; all that its role may, if left out")
	mustRequire(key, "login")

	cmd.AddCommand(agencyCommand, add, key)
	return cmd
}

// grant is what a key of the role may do: the actions named, or all that the role may where none is.
func grant(role tarozi.Role, names []string) ([]tarozi.Action, error) {
	own := tarozi.ActionsOf(role)
	if len(names) == 0 {
		return own, nil
	}
	var granted []tarozi.Action
	for _, name := range names {
		if !slices.Contains(own, tarozi.Action(name)) {
			return nil, fmt.Errorf("--actions %q: an account of the role %s may do no such thing; choose from %v", name, role, own)
		}
		granted = append(granted, tarozi.Action(name))
	}
	return granted, nil
}

// createAccount stores an account. That of a case system has no password.
func createAccount(ctx context.Context, db *store.DB, s *scoring.Service, a tarozi.Account, password string) error {
	hash := "" // a case system has a key instead
	if a.Role != tarozi.CaseSystem {
		var err error
		if hash, err = argon2id.CreateHash(password, argon2id.DefaultParams); err != nil {
			return fmt.Errorf("hashing the password of %s: %w", a.Login, err)
		}
	}
	w, err := s.Administer(a.AgencyID, "account.created", a.ID)
	if err != nil {
		return err
	}
	if err := db.CreateAccount(ctx, w, a, hash); err != nil {
		return fmt.Errorf("account %s: %w", a.Login, err)
	}
	return nil
}

// createKey makes an API key, stores its hash and returns it: it cannot be shown again.
func createKey(ctx context.Context, db *store.DB, s *scoring.Service, a tarozi.Account, actions []tarozi.Action, lasts time.Duration) (string, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("drawing a key: %w", err)
	}
	key := "tarozi_" + base64.RawURLEncoding.EncodeToString(secret)
	digest := sha256.Sum256([]byte(key))
	now := s.Now().UTC()
	w, err := s.Administer(a.AgencyID, "key.created", a.ID)
	if err != nil {
		return "", err
	}
	err = db.CreateAPIKey(ctx, w, store.APIKey{ID: s.NewID(), AccountID: a.ID, SHA256: hex.EncodeToString(digest[:]),
		Actions: actions, CreatedAt: now, ExpiresAt: now.Add(lasts)})
	return key, err
}

// readPassword reads a password from the terminal, or the first line of standard input. Passwords never come from flags, which
// other people on the machine can see.
func readPassword() (string, error) {
	var password string
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, "Password: ")
		typed, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		password = string(typed)
	} else {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && line == "" {
			return "", fmt.Errorf("reading the password from standard input: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	}
	if len([]rune(password)) < minPassword {
		return "", fmt.Errorf("the password has fewer than %d characters: choose a longer one", minPassword)
	}
	return password, nil
}
