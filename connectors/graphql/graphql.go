// Package graphql speaks with GraphQL services: it asks, reads long lists page by page,
// and changes things, with documents that are checked against what the service says of
// itself.
//
// Its nouns: a document is the text of a query or mutation; variables are its inputs; a
// described service is one whose schema is known from introspection; an outcome is what
// a service answers, data and errors side by side. Its rules: a service that does not
// describe itself is asked all the same; errors beside data fail the record unless a
// person wants them as they are; after a mutation whose doing began nobody says that
// nothing happened.
package graphql

import (
	"net/http"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// shared is what the operations of one connector share.
type shared struct {
	client  *web.Client
	schemas schemas
}

// New declares the connector.
func New() kit.Connector {
	w := &shared{client: web.NewClient()}
	return kit.Connector{
		ID: "graphql", Title: "GraphQL", Icon: "graph", Tint: "pink",
		Summary:    "Ask GraphQL services, read their lists page by page, and change what they hold.",
		Connection: func() kit.Connection { return &connection{newService(w)} },
		Close:      func() error { w.client.Close(); return nil },
		Ops:        []kit.Op{queryOp(w), readOp(w), mutationOp(w)},
	}
}

const exampleURL = "https://api.example.com/graphql"

func queryOp(w *shared) kit.Op {
	return kit.Op{
		ID: "query", Title: "Ask with a query", Effect: kit.Reads,
		Summary: "Sends a query for each record, with variables from it, and gives the data that comes back.",
		Words:   []string{"api", "gql", "fetch", "look up", "get"},
		New:     func() kit.Operation { return newRequest(w, false) },
		Examples: []kit.Example{{
			Title: "The customer of each order",
			With: flow.Values{
				"url":   exampleURL,
				"query": "query ($id: ID!) { customer(id: $id) { name email } }", "give": "customer",
			},
			Map: "{variables: {id: .customer_id}}", In: map[string]any{"customer_id": "c7"},
		}},
	}
}

func mutationOp(w *shared) kit.Op {
	return kit.Op{
		ID: "mutation", Title: "Change with a mutation", Icon: "send", Effect: kit.Once,
		Summary: "Sends a mutation for each record, with variables from it, and gives the data that comes back.",
		Words:   []string{"api", "gql", "create", "update", "delete", "write", "post"},
		New:     func() kit.Operation { return newRequest(w, true) },
		Examples: []kit.Example{{
			Title: "Add a contact for each record",
			With: flow.Values{
				"url":      exampleURL,
				"mutation": "mutation ($in: ContactInput!) { addContact(input: $in) { id } }", "give": "addContact",
			},
			Map: "{variables: {in: {name: .name}}}", In: map[string]any{"name": "Zoë"},
		}},
	}
}

func readOp(w *shared) kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a list", Icon: "list", Effect: kit.Reads,
		Summary: "Reads a list page by page, each item a record, however long it is; with a cursor field, only what is new since the last run.",
		Words:   []string{"api", "gql", "paging", "pages", "source", "relay", "connection", "nodes", "edges"},
		New:     func() kit.Operation { return newRead(w) },
		Examples: []kit.Example{{
			Title: "A connection as Relay defines it",
			With: flow.Values{
				"url":   exampleURL,
				"query": "query ($first: Int, $after: String) { orders(first: $first, after: $after) { nodes { id total } pageInfo { hasNextPage endCursor } } }",
			},
		}, {
			Title: "What changed since the last run",
			With: flow.Values{
				"url":    exampleURL,
				"query":  "query ($after: String, $since: DateTime) { orders(first: 100, after: $after, updatedAfter: $since) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }",
				"cursor": "updatedAt", "variables": map[string]any{"since": "{since}"},
			},
		}},
	}
}

// jsonType is what a request carries (GraphQL over HTTP, 5.4).
var jsonType = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/graphql-response+json, application/json;q=0.9"}}
