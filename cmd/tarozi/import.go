package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

func importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Bring histories, identities, outcomes or protected attributes into the database",
		Long: `Each kind is a file of one JSON object a line; outcomes and protected attributes may also be CSV (a name that ends in .csv), with
the columns that 'tarozi import schema' prints. Identities, outcomes and protected attributes are stored whole or not at all, unless
--partial sets refused rows aside. With --dry-run nothing is stored, and each row is listed with what it would do: new, corrected, same, or
refused with line and column. Histories are stored one by one, and a refused one is named.`,
	}
	var database, sealKey, agency, zone string
	var dryRun, partial bool
	cmd.PersistentFlags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file; 'tarozi serve' makes it")
	sealKeyFlag(cmd.PersistentFlags(), &sealKey)
	cmd.PersistentFlags().StringVar(&agency, "agency", "", "id of the agency that the records belong to")
	cmd.PersistentFlags().StringVar(&zone, "zone", defaultZone, "time zone in which the day of an instant is taken")
	cmd.PersistentFlags().BoolVar(&dryRun, "dry-run", false, "show what would change and store nothing")
	cmd.PersistentFlags().BoolVar(&partial, "partial", false, "store the sound rows of a file and set the refused ones aside")
	mustRequire(cmd, "agency")

	kind := func(name, what string, run func(ctx context.Context, s *scoring.Service, a tarozi.Actor, f *importFile) error) {
		cmd.AddCommand(&cobra.Command{
			Use:   name + " FILE",
			Short: "Import " + what,
			Args:  cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				in, _, err := openInput(args[0])
				if err != nil {
					return err
				}
				defer in.Close()
				return onDatabase(cmd.Context(), database, sealKey, zone, func(_ *store.DB, s *scoring.Service) error {
					file := &importFile{in: in, csv: strings.HasSuffix(strings.ToLower(args[0]), ".csv"), dryRun: dryRun, partial: partial,
						out: cmd.OutOrStdout(), refused: cmd.ErrOrStderr()}
					return run(cmd.Context(), s, scoring.Command(agency), file)
				})
			},
		})
	}
	kind("histories", "case histories", func(ctx context.Context, s *scoring.Service, a tarozi.Actor, f *importFile) error {
		if dryRun || partial || f.csv {
			return errors.New("--dry-run, --partial and CSV go with outcomes and protected attributes; histories are checked one by one as they are stored")
		}
		return importHistories(ctx, s, a, f.in)
	})
	kind("identities", "names, for people's eyes alone", func(ctx context.Context, s *scoring.Service, a tarozi.Actor, f *importFile) error {
		return importRows(ctx, a, f, nil, s.PutIdentities)
	})
	kind("outcomes", "what happened to people later", func(ctx context.Context, s *scoring.Service, a tarozi.Actor, f *importFile) error {
		return importRows(ctx, a, f, outcomeColumns(), s.PutOutcomes)
	})
	kind("protected", "protected attributes, for audit alone", func(ctx context.Context, s *scoring.Service, a tarozi.Actor, f *importFile) error {
		return importRows(ctx, a, f, protectedColumns(), s.PutProtected)
	})
	cmd.AddCommand(importSchemaCommand())
	return cmd
}

// onDatabase does something with the service on a database that is there, and closes it.
func onDatabase(ctx context.Context, database, sealKey, zone string, do func(db *store.DB, s *scoring.Service) error) error {
	assessor, err := newAssessor(zone)
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, database, sealKey)
	if err != nil {
		return err
	}
	service := newService(assessor, db)
	if err := adopt(ctx, service, db); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(do(db, service), db.Close())
}

// openDatabase opens a database that is there. To make one is for 'tarozi serve' alone, so that a name typed wrongly makes none.
func openDatabase(ctx context.Context, path, sealKey string) (*store.DB, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s: mend --db; 'tarozi serve' makes a new one", path)
	} else if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return store.Open(ctx, path, store.Options{SealKey: sealKey})
}

// adopt gives the rows that a migration has changed an entry of their own, once.
func adopt(ctx context.Context, s *scoring.Service, db *store.DB) error {
	w, err := s.Administer("", "rows.adopted", "")
	if err != nil {
		return err
	}
	_, err = db.Adopt(ctx, w)
	return err
}

// sealKeyFlag is the flag of the master key's file.
func sealKeyFlag(flags interface {
	StringVar(p *string, name, value, usage string)
}, file *string) {
	flags.StringVar(file, "seal-key", "", "file of the master key that people's keys are wrapped with, made for a new database; seal-key beside the database if left out")
}

func newService(assessor *scoring.Assessor, db *store.DB) *scoring.Service {
	return &scoring.Service{Assessor: *assessor, Store: db, Registry: db, Random: rand.Reader}
}

func importHistories(ctx context.Context, s *scoring.Service, actor tarozi.Actor, in io.Reader) error {
	stored, refused := 0, 0
	err := eachLine(in, func(number int, line []byte) error {
		request, err := readRequest(line)
		if err == nil {
			request.History.AgencyID = actor.AgencyID
			err = s.PutHistory(ctx, actor, &request.History, nil)
		}
		switch {
		case tarozi.CodeOf(err) == tarozi.Unavailable:
			return fmt.Errorf("%w; %d histories were stored before it", err, stored)
		case err != nil:
			refused++
			fmt.Fprintf(os.Stderr, "line %d: %v\n", number, err)
		default:
			stored++
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d histories stored, %d refused\n", stored, refused)
	if refused > 0 {
		return errRefused
	}
	return nil
}
