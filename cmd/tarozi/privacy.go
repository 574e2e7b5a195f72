package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/seal"
	"github.com/tarozi/tarozi/server/pages"
	"github.com/tarozi/tarozi/store"
)

// keeping are the flags of the commands that end the keeping of records.
type keeping struct{ database, sealKey, zone, person string }

func (k *keeping) flags(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&k.database, "db", "var/tarozi.db", "the SQLite file")
	sealKeyFlag(cmd.PersistentFlags(), &k.sealKey)
	cmd.PersistentFlags().StringVar(&k.zone, "zone", defaultZone, "time zone in which the day of an instant is taken")
}

// run opens the service, does something with it and closes it.
func (k *keeping) run(ctx context.Context, do func(*scoring.Service) error) error {
	return onDatabase(ctx, k.database, k.sealKey, k.zone, func(_ *store.DB, s *scoring.Service) error { return do(s) })
}

func retentionCommand() *cobra.Command {
	var k keeping
	var rulesFile string
	var apply bool
	cmd := &cobra.Command{
		Use:   "retention",
		Short: "Show what the rules of retention would erase today, and with --apply erase it",
		Long: `Rules say how many months after the end of a person's last sentence or supervision records are kept, by kind: identity, protected,
outcomes, assessments (with their reviews), everything. A kind without a rule goes with everything. While a sentence runs, or its
end is not known, nothing goes; nor does anything under a legal hold. Without --apply nothing is changed. With it each person is one
transaction with its own audit entry; a run that is broken off can be run again.

A file of rules is TOML, a kind and its months a line:

  identity = 36
  protected = 36
  assessments = 60
  everything = 72

These are the rules where no file is given.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rules, err := readRules(rulesFile)
			if err != nil {
				return err
			}
			return k.run(cmd.Context(), func(s *scoring.Service) error {
				due, err := s.Retention(cmd.Context(), scoring.Command(""), rules)
				if err != nil {
					return err
				}
				if err := showDue(cmd, due); err != nil || !apply {
					return err
				}
				return applyRetention(cmd, s, due)
			})
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&rulesFile, "rules", "", "file of rules")
	cmd.Flags().BoolVar(&apply, "apply", false, "erase what is shown")
	return cmd
}

func readRules(file string) (scoring.Rules, error) {
	if file == "" {
		return scoring.DefaultRules(), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the rules of retention: %w", err)
	}
	rules := scoring.Rules{}
	if err := toml.Unmarshal(text, &rules); err != nil {
		return nil, fmt.Errorf("the rules of retention in %s: %w", file, err)
	}
	if err := rules.Validate(); err != nil {
		return nil, fmt.Errorf("the rules of retention in %s: %w", file, err)
	}
	return rules, nil
}

func showDue(cmd *cobra.Command, due []scoring.Overdue) error {
	if len(due) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "Nothing is due.")
		return nil
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "AGENCY\tPERSON\tENDED\tGOES\tHOLD")
	for _, d := range due {
		hold := ""
		if d.Held {
			hold = "stays: legal hold"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%v\t%s\n", d.AgencyID, d.PersonID, d.Ended, d.Kinds, hold)
	}
	return table.Flush()
}

func applyRetention(cmd *cobra.Command, s *scoring.Service, due []scoring.Overdue) error {
	erased := 0
	for _, d := range due {
		if d.Held {
			continue
		}
		err := s.EraseKinds(cmd.Context(), scoring.Command(d.AgencyID), d.PersonID, d.Kinds)
		// Somebody may have put a hold on the person, or erased them, since the list was made.
		if code := tarozi.CodeOf(err); code == tarozi.Conflict || code == tarozi.NotFound {
			continue
		}
		if err != nil {
			return fmt.Errorf("%w; the records of %d people were erased before", err, erased)
		}
		erased++
	}
	fmt.Fprintf(cmd.OutOrStdout(), "The records of %d people were erased by the rules.\n", erased)
	return nil
}

func eraseCommand() *cobra.Command {
	var k keeping
	cmd := &cobra.Command{
		Use:   "erase",
		Short: "Destroy everything of a person: rows, key and salts; the log keeps its hashes",
		Long: `The person's records are deleted and overwritten, and the person's key is destroyed, so that sealed copies cannot be opened with
this database. Copies of the database made before hold the key still: see docs/data-protection.md on backups. A legal hold keeps
everything. A person of whom nothing is stored is not an error.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return k.run(cmd.Context(), func(s *scoring.Service) error {
				err := s.Erase(cmd.Context(), scoring.Command(""), k.person)
				if tarozi.CodeOf(err) == tarozi.NotFound {
					fmt.Fprintln(cmd.OutOrStdout(), "Nothing is stored of this person.")
					return nil
				}
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), "Everything of this person is erased.")
				}
				return err
			})
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&k.person, "person", "", "id of the person")
	mustRequire(cmd, "person")
	return cmd
}

func subjectCommand() *cobra.Command {
	var k keeping
	var lang, out string
	cmd := &cobra.Command{
		Use:   "subject",
		Short: "Write a person's whole file, for the person: readable HTML, and JSON where the file's name ends in .json",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			zone, err := time.LoadLocation(k.zone)
			if err != nil {
				return fmt.Errorf("the time zone: %w", err)
			}
			return k.run(cmd.Context(), func(s *scoring.Service) (err error) {
				file, err := s.SubjectFile(cmd.Context(), scoring.Command(""), k.person)
				if err != nil {
					return err
				}
				var text bytes.Buffer
				if strings.HasSuffix(out, ".json") {
					document, err := tarozi.Canonical(file)
					if err != nil {
						return err
					}
					text.Write(append(document, '\n'))
				} else if err := pages.WriteSubject(&text, file, lang, zone); err != nil {
					return err
				}
				return os.WriteFile(out, text.Bytes(), 0o600)
			})
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&k.person, "person", "", "id of the person")
	cmd.Flags().StringVar(&lang, "lang", "uz", "language of the person: uz, uz-Cyrl, ru or en")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	mustRequire(cmd, "person", "out")
	return cmd
}

func holdCommand() *cobra.Command {
	var k keeping
	var reason string
	cmd := &cobra.Command{Use: "hold", Short: "Keep everything of a person from being erased (legal hold), or lift that"}
	k.flags(cmd)
	cmd.PersistentFlags().StringVar(&k.person, "person", "", "id of the person")
	mustRequire(cmd, "person")
	set := &cobra.Command{
		Use: "set", Short: "Put a legal hold on a person", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return k.run(cmd.Context(), func(s *scoring.Service) error { return s.Hold(cmd.Context(), scoring.Command(""), k.person, reason) })
		},
	}
	set.Flags().StringVar(&reason, "reason", "", "why, and whose order it is")
	mustRequire(set, "reason")
	lift := &cobra.Command{
		Use: "lift", Short: "Lift the legal holds on a person", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return k.run(cmd.Context(), func(s *scoring.Service) error {
				lifted, err := s.LiftHolds(cmd.Context(), scoring.Command(""), k.person)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d holds lifted\n", lifted)
				}
				return err
			})
		},
	}
	cmd.AddCommand(set, lift)
	return cmd
}

func sealCommand() *cobra.Command {
	var k keeping
	cmd := &cobra.Command{Use: "seal", Short: "Change the master key that people's keys are wrapped with"}
	k.flags(cmd)
	file := func() string {
		if k.sealKey != "" {
			return k.sealKey
		}
		return store.SealKeyFile(k.database)
	}
	run := func(ctx context.Context, do func(*scoring.Service, *store.DB) error) error {
		return onDatabase(ctx, k.database, k.sealKey, k.zone, func(db *store.DB, s *scoring.Service) error { return do(s, db) })
	}
	var resume bool
	rotate := &cobra.Command{
		Use: "rotate", Short: "Add a new master key and wrap every person's key with it", Args: cobra.NoArgs,
		Long: `The old master key stays in the file until 'tarozi seal retire', because a service that runs still wraps with it: restart the service
in between. What is sealed with people's keys stays as it is. A run that is broken off is gone on with by --resume.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !resume {
				if err := seal.Rotate(file()); err != nil {
					return err
				}
			}
			return rewrap(cmd, run)
		},
	}
	rotate.Flags().BoolVar(&resume, "resume", false, "make no new key: go on wrapping with the one of today")
	cmd.AddCommand(rotate, &cobra.Command{
		Use: "retire", Short: "Remove the earlier master keys, once they wrap nothing any more", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := rewrap(cmd, run); err != nil {
				return err
			}
			removed, err := seal.Retire(file())
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%d earlier master keys removed\n", removed)
			}
			return err
		},
	})
	return cmd
}

func rewrap(cmd *cobra.Command, run func(context.Context, func(*scoring.Service, *store.DB) error) error) error {
	return run(cmd.Context(), func(s *scoring.Service, db *store.DB) error {
		changed, err := db.Rewrap(cmd.Context(), func() (scoring.Write, error) { return s.Administer("", "keys.rewrapped", "") })
		if err != nil {
			return err
		}
		current, earlier, err := db.SealedWith(cmd.Context())
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%d people's keys wrapped anew; %d are wrapped with the master key of today, %d with an earlier one\n", changed, current, earlier)
		if earlier > 0 {
			return errors.New("some keys came in while others were wrapped: restart the service and run this again with --resume")
		}
		return nil
	})
}
