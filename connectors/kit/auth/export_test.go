package auth

import (
	"net/http"
	"time"

	"jackfield/connectors/kit"
)

// Through lets the access ask its authorization server by rt.
func (a *Access) Through(rt http.RoundTripper) { a.OAuth.transport = rt }

// GrantName is under which name tokens keep a grant.
const GrantName = grantName

// Shifted is a grant that was got at another time.
func Shifted(kept kit.Secret, by time.Duration) kit.Secret {
	g := grantOf(kept)
	g.Got, g.Ends = g.Got.Add(by), g.Ends.Add(by)
	return g.secret()
}
