package scoring

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// Bundles keeps bundles whole and says where each stands. It works like Store, over all agencies of the database.
type Bundles interface {
	// InstallBundle keeps a bundle; done is false where it is installed already, and then there is no audit entry.
	InstallBundle(ctx context.Context, w Write, b *BundleFiles) (done bool, err error)
	// InstalledBundles lists the bundles, the newest of each model first.
	InstalledBundles(ctx context.Context) ([]InstalledBundle, error)
	// Bundle reads an installed bundle; NotFound where it is not installed.
	Bundle(ctx context.Context, sha256 string) (*BundleFiles, error)
	// DeploymentsFor says where bundles stand for an agency: its own line holds before those of the agencies above it.
	DeploymentsFor(ctx context.Context, agencyID string) ([]tarozi.Deployment, error)
	// Deploy adds the lines that next makes of those of exactly this agency (empty: for all), with the audit entry that it gives, in
	// one transaction, in which next is called, maybe more than once. Its error is given back and nothing is stored.
	Deploy(ctx context.Context, w Write, agencyID string,
		next func(present []tarozi.Deployment) ([]tarozi.Deployment, AuditEntry, error)) error
	// ShadowScores are what shadow bundles said beside an assessment.
	ShadowScores(ctx context.Context, scope tarozi.Scope, assessmentID string) ([]ShadowScores, error)
	// Mark reads what the database is marked with under a name, empty where it is not; SetMark marks it.
	Mark(ctx context.Context, name string) (string, error)
	SetMark(ctx context.Context, w Write, name, value string) error
}

// BundleFiles is a bundle as it is kept.
type BundleFiles struct {
	SHA256, ModelID, Version string
	Files                    map[string][]byte
}

// InstalledBundle is a bundle in a list.
type InstalledBundle struct {
	SHA256, ModelID, Version string
	InstalledAt              time.Time
}

// MarkDemonstration is the mark of a database that was made with made-up people: filling until they are all stored, filled then.
const (
	MarkDemonstration = "demonstration"
	DemoFilling       = "filling"
	DemoFilled        = "filled"
)

// Deployed is a bundle at work for an agency.
type Deployed struct {
	*Model
	tarozi.Deployment
}

// Ref names the bundle, with the validity that it has where nobody has signed for it.
func (d *Deployed) Ref() tarozi.ModelRef {
	validity := unsigned(d.Card)
	if d.State == tarozi.ModelDemonstration {
		validity = tarozi.Demonstration
	}
	return tarozi.ModelRef{ID: d.ModelID, Version: d.Version, SHA256: d.Deployment.SHA256, Validity: validity}
}

// Serving are the bundles at work for an agency: those in use, the default first, and the shadows.
//
// The default is the one of the strongest state (live, pilot, demonstration), and among these the one longest in it, so that a model
// that joins takes nothing over by itself.
type Serving struct {
	InUse   []Deployed
	Shadows []Deployed
}

// Serving finds the bundles at work for the agency. It asks the store every time, so that what was installed, promoted or retired
// counts from the next request on, in every running process.
func (s *Service) Serving(ctx context.Context, agencyID string) (*Serving, error) {
	deployments, err := s.Store.DeploymentsFor(ctx, agencyID)
	if err != nil {
		return nil, err
	}
	found := new(Serving)
	for _, d := range deployments {
		if !d.State.InUse() && d.State != tarozi.ModelShadow {
			continue
		}
		m, err := s.bundle(ctx, d.SHA256)
		if err != nil {
			return nil, err
		}
		if d.State.InUse() {
			found.InUse = append(found.InUse, Deployed{m, d})
		} else {
			found.Shadows = append(found.Shadows, Deployed{m, d})
		}
	}
	slices.SortStableFunc(found.InUse, func(a, b Deployed) int {
		return cmp.Or(cmp.Compare(slices.Index(tarozi.ModelStates, b.State), slices.Index(tarozi.ModelStates, a.State)), a.Since.Compare(b.Since))
	})
	return found, nil
}

// choose finds the model in use that is asked for, the default where none is named.
func (s *Serving) choose(modelID string) (*Deployed, error) {
	if len(s.InUse) == 0 {
		return nil, tarozi.Errorf(tarozi.Unavailable,
			"no model is in use for your agency, so nobody is scored: a data scientist promotes one ('tarozi model promote') once its validation is signed")
	}
	if modelID == "" {
		return &s.InUse[0], nil
	}
	for i := range s.InUse {
		if s.InUse[i].ModelID == modelID {
			return &s.InUse[i], nil
		}
	}
	return nil, &tarozi.Error{Code: tarozi.NotFound, Message: fmt.Sprintf("there is no model %q in use for your agency", modelID),
		Fields: []tarozi.FieldError{{Pointer: "/model", Code: "unknown_model", Message: "name one of those that GET /api/v1/models lists, or leave model out"}}}
}

// InUse lists the models that an assessment may be asked of, the default first.
func (s *Service) InUse(ctx context.Context, actor tarozi.Actor) ([]Deployed, error) {
	if !actor.May(tarozi.Assess) && !actor.May(tarozi.ReadModels) {
		return nil, actor.Allow(tarozi.ReadModels)
	}
	serving, err := s.Serving(ctx, actor.AgencyID)
	if err != nil {
		return nil, err
	}
	return serving.InUse, nil
}

// Known lists every installed bundle with where it stands for the actor's agency: those in use first, the default at the head, then by
// model, the newest first.
func (s *Service) Known(ctx context.Context, actor tarozi.Actor) ([]Deployed, error) {
	if err := actor.Allow(tarozi.ReadModels); err != nil {
		return nil, err
	}
	serving, err := s.Serving(ctx, actor.AgencyID)
	if err != nil {
		return nil, err
	}
	installed, err := s.Store.InstalledBundles(ctx)
	if err != nil {
		return nil, err
	}
	deployments, err := s.Store.DeploymentsFor(ctx, actor.AgencyID)
	if err != nil {
		return nil, err
	}
	list := serving.InUse
	for _, b := range installed {
		if slices.ContainsFunc(serving.InUse, func(d Deployed) bool { return d.Deployment.SHA256 == b.SHA256 }) {
			continue
		}
		m, err := s.bundle(ctx, b.SHA256)
		if err != nil {
			return nil, err
		}
		stands := tarozi.Deployment{ModelID: b.ModelID, Version: b.Version, SHA256: b.SHA256, State: tarozi.ModelCandidate, Since: b.InstalledAt}
		if at := slices.IndexFunc(deployments, func(d tarozi.Deployment) bool { return d.SHA256 == b.SHA256 }); at >= 0 {
			stands = deployments[at]
		}
		list = append(list, Deployed{m, stands})
	}
	return list, nil
}

// KnownByID is the version of a model that is in use for the actor's agency, else the newest that is installed; NotFound where there
// is none.
func (s *Service) KnownByID(ctx context.Context, actor tarozi.Actor, modelID string) (*Deployed, error) {
	list, err := s.Known(ctx, actor)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ModelID == modelID {
			return &list[i], nil
		}
	}
	return nil, tarozi.Errorf(tarozi.NotFound, "there is no model %q", modelID)
}

// Card is what the very bundle says about itself; nil where it is not installed.
func (s *Service) Card(ctx context.Context, sha256 string) (*model.Card, error) {
	m, err := s.bundle(ctx, sha256)
	switch {
	case tarozi.CodeOf(err) == tarozi.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return m.Card, nil
}

// conditions are what holds for a model in use under a committee's decisions; one whose signed validation has ended gives no score.
func conditions(d *Deployed, l *Levers) (Conditions, error) {
	given := Conditions{Validity: tarozi.Demonstration, Cuts: l.Cuts}
	switch {
	case d.State == tarozi.ModelDemonstration:
		return given, nil
	case l.Acceptance == nil:
		return Conditions{}, tarozi.Errorf(tarozi.Unavailable,
			"the signed validation of model %s %s is no longer in force, so nobody is scored: the oversight committee signs it anew, or another model is put to use",
			d.ModelID, d.Version)
	}
	given.Validity = l.Acceptance.Validity
	return given, nil
}

// bundle is the very bundle with this hash: one that ships, or one that is installed.
func (s *Service) bundle(ctx context.Context, sha256 string) (*Model, error) {
	if m, err := s.Models.bySHA256(sha256); err == nil {
		return m, nil
	}
	stored, err := s.Store.Bundle(ctx, sha256)
	if err != nil {
		return nil, err
	}
	b, err := model.Read(stored.Files)
	if err == nil && b.SHA256 != sha256 {
		err = fmt.Errorf("its files have the hash %s", b.SHA256)
	}
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, fmt.Sprintf("the stored bundle %s %s is not whole: nothing is scored with it", stored.ModelID, stored.Version))
	}
	return s.Models.add(b)
}

// Install keeps a bundle as a candidate. The error says why its card or inputs are refused; done is false where it is installed.
func (s *Service) Install(ctx context.Context, b *model.Bundle) (done bool, err error) {
	if _, err := s.Models.add(b); err != nil {
		return false, err
	}
	w, err := s.write(Command(""), Command("").Scope(tarozi.ManageModels), "model.installed", b.Card.ID, []byte(b.SHA256))
	if err != nil {
		return false, err
	}
	return s.Store.InstallBundle(ctx, w, &BundleFiles{SHA256: b.SHA256, ModelID: b.Card.ID, Version: b.Card.Version, Files: b.Files})
}

// Move puts an installed bundle into a state for an agency and those below it; an empty agencyID is every agency. Where the state is
// one in use, another version of the model in use for the same agency is retired. The rules: a benchmark is never put to use;
// demonstration is for a database of made-up people; pilot and live need a signed validation in force.
func (s *Service) Move(ctx context.Context, agencyID, sha256 string, to tarozi.ModelState) error {
	m, err := s.bundle(ctx, sha256)
	if err != nil {
		return err
	}
	if err := s.mayMove(ctx, agencyID, m, to); err != nil {
		return err
	}
	actor := Command(agencyID)
	w, err := s.write(actor, actor.Scope(tarozi.ManageModels), "model."+string(to), m.Card.ID)
	if err != nil {
		return err
	}
	return s.Store.Deploy(ctx, w, agencyID, func(present []tarozi.Deployment) ([]tarozi.Deployment, AuditEntry, error) {
		line := tarozi.Deployment{AgencyID: agencyID, ModelID: m.Card.ID, Version: m.Card.Version, SHA256: sha256, State: to, Since: w.At, By: actor.AccountID}
		lines := []tarozi.Deployment{line}
		for _, other := range present {
			switch {
			case other.SHA256 == sha256 && other.State == to:
				return nil, AuditEntry{}, tarozi.Errorf(tarozi.Conflict, "%s %s is %s already", m.Card.ID, m.Card.Version, to)
			case other.SHA256 != sha256 && other.ModelID == m.Card.ID && other.State.InUse() && to.InUse():
				other.State, other.Since, other.By = tarozi.ModelRetired, w.At, actor.AccountID
				lines = append(lines, other)
			}
		}
		document, err := tarozi.Canonical(lines)
		if err != nil {
			return nil, AuditEntry{}, fmt.Errorf("writing where the model stands: %w", err)
		}
		entry := w.Audit
		entry.SHA256 = commitment(entry.Salt, document)
		return lines, entry, nil
	})
}

func (s *Service) mayMove(ctx context.Context, agencyID string, m *Model, to tarozi.ModelState) error {
	refused := func(format string, args ...any) error {
		return tarozi.Errorf(tarozi.Forbidden, "%s %s: %s", m.Card.ID, m.Card.Version, fmt.Sprintf(format, args...))
	}
	switch {
	case !slices.Contains(tarozi.ModelStates, to) || to == tarozi.ModelCandidate:
		return refused("%q is no state to put a model into: choose shadow, demonstration, pilot, live or retired", to)
	case to == tarozi.ModelRetired:
		return nil
	case m.Card.Benchmark:
		return refused("a benchmark is made to be compared with ('tarozi score --model %s') and never put to use", m.Card.ID)
	case to == tarozi.ModelDemonstration:
		mark, err := s.Store.Mark(ctx, MarkDemonstration)
		if err == nil && mark == "" {
			err = refused("demonstration is for a database of made-up people, which 'tarozi serve --demo' makes; this one is not")
		}
		return err
	case to.Signed():
		return s.signed(ctx, agencyID, m, to)
	}
	return nil
}

// signed refuses a model without a signed validation in force for the agency.
func (s *Service) signed(ctx context.Context, agencyID string, m *Model, to tarozi.ModelState) error {
	if agencyID == "" {
		return tarozi.Errorf(tarozi.Malformed, "%s %s: %s is for the agency of the committee that signed and those below it: name it with --agency", m.Card.ID, m.Card.Version, to)
	}
	levers, err := s.Store.Levers(ctx, agencyID, m.Card.ID, m.SHA256, s.Now())
	if err != nil || levers.Acceptance != nil && (to == tarozi.ModelPilot || levers.Acceptance.Validity == tarozi.Validated) {
		return err
	}
	return tarozi.Errorf(tarozi.Forbidden, "%s %s: %s needs a validation of this very bundle (SHA-256 %s) for this agency, signed by the oversight committee as %s and in force: there is none",
		m.Card.ID, m.Card.Version, to, m.SHA256, validityFor(to))
}

func validityFor(to tarozi.ModelState) tarozi.Validity {
	if to == tarozi.ModelLive {
		return tarozi.Validated
	}
	return tarozi.Pilot
}

// Demonstrate marks the database as one of made-up people (value: DemoFilling or DemoFilled).
func (s *Service) Demonstrate(ctx context.Context, value string) error {
	w, err := s.write(Command(""), Command("").Scope(tarozi.ManageModels), "demonstration."+value, "", []byte(value))
	if err != nil {
		return err
	}
	return s.Store.SetMark(ctx, w, MarkDemonstration, value)
}

// InstallShipped keeps the bundles that are part of the program as candidates. In a database of made-up people those that may be put
// to use become demonstrations, this version in place of an earlier one.
func (s *Service) InstallShipped(ctx context.Context, bundles []*model.Bundle) error {
	mark, err := s.Store.Mark(ctx, MarkDemonstration)
	if err != nil {
		return err
	}
	for _, b := range bundles {
		done, err := s.Install(ctx, b)
		if err != nil {
			return fmt.Errorf("installing %s %s: %w", b.Card.ID, b.Card.Version, err)
		}
		if !done || mark == "" || b.Card.Benchmark {
			continue
		}
		if err := s.Move(ctx, "", b.SHA256, tarozi.ModelDemonstration); err != nil {
			return fmt.Errorf("demonstrating %s %s: %w", b.Card.ID, b.Card.Version, err)
		}
	}
	return nil
}
