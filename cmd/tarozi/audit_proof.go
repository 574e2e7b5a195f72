package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
)

// verifyProof checks a proof that the service gave, with its public key alone, and against the checkpoint that the log grew from where
// the file of those that were kept has it.
func verifyProof(cmd *cobra.Command, file, keyFile, kept, record string) error {
	if keyFile == "" {
		return errors.New("name the log's public key with --key: it comes from the operator, not with the proof")
	}
	verifier, err := loadVerifier(keyFile)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var p audit.Proof
	if err := tarozi.Decode(text, &p); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var earlier []byte
	if p.Consistency != nil && p.Consistency.Since > 0 {
		if earlier, err = keptOf(kept, p.Consistency.Since); err != nil {
			return err
		}
	}
	if err := p.Verify(verifier.Name(), verifier, earlier); err != nil {
		cmd.PrintErrln(err)
		return errRefused
	}
	if record != "" {
		if p.Inclusion == nil {
			return errors.New("the proof is of no entry: ask for one with place=, to hold a record against it")
		}
		faults, err := verifyRecord(record, [][]byte{[]byte(p.Inclusion.Entry)})
		if err != nil {
			return err
		}
		for _, f := range faults {
			cmd.PrintErrln(f.What)
		}
		if len(faults) > 0 {
			return errRefused
		}
	}
	if p.Inclusion != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: entry %d is in the log: %s\n", verifier.Name(), p.Inclusion.Place, p.Inclusion.Entry)
	}
	if earlier != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: the first %d entries are those of the checkpoint that was kept\n", verifier.Name(), p.Consistency.Since)
	}
	return nil
}

// keptOf is the checkpoint of a size among those that were kept.
func keptOf(file string, size int64) ([]byte, error) {
	if file == "" {
		return nil, errors.New("the proof says that the log grew from an earlier checkpoint: name the file that has it with --checkpoints")
	}
	all, err := readCheckpoints(file)
	if err != nil {
		return nil, err
	}
	for _, signed := range all {
		if c, err := audit.ReadCheckpoint(signed); err == nil && c.Size == size {
			return signed, nil
		}
	}
	return nil, fmt.Errorf("%s has no checkpoint of %d entries", file, size)
}
