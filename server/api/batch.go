package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/problem"
)

// Line is one line of a batch's answer.
type Line struct {
	Line       int              `json:"line"`
	Assessment *View            `json:"assessment,omitzero"`
	Problem    *problem.Details `json:"problem,omitzero"`
}

// Lines of one person are worked off in their order, by one lane; those of others run beside them, so that they share commits.
const (
	lanes  = 16
	inTurn = 64 // lines that may be under way before one is answered
)

// batch is one request for many assessments, and its answer.
type batch struct {
	api  *API
	ctx  context.Context
	who  tarozi.Actor
	lang string
	key  *string
	in   *bufio.Reader
	seed maphash.Seed
}

// task is one line on its way through a lane.
type task struct {
	number  int
	text    []byte
	request *Request
	answer  chan<- Line
	release func() // gives back the line's place among the large ones
}

// CreateAssessments answers POST /assessments/batch.
func (a *API) CreateAssessments(ctx context.Context, r CreateAssessmentsRequestObject) (CreateAssessmentsResponseObject, error) {
	ctx, who := caller(ctx)
	b := &batch{
		api: a, ctx: ctx, who: who, lang: a.language(r.Params.Lang, r.Params.AcceptLanguage), key: r.Params.IdempotencyKey,
		in: bufio.NewReaderSize(r.Body, 1<<16), seed: maphash.MakeSeed(),
	}
	if _, err := b.in.Peek(1); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, tarozi.Errorf(tarozi.Malformed, "the batch has no line: send one request a line")
		}
		return nil, bodyError(err)
	}
	return b, nil
}

// VisitCreateAssessmentsResponse reads, works and answers at the same time.
func (b *batch) VisitCreateAssessmentsResponse(w http.ResponseWriter) error {
	control := http.NewResponseController(w)
	if err := control.EnableFullDuplex(); err != nil {
		return fmt.Errorf("answering while the batch comes in: %w", err)
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Language", b.lang)
	w.WriteHeader(http.StatusOK)
	if err := b.extend(control); err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	b.ctx = ctx
	answers := make(chan chan Line, inTurn)
	var workers sync.WaitGroup
	workers.Go(func() {
		defer close(answers)
		b.read(answers, &workers)
	})

	err := b.write(w, control, answers)
	if err != nil {
		// Nobody hears the answers any more: stop the reader, which may wait for a line, and let what is under way end.
		cancel()
		if end := control.SetReadDeadline(time.Unix(1, 0)); end != nil {
			err = errors.Join(err, end)
		}
		for answer := range answers {
			<-answer
		}
	}
	workers.Wait()
	if err != nil {
		// The status is sent; all that is left to do is to say so in the log.
		b.api.Report(b.ctx, fmt.Errorf("answering a batch: %w", err))
	}
	return nil
}

// extend gives the connection time for one more line.
func (b *batch) extend(control *http.ResponseController) error {
	until := b.api.Patience()
	return errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until))
}

func (b *batch) write(w io.Writer, control *http.ResponseController, answers <-chan chan Line) error {
	for answer := range answers {
		text, err := json.Marshal(<-answer)
		if err != nil {
			return err
		}
		if err := b.extend(control); err != nil {
			return err
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// read takes the lines in and hands each to its person's lane; answers gets a place for each line, in their order.
func (b *batch) read(answers chan<- chan Line, workers *sync.WaitGroup) {
	queues := make([]chan task, lanes)
	for i := range queues {
		queues[i] = make(chan task, inTurn/lanes)
		workers.Go(func() {
			for t := range queues[i] {
				t.answer <- b.work(t)
				t.release()
			}
		})
		defer close(queues[i])
	}
	for number := 1; b.ctx.Err() == nil; number++ {
		text, err := b.line()
		if err == io.EOF {
			return
		}
		answer := make(chan Line, 1)
		answers <- answer
		request, release := new(Request), func() {}
		if err == nil {
			release, err = b.admit(text, request)
		}
		if err != nil {
			answer <- b.refused(number, err)
			if errors.Is(err, errBroken) {
				return
			}
			continue
		}
		queues[b.lane(request)] <- task{number, text, request, answer, release}
	}
}

func (b *batch) lane(r *Request) uint64 {
	person := r.PersonID
	if r.History != nil {
		person = r.History.PersonID
	}
	return maphash.String(b.seed, person) % lanes
}

// errBroken says that the connection broke within a line.
var errBroken = errors.New("the batch broke off")

// line reads one line; io.EOF where there is none left. A line that is too long is passed over.
func (b *batch) line() ([]byte, error) {
	var line []byte
	for {
		part, err := b.in.ReadSlice('\n')
		if len(line) <= MaxBody {
			line = append(line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) == 0:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, tarozi.Wrap(tarozi.Malformed, errors.Join(errBroken, err), "the batch broke off within this line; it was not stored: send it again")
		case len(line) > MaxBody:
			return nil, TooLarge("the line")
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}

// admit reads the request that a line holds, within the place that the line keeps until it is released.
func (b *batch) admit(line []byte, r *Request) (release func(), err error) {
	if release, err = b.api.large.take(b.ctx, len(line)); err != nil {
		return nil, err
	}
	if err := b.api.readRequest(line, r); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// readRequest reads the request that a line holds.
func (a *API) readRequest(line []byte, r *Request) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return tarozi.Errorf(tarozi.Malformed, "the line is empty: send one JSON object a line")
	}
	if err := a.check(line, a.line); err != nil {
		return err
	}
	return tarozi.Decode(line, r)
}

// work scores one line and stores the assessment.
func (b *batch) work(t task) Line {
	var key *scoring.Idempotency
	if b.key != nil {
		sum := sha256.Sum256(t.text)
		key = &scoring.Idempotency{Key: *b.key + ":" + strconv.Itoa(t.number), RequestSHA256: hex.EncodeToString(sum[:])}
	}
	if err := b.api.Probing(b.ctx); err != nil {
		return b.refused(t.number, err)
	}
	assessment, err := b.api.create(b.ctx, b.who, t.request, key)
	if tarozi.CodeOf(err) == tarozi.NotFound {
		b.api.Missed(b.ctx)
	}
	if err != nil {
		return b.refused(t.number, err)
	}
	view, err := b.api.view(b.ctx, b.who, b.lang, assessment)
	if err != nil {
		return b.refused(t.number, err)
	}
	return Line{Line: t.number, Assessment: &view.Value}
}

func (b *batch) refused(number int, err error) Line {
	b.api.Report(b.ctx, fmt.Errorf("line %d: %w", number, err))
	p := problem.Of(err, problem.RequestID(b.ctx))
	return Line{Line: number, Problem: &p}
}
