// Command tarozi is the whole service in one binary: it serves pages and the API, scores files, and prepares and checks data
// and models. `tarozi help` lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones must be the same on every machine

	"github.com/spf13/cobra"
)

// version is set at build time.
var version = "development"

// Exit statuses.
const (
	exitDone     = 0
	exitRefused  = 1 // some input was refused; each line is named on standard error
	exitWrongUse = 2
)

// errRefused ends a command whose every fault has been reported already.
var errRefused = errors.New("some input was refused")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	used := false
	root := &cobra.Command{
		Use:           "tarozi",
		Short:         "Risk scores for people under supervision, explained factor by factor; a person decides",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRun: func(*cobra.Command, []string) {
			used = true
		},
	}
	root.AddCommand(serveCommand(), scoreCommand(), modelCommand(), datasetCommand(), featuresCommand(), importCommand(), exportCommand(), fairnessCommand(), accountCommand(), auditCommand(), backupCommand(), restoreCommand(),
		retentionCommand(), eraseCommand(), holdCommand(), sealCommand(), subjectCommand())
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefused):
		return exitRefused
	case !used:
		fmt.Fprintf(os.Stderr, "tarozi: %v\nRun 'tarozi help' for the commands and their flags.\n", err)
		return exitWrongUse
	default:
		fmt.Fprintf(os.Stderr, "tarozi: %v\n", err)
		return exitRefused
	}
}

// mustRequire marks flags as required; a name that the command lacks is a mistake in the program.
func mustRequire(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		set := cmd.Flags()
		if set.Lookup(name) == nil {
			set = cmd.PersistentFlags()
		}
		if err := cobra.MarkFlagRequired(set, name); err != nil {
			panic(err)
		}
	}
}
