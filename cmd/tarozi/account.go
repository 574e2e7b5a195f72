package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
	"golang.org/x/term"
)

// deskwork is what the account commands work with.
type deskwork struct {
	db     *store.DB
	scores *scoring.Service
	access *access.Service
	actor  tarozi.Actor
}

func accountCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "account", Short: "Make and look after agencies, accounts and API keys"}
	var database, sealKey string
	cmd.PersistentFlags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file; 'tarozi serve' makes it")
	sealKeyFlag(cmd.PersistentFlags(), &sealKey)
	// with runs do on the database, which must be there.
	with := func(cmd *cobra.Command, do func(k *deskwork) error) error {
		return onDatabase(cmd.Context(), database, sealKey, defaultZone, func(db *store.DB, s *scoring.Service) error {
			k := &deskwork{db: db, scores: s, actor: scoring.Command("")}
			var err error
			if k.access, err = newAccess(db, s); err != nil {
				return err
			}
			return do(k)
		})
	}
	// named runs do for the account with the login that --login names.
	named := func(cmd *cobra.Command, login string, do func(k *deskwork, a tarozi.Account) error) error {
		return with(cmd, func(k *deskwork) error {
			a, _, err := k.db.AccountByLogin(cmd.Context(), login)
			if err != nil {
				return err
			}
			k.actor.AgencyID = a.AgencyID // in whose name the audit log has it
			return do(k, a)
		})
	}
	// about makes a command about one account.
	about := func(use, short string, do func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error) *cobra.Command {
		var login string
		c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return named(cmd, login, func(k *deskwork, a tarozi.Account) error { return do(cmd, k, a) })
		}}
		c.Flags().StringVar(&login, "login", "", "login of the account")
		mustRequire(c, "login")
		return c
	}

	cmd.AddCommand(agencyCommand(with), addCommand(with), listCommand(with))
	var role string
	change := about("role", "Give an account another role; its sessions end", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
		return k.access.Change(cmd.Context(), k.actor, a.ID, tarozi.Role(role), !a.Disabled.IsZero())
	})
	change.Flags().StringVar(&role, "role", "", "one of "+roleNames())
	mustRequire(change, "role")
	cmd.AddCommand(change,
		about("close", "Close an account; its sessions and keys end", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
			return k.access.Change(cmd.Context(), k.actor, a.ID, a.Role, true)
		}),
		about("open", "Open a closed account", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
			return k.access.Change(cmd.Context(), k.actor, a.ID, a.Role, false)
		}),
		resetCommand(about))
	keyCommands(cmd, about)
	return cmd
}

type withStore = func(*cobra.Command, func(*deskwork) error) error

type aboutAccount = func(use, short string, do func(*cobra.Command, *deskwork, tarozi.Account) error) *cobra.Command

func agencyCommand(with withStore) *cobra.Command {
	var agency tarozi.Agency
	c := &cobra.Command{
		Use: "agency", Short: "Make an agency, or settle anew what is known of it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd, func(k *deskwork) error {
				known, err := k.db.Agency(cmd.Context(), agency.ID)
				switch {
				case tarozi.CodeOf(err) == tarozi.NotFound:
				case err != nil:
					return err
				default: // what its administrator has settled stays
					agency.Address, agency.ObjectionDays, agency.AnswerDays = known.Address, known.ObjectionDays, known.AnswerDays
				}
				w, err := k.scores.Administer(agency.ID, "agency.created", agency.ID)
				if err != nil {
					return err
				}
				return k.db.PutAgency(cmd.Context(), w, agency)
			})
		},
	}
	c.Flags().StringVar(&agency.ID, "id", "", "id, as it stands in histories")
	c.Flags().StringVar(&agency.Name, "name", "", "name")
	c.Flags().StringVar(&agency.ParentID, "parent", "", "id of the agency above it")
	c.Flags().BoolVar(&agency.UrgentWithoutView, "urgent-without-view", false, "let reviewers of urgent cases see a score without their own view; each use is recorded")
	mustRequire(c, "id", "name")
	return c
}

func addCommand(with withStore) *cobra.Command {
	var account tarozi.Account
	var role string
	c := &cobra.Command{
		Use: "add", Short: "Make an account; its first password is read from the terminal or from standard input", Args: cobra.NoArgs,
		Long: "Make an account. The first password is read from the terminal or from standard input, and must be changed at the first sign-in.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			account.Role = tarozi.Role(role)
			if !slices.Contains(tarozi.Roles, account.Role) {
				return fmt.Errorf("role %q is not known: use one of %s", role, roleNames())
			}
			password := ""
			if account.Role != tarozi.CaseSystem {
				var err error
				if password, err = readPassword(); err != nil {
					return err
				}
				if err := access.Strong(password, account.Login, account.Name); err != nil {
					return err
				}
			}
			return with(cmd, func(k *deskwork) error {
				k.actor.AgencyID = account.AgencyID
				_, err := k.access.Create(cmd.Context(), k.actor, &account, password)
				return err
			})
		},
	}
	c.Flags().StringVar(&account.AgencyID, "agency", "", "id of the agency")
	c.Flags().StringVar(&account.Login, "login", "", "what the person signs in with")
	c.Flags().StringVar(&account.Name, "name", "", "the person's or system's name")
	c.Flags().StringVar(&role, "role", "", "one of "+roleNames())
	mustRequire(c, "agency", "login", "name", "role")
	return c
}

func listCommand(with withStore) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts of all agencies", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd, func(k *deskwork) error {
				list, err := k.access.List(cmd.Context(), k.actor)
				if err != nil {
					return err
				}
				out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(out, "LOGIN\tROLE\tAGENCY\tSTATE\tSECOND FACTOR\tNAME")
				for _, a := range list {
					state, factor := "open", "no"
					switch {
					case !a.Disabled.IsZero():
						state = "closed"
					case a.MustChange:
						state = "first password"
					}
					if a.SecondFactor {
						factor = "yes"
					}
					fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Role, a.AgencyID, state, factor, a.Name)
				}
				return out.Flush()
			})
		},
	}
}

func resetCommand(about aboutAccount) *cobra.Command {
	var factor bool
	c := about("reset", "Draw a new first password for an account and print it once", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
		drawn, err := k.access.Reset(cmd.Context(), k.actor, a.ID, factor)
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), drawn)
		}
		return err
	})
	c.Flags().BoolVar(&factor, "second-factor", false, "take the second factor away too")
	return c
}

// keyCommands adds the commands about API keys.
func keyCommands(cmd *cobra.Command, about aboutAccount) {
	var days int
	var actions []string
	lasting := func() time.Duration { return time.Duration(min(max(days, 0), 10_000)) * 24 * time.Hour }
	key := about("key", "Make an API key for a machine's account and print it; it cannot be shown again", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
		var granted []tarozi.Action
		for _, name := range actions {
			granted = append(granted, tarozi.Action(name))
		}
		text, err := k.access.CreateKey(cmd.Context(), k.actor, a.ID, granted, lasting())
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), text)
		}
		return err
	})
	key.Flags().IntVar(&days, "days", 90, "days until it expires, from 1 to 366")
	key.Flags().StringSliceVar(&actions, "actions", nil, "what it may do; all that its role may, if left out")

	keys := about("keys", "List the API keys of an account", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
		list, err := k.access.Keys(cmd.Context(), k.actor, a.ID)
		if err != nil {
			return err
		}
		out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(out, "ID\tMADE\tEXPIRES\tSTATE\tACTIONS")
		for _, held := range list {
			state := "holds"
			switch {
			case !held.RevokedAt.IsZero():
				state = "revoked"
			case !k.scores.Now().Before(held.ExpiresAt):
				state = "expired"
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%v\n", held.ID, held.CreatedAt.Format(time.RFC3339), held.ExpiresAt.Format(time.RFC3339), state, held.Actions)
		}
		return out.Flush()
	})

	var id string
	rotate := about("rotate-key", "Make the successor of an API key and print it; the earlier one holds for seven more days", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
		text, err := k.access.RotateKey(cmd.Context(), k.actor, a.ID, id, lasting())
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), text)
		}
		return err
	})
	rotate.Flags().IntVar(&days, "days", 90, "days until the new one expires, from 1 to 366")
	revoke := about("revoke-key", "Take an API key back at once", func(cmd *cobra.Command, k *deskwork, a tarozi.Account) error {
		return k.access.RevokeKey(cmd.Context(), k.actor, a.ID, id)
	})
	for _, c := range []*cobra.Command{rotate, revoke} {
		c.Flags().StringVar(&id, "id", "", "id of the key, as 'tarozi account keys' lists it")
		mustRequire(c, "id")
	}
	cmd.AddCommand(key, keys, rotate, revoke)
}

func roleNames() string {
	names := make([]string, len(tarozi.Roles))
	for i, role := range tarozi.Roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}

// newAccess looks after accounts as the person at the command line.
func newAccess(db *store.DB, s *scoring.Service) (*access.Service, error) {
	return access.New(access.Service{Store: db, Random: s.Random, Now: s.Now, NewID: s.NewID, Prepare: s.PrepareAccount})
}

// readPassword reads a password from the terminal, or the first line of standard input. Passwords never come from flags, which
// other people on the machine can see.
func readPassword() (string, error) {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, "Password: ")
		typed, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return string(typed), nil
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("reading the password from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
