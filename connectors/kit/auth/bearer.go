package auth

import (
	"context"

	"jackfield/connectors/kit"
)

// AccessToken gives the token of an OAuth 2 sign-in, renewed where that is due, for
// protocols that are not HTTP. bad is one that the service has refused, empty where it has
// refused none.
func (s *Signer) AccessToken(ctx context.Context, bad kit.Secret) (kit.Secret, error) {
	return s.oauthToken(ctx, bad.Reveal())
}
