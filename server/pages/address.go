package pages

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/gin-gonic/gin"
)

// Addresses of pages say nothing of whom they are about: people stand in them by keys of the service's own, and what somebody searches
// for is sealed. docs/decisions/0090-what-addresses-say.md says why, and why the API's differ.

const (
	peoplePath = "/people/"
	pageKey    = "page_key" // of the person whom the address names, in gin's context
)

// addressed puts the person's id in the place of the key that the address has. The key opens nothing: what is asked for then says whether
// the asker may see the person.
func (p *Pages) addressed(c *gin.Context) {
	key := c.Param("person")
	if key == "" {
		return
	}
	id, err := p.People.PersonByPageKey(c.Request.Context(), key)
	if err != nil {
		p.Fail(c, err)
		return
	}
	c.Set(pageKey, key)
	for i := range c.Params {
		if c.Params[i].Key == "person" {
			c.Params[i].Value = id
		}
	}
}

// here is the path of the person whom the address names.
func here(c *gin.Context) string { return peoplePath + c.GetString(pageKey) }

// personPath is the path of any person.
func (p *Pages) personPath(c *gin.Context, personID string) (string, error) {
	key, err := p.People.PageKey(c.Request.Context(), personID)
	return peoplePath + key, err
}

// eventAnchor is where an event stands on a person's page. Registers make ids of events of those of people, so that it is a hash: an address
// with it is kept by the browser.
func eventAnchor(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "e-" + hex.EncodeToString(sum[:6])
}
