package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/actor"
)

func TestLargeBodiesWaitForAPlace(t *testing.T) {
	a := described(t)
	a.Report = func(context.Context, error) {}
	a.large = newPlaces(1, 50*time.Millisecond)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	a.Register(engine)
	send := func(size int) *httptest.ResponseRecorder {
		body := `{"events":[]` + strings.Repeat(" ", size) + `,"x":1}`
		ctx := actor.With(t.Context(), tarozi.Actor{Actions: []tarozi.Action{tarozi.WriteHistory}})
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, prefix+"/people/p/events", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, r)
		return w
	}
	release, err := a.large.take(t.Context(), largeBody+1)
	if err != nil {
		t.Fatal(err)
	}
	if w := send(largeBody); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("with every place taken: %d, %v", w.Code, w.Header())
	}
	if w := send(10); w.Code != http.StatusBadRequest {
		t.Errorf("a small body waits for the large: %d", w.Code)
	}
	release()
	for range 3 { // a refused body gives its place back
		if w := send(largeBody); w.Code != http.StatusBadRequest {
			t.Errorf("with a free place: %d: %s", w.Code, w.Body)
		}
	}

	b := &batch{api: a, ctx: t.Context()}
	long := []byte(`{"person_id":"p"` + strings.Repeat(" ", largeBody) + `}`)
	if _, err := b.admit(append(long, 'x'), new(Request)); tarozi.CodeOf(err) != tarozi.Malformed {
		t.Errorf("a line that is refused: %v", err)
	}
	release, err = b.admit(long, new(Request))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.admit(long, new(Request)); tarozi.CodeOf(err) != tarozi.Unavailable {
		t.Errorf("a second long line: %v", err)
	}
	release()
	if release, err = b.admit(long, new(Request)); err != nil {
		t.Fatal(err)
	}
	release()
}
