package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/model/onnx"
	"github.com/tarozi/tarozi/model/onnx/onnxcli"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

func modelCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "model", Short: "List, show, check, install and put to use model bundles, and run ONNX files"}
	cmd.AddCommand(modelListCommand(), modelVerifyCommand(), modelShowCommand(), modelRunCommand(), modelInstallCommand(),
		modelPromoteCommand(), modelRetireCommand())
	return cmd
}

func modelListCommand() *cobra.Command {
	var at place
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the bundles that ship with the program; with --db those of a database and where they stand",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if at.database != "" {
				return at.open(cmd.Context(), func(db *store.DB, _ *scoring.Service) error { return installedList(cmd, db) })
			}
			bundles, err := model.Shipped()
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tVERSION\tVALIDITY\tINPUTS\tHEADS\tSHA256")
			for _, b := range bundles {
				var heads []string
				for _, h := range b.Heads {
					heads = append(heads, h.ID)
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\n", b.Card.ID, b.Card.Version, b.Card.Validity.State, len(b.Card.Inputs),
					strings.Join(heads, " "), b.SHA256)
			}
			return table.Flush()
		},
	}
	at.flags(cmd, "")
	return cmd
}

func modelVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify FOLDER...",
		Short: "Check bundles: sums, card, graphs, self-test, and that the catalogue has every input",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			refused := false
			for _, folder := range args {
				b, err := model.Load(os.DirFS(folder))
				if err == nil {
					_, err = scoring.NewModels([]*model.Bundle{b})
				}
				if err != nil {
					refused = true
					fmt.Fprintf(os.Stderr, "%s: %v\n", folder, err)
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s %s is whole, sha256 %s\n", folder, b.Card.ID, b.Card.Version, b.SHA256)
			}
			if refused {
				return errRefused
			}
			return nil
		},
	}
}

func modelShowCommand() *cobra.Command {
	var at place
	cmd := &cobra.Command{
		Use:   "show FILE.onnx | FOLDER | MODEL[@VERSION]",
		Short: "Say what an ONNX file is, or what a bundle says about itself: one in a folder, one that ships, one installed in --db",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if at.database != "" {
				return showInstalled(cmd, at, args[0])
			}
			info, err := os.Stat(args[0])
			var b *model.Bundle
			switch {
			case err == nil && !info.IsDir():
				file, err := os.ReadFile(args[0])
				if err != nil {
					return err
				}
				return onnxcli.Show(cmd.OutOrStdout(), file, onnx.DefaultLimits())
			case err == nil:
				b, err = model.Load(os.DirFS(args[0]))
			case errors.Is(err, fs.ErrNotExist):
				b, err = shownBundle(args[0])
			}
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return showCard(cmd, b)
		},
	}
	at.flags(cmd, "")
	return cmd
}

func modelRunCommand() *cobra.Command {
	var input, format string
	var outputs []string
	cmd := &cobra.Command{
		Use:   "run FILE.onnx",
		Short: "Run an ONNX file on rows of CSV",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			program, err := onnx.Load(file, onnx.DefaultLimits())
			if err != nil {
				return err
			}
			in, _, err := openInput(input)
			if err != nil {
				return err
			}
			defer in.Close()
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<20)
			return errors.Join(onnxcli.Run(out, in, program, outputs, onnxcli.Format(format)), out.Flush())
		},
	}
	cmd.Flags().StringVar(&input, "input", "-", "CSV of rows, with a header of input names or without; - is standard input")
	cmd.Flags().StringSliceVar(&outputs, "output", nil, "names of the outputs, all if left out")
	cmd.Flags().StringVar(&format, "format", string(onnxcli.CSV), "csv or json")
	return cmd
}
