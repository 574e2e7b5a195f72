package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server"
	"github.com/tarozi/tarozi/store"
)

type serveOptions struct {
	addr, database, zone        string
	origin, keyFile, checkpoint string
	sealKey                     string
	demo, acceptClock           bool
	front                       frontOptions
	retentionRules              string
	reviewPeriod, reassessAfter time.Duration
	signatures                  int
}

// maxSignatures bounds how many members must sign: no committee is larger.
const maxSignatures = 20

func serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages and the API",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on")
	cmd.Flags().StringVar(&o.database, "db", "var/tarozi.db", "the SQLite file; made where there is none")
	cmd.Flags().StringVar(&o.zone, "zone", defaultZone, "time zone in which the day of an instant is taken")
	cmd.Flags().StringVar(&o.origin, "audit-origin", "tarozi", "name of the audit log, when its key is made")
	cmd.Flags().StringVar(&o.keyFile, "audit-key", "", "file of the audit log's signing key, made where there is none; audit-key beside the database if left out")
	cmd.Flags().StringVar(&o.checkpoint, "audit-checkpoints", "", "file that signed checkpoints are added to, best on another host; beside the database if left out")
	sealKeyFlag(cmd.Flags(), &o.sealKey)
	cmd.Flags().DurationVar(&o.reviewPeriod, "review-period", scoring.DefaultReviewPeriod, "how long a score waits for its review before it expires")
	cmd.Flags().StringVar(&o.retentionRules, "retention-rules", "", "file of rules of retention, as of tarozi retention; empty: its rules where no file is given")
	cmd.Flags().DurationVar(&o.reassessAfter, "reassess-after", scoring.DefaultReassessAfter, "the age at which an assessment is made anew")
	cmd.Flags().IntVar(&o.signatures, "committee-signatures", scoring.DefaultSignatures, "how many members of an oversight committee a decision needs")
	cmd.Flags().BoolVar(&o.acceptClock, "accept-clock", false, "take the machine's clock for right although the log has a later entry: for once, after the clock was ahead; the log says so")
	cmd.Flags().BoolVar(&o.demo, "demo", false, "fill an empty database with made-up people and accounts with a known password")
	o.front.flags(cmd.Flags())
	return cmd
}

// serve runs until ctx ends.
func serve(ctx context.Context, o serveOptions, out io.Writer) (err error) {
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w; choose another address with --addr", o.addr, err)
	}
	defer func() { err = errors.Join(err, ignoreClosed(listener.Close())) }()
	if host := listener.Addr().(*net.TCPAddr).IP; o.demo && !host.IsLoopback() {
		return fmt.Errorf("--demo makes accounts with a password that everybody knows: serve it on 127.0.0.1, not on %s", host)
	}
	if err := os.MkdirAll(filepath.Dir(o.database), 0o700); err != nil {
		return err
	}
	if o.reviewPeriod <= 0 || o.reassessAfter <= 0 {
		return errors.New("--review-period and --reassess-after are longer than nothing, such as 336h")
	}
	if o.signatures < 1 || o.signatures > maxSignatures {
		return fmt.Errorf("--committee-signatures %d: give 1 to %d", o.signatures, maxSignatures)
	}
	assessor, err := newAssessor(o.zone)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, o.database, store.Options{SealKey: o.sealKey})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	service := newService(assessor, db)
	if service.Rules, err = readRules(o.retentionRules); err != nil {
		return err
	}
	service.ReviewPeriod, service.ReassessAfter, service.Signatures = o.reviewPeriod, o.reassessAfter, o.signatures
	if err := adopt(ctx, service, db); err != nil {
		return err
	}
	var bundles []*model.Bundle
	for _, m := range assessor.Models.All() {
		bundles = append(bundles, m.Bundle)
	}
	if o.demo {
		fmt.Fprintln(out, "Preparing the demonstration: the first time takes some ten seconds.")
		if err := seedDemo(ctx, db, service, bundles, o.database, demoKeyFile(o.database)); err != nil {
			return fmt.Errorf("filling the demonstration's database: %w", err)
		}
	} else if err := service.InstallShipped(ctx, bundles); err != nil {
		return err
	}
	if o.acceptClock {
		w, err := service.Administer("", "clock.accepted", "")
		if err != nil {
			return err
		}
		if err := db.Note(ctx, w); err != nil {
			return err
		}
	}
	if err := db.GuardClock(ctx, assessor.Now); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	config := server.Config{Service: service, Store: db, Sessions: db.Sessions(assessor.Now), Version: version, Log: log}
	if err := o.front.apply(&config); err != nil {
		return err
	}
	fronted, err := o.front.front(listener, log)
	if err != nil {
		return err
	}
	key, err := loadAuditKey(cmp.Or(o.keyFile, auditKeyFile(o.database)), o.origin)
	if err != nil {
		return err
	}
	keeper := checkpointKeeper(db, key, cmp.Or(o.checkpoint, filepath.Join(filepath.Dir(o.database), checkpointsFile)))
	config.Checks = append(config.Checks, func() error {
		if err := keeper.Healthy(); err != nil {
			return tarozi.Wrap(tarozi.Unavailable, err, "the audit log or the file of its checkpoints cannot be written: see the service's log; entries wait and none is lost")
		}
		return nil
	})
	s, err := server.New(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var sequencing sync.WaitGroup
	sequencing.Go(func() { sequenceAudit(ctx, keeper, log) })
	defer sequencing.Wait()
	defer cancel()
	if err := greet(ctx, out, db, listener.Addr().String(), o); err != nil {
		return err
	}
	return s.Run(ctx, fronted)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// greet says where the service is and, for the demonstration, who may sign in.
func greet(ctx context.Context, out io.Writer, db *store.DB, addr string, o serveOptions) error {
	counts, err := db.Counts(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nTarozi serves %d people of %d agencies, %d assessments, from %s\n\n  %s://%s\n\n",
		counts.People, counts.Agencies, counts.Assessments, o.database, o.front.scheme(), addr)
	if !o.demo {
		fmt.Fprintln(out, "Ctrl-C ends it.")
		return nil
	}
	fmt.Fprintf(out, "Everybody in this demonstration is made up. Password of every account: %s\n\n", demoPassword)
	agencies, err := db.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, agency := range agencies {
		accounts, err := db.Accounts(ctx, tarozi.InAgency(agency.ID))
		if err != nil {
			return err
		}
		under := ""
		if at := slices.IndexFunc(agencies, func(a tarozi.Agency) bool { return a.ID == agency.ParentID }); at >= 0 {
			under = " (under " + agencies[at].Name + ")"
		}
		fmt.Fprintf(out, "  %s%s\n", agency.Name, under)
		for _, a := range accounts {
			if a.Role != tarozi.CaseSystem { // it has a key and no password
				fmt.Fprintf(out, "    %-14s %s\n", a.Login, a.Role)
			}
		}
	}
	fmt.Fprintf(out, "\nThe API, for case systems: %s://%s/docs with the key in %s\nCtrl-C ends it.\n", o.front.scheme(), addr, demoKeyFile(o.database))
	return nil
}
