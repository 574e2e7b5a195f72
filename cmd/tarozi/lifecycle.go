package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// installedList lists the bundles of a database with where each stands.
func installedList(cmd *cobra.Command, db *store.DB) error {
	ctx := cmd.Context()
	installed, err := db.InstalledBundles(ctx)
	if err != nil {
		return err
	}
	deployments, err := db.Deployments(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tVERSION\tSTATE\tFOR\tSINCE\tSHA256")
	for _, b := range installed {
		lines := 0
		for _, d := range deployments {
			if d.SHA256 == b.SHA256 {
				lines++
				whom := d.AgencyID
				if whom == "" {
					whom = "every agency"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", b.ModelID, b.Version, d.State, whom, d.Since.Format(time.DateOnly), b.SHA256)
			}
		}
		if lines == 0 {
			fmt.Fprintf(table, "%s\t%s\t%s\t\t%s\t%s\n", b.ModelID, b.Version, tarozi.ModelCandidate, b.InstalledAt.Format(time.DateOnly), b.SHA256)
		}
	}
	return table.Flush()
}

func modelInstallCommand() *cobra.Command {
	var at place
	cmd := &cobra.Command{
		Use:   "install FOLDER...",
		Short: "Keep bundles in the database as candidates, after every check of 'model verify'",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return at.open(cmd.Context(), func(_ *store.DB, s *scoring.Service) error {
				refused := false
				for _, folder := range args {
					b, err := model.Load(os.DirFS(folder))
					var done bool
					if err == nil {
						done, err = s.Install(cmd.Context(), b)
					}
					switch {
					case err != nil:
						refused = true
						fmt.Fprintf(os.Stderr, "%s: %v\n", folder, err)
					case done:
						fmt.Fprintf(cmd.OutOrStdout(), "%s: %s %s is installed as a candidate, sha256 %s\n", folder, b.Card.ID, b.Card.Version, b.SHA256)
					default:
						fmt.Fprintf(cmd.OutOrStdout(), "%s: %s %s was installed already\n", folder, b.Card.ID, b.Card.Version)
					}
				}
				if refused {
					return errRefused
				}
				return nil
			})
		},
	}
	at.flags(cmd, "var/tarozi.db")
	return cmd
}

// place is where a database and the key of its seals are.
type place struct{ database, sealKey string }

func (p *place) flags(cmd *cobra.Command, database string) {
	cmd.Flags().StringVar(&p.database, "db", database, "the SQLite file; 'tarozi serve' makes it")
	sealKeyFlag(cmd.Flags(), &p.sealKey)
}

func (p *place) open(ctx context.Context, do func(db *store.DB, s *scoring.Service) error) error {
	return onDatabase(ctx, p.database, p.sealKey, defaultZone, do)
}

func modelPromoteCommand() *cobra.Command {
	var to string
	cmd := modelMoveCommand("promote", "Put an installed bundle to use, or run it as a shadow", func() tarozi.ModelState { return tarozi.ModelState(to) })
	cmd.Long = `Puts an installed bundle (MODEL, MODEL@VERSION, or the beginning of its SHA-256) into a state:

  shadow         scored beside the model in use for every request; shown to nobody who decides
  demonstration  in use, in a database that 'tarozi serve --demo' made
  pilot, live    in use for an agency and those below it, under a validation that its oversight committee has signed

Another version of the same model that was in use there is retired in the same step. It counts from the next request on, in
every running 'tarozi serve' of the database; nothing has to be started again.`
	cmd.Flags().StringVar(&to, "to", "", "shadow, demonstration, pilot or live")
	mustRequire(cmd, "to")
	return cmd
}

func modelRetireCommand() *cobra.Command {
	cmd := modelMoveCommand("retire", "Take a bundle out of use; it is kept, so that its assessments can be rebuilt", func() tarozi.ModelState { return tarozi.ModelRetired })
	return cmd
}

func modelMoveCommand(name, short string, to func() tarozi.ModelState) *cobra.Command {
	var at place
	var agency string
	cmd := &cobra.Command{
		Use:   name + " MODEL[@VERSION]",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return at.open(cmd.Context(), func(db *store.DB, s *scoring.Service) error {
				b, err := findInstalled(cmd.Context(), db, args[0])
				if err != nil {
					return err
				}
				if err := s.Move(cmd.Context(), agency, b.SHA256, to()); err != nil {
					return err
				}
				whom := "every agency"
				if agency != "" {
					whom = "agency " + agency
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s %s is now %s for %s\n", b.ModelID, b.Version, to(), whom)
				return nil
			})
		},
	}
	at.flags(cmd, "var/tarozi.db")
	cmd.Flags().StringVar(&agency, "agency", "", "id of the agency that it is for, with those below it; every agency if left out")
	return cmd
}

// findInstalled finds a bundle by MODEL (the newest), MODEL@VERSION, or at least eight signs of its SHA-256.
func findInstalled(ctx context.Context, db *store.DB, name string) (*scoring.InstalledBundle, error) {
	installed, err := db.InstalledBundles(ctx)
	if err != nil {
		return nil, err
	}
	id, version, _ := strings.Cut(name, "@")
	for i := range installed {
		b := &installed[i]
		if b.ModelID == id && (version == "" || b.Version == version) || len(name) >= 8 && strings.HasPrefix(b.SHA256, name) {
			return b, nil
		}
	}
	return nil, fmt.Errorf("no bundle %q is installed: 'tarozi model list --db' shows those that are, 'tarozi model install' adds one", name)
}

// showInstalled prints the card of an installed bundle.
func showInstalled(cmd *cobra.Command, at place, name string) error {
	return at.open(cmd.Context(), func(db *store.DB, s *scoring.Service) error {
		b, err := findInstalled(cmd.Context(), db, name)
		if err != nil {
			return err
		}
		files, err := db.Bundle(cmd.Context(), b.SHA256)
		if err != nil {
			return err
		}
		deployments, err := db.Deployments(cmd.Context())
		if err != nil {
			return err
		}
		loaded, err := model.Read(files.Files)
		if err != nil {
			return fmt.Errorf("%s %s: %w", b.ModelID, b.Version, err)
		}
		if err := showCard(cmd, loaded); err != nil {
			return err
		}
		for _, d := range deployments {
			if d.SHA256 == b.SHA256 {
				fmt.Fprintf(cmd.OutOrStdout(), "state        %s for %q since %s, by %s\n", d.State, d.AgencyID, d.Since.Format(time.RFC3339), d.By)
			}
		}
		return nil
	})
}

// showCard prints what a bundle says about itself.
func showCard(cmd *cobra.Command, b *model.Bundle) error {
	models, err := scoring.NewModels([]*model.Bundle{b})
	if err != nil {
		return err
	}
	m := models.All()[0]
	out, c := cmd.OutOrStdout(), b.Card
	fmt.Fprintf(out, "%s %s: %s\nsha256       %s\nmade on      %s from %s (%d rows)\nvalidity     %s\n", c.ID, c.Version, c.Title["en"], b.SHA256, c.CreatedOn,
		c.Training.Data, c.Training.Rows, c.Validity.State)
	if c.Benchmark {
		fmt.Fprintln(out, "benchmark    made to be compared with; it is never put to use")
	}
	fmt.Fprintf(out, "for          %s\n", c.IntendedUse["en"])
	for _, use := range c.ExcludedUses {
		fmt.Fprintf(out, "never for    %s\n", use["en"])
	}
	for _, limit := range c.Limits {
		fmt.Fprintf(out, "limit        %s\n", limit["en"])
	}
	for i, h := range b.Heads {
		until := "while supervised"
		if h.ToMonths != nil {
			until = fmt.Sprintf("months %d to %d", h.FromMonths, *h.ToMonths)
		}
		fmt.Fprintf(out, "head         %s: %s, %s, %s, calibrated by %s\n", h.ID, h.Outcome, until, explained(b, m.Methods()[i], h), h.Calibration.Method)
	}
	for _, r := range c.Remedies {
		fmt.Fprintf(out, "remedy       %s, by %s; off unless the oversight committee switches it on\n", r.ID, r.Attribute)
	}
	var inputs []string
	for _, in := range c.Inputs {
		inputs = append(inputs, in.Feature)
	}
	fmt.Fprintf(out, "reads        %s\n", strings.Join(inputs, ", "))
	return nil
}

// explained says how a head's scores are explained, and what with.
func explained(b *model.Bundle, by explain.Method, h *model.Head) string {
	if h.Output == nil {
		return fmt.Sprintf("explained by its %d terms", len(h.Terms))
	}
	return fmt.Sprintf("explained by %s, against %d generated rows", by, len(b.Background))
}

// shownBundle is the bundle that ships under an id.
func shownBundle(id string) (*model.Bundle, error) {
	bundles, err := model.Shipped()
	if err != nil {
		return nil, err
	}
	for _, b := range bundles {
		if b.Card.ID == id {
			return b, nil
		}
	}
	return nil, errors.New("it is no file, no folder and no bundle that ships; name the database of an installed one with --db")
}
