package graphql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// declared is the schema of the shop that the tests ask.
const declared = `
schema { query: Query mutation: Mutation }
scalar DateTime
enum Status { OPEN PAID }
"What is paid in."
type Money { amount: Float! currency: String! }
type Order { id: ID! number: Int! status: Status! total: Money! updatedAt: DateTime! note: String secret: String }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type OrderEdge { cursor: String! node: Order! }
type OrderConnection { nodes: [Order!]! edges: [OrderEdge!]! pageInfo: PageInfo! }
input Line { article: String! count: Int = 1 }
input NewOrder { number: Int! lines: [Line!]! status: Status }
type Query {
  order(id: ID!): Order
  orders(first: Int, after: String, updatedAfter: DateTime, status: Status): OrderConnection!
  allOrders(offset: Int, limit: Int): [Order!]!
  shaky: Order
}
type Mutation {
  addOrder(input: NewOrder!): Order!
  breakAfter(number: Int!): Order
}`

// shop is a service that keeps orders.
type shop struct {
	t         *testing.T
	mu        sync.Mutex
	orders    []*order
	asked     []string // the operations that came, without introspection
	closed    bool     // it does not describe itself
	described int
}

type order struct {
	Number  int32
	Status  string
	Updated int
}

func (o *order) ID() graphql.ID    { return graphql.ID(fmt.Sprintf("o%d", o.Number)) }
func (o *order) Total() money      { return money{float64(o.Number) + 0.5} }
func (o *order) UpdatedAt() moment { return moment{o.Updated} }
func (o *order) Note() *string     { return nil }
func (o *order) Secret() (*string, error) {
	return nil, &coded{"not for you", "FORBIDDEN"}
}

type money struct{ Amount float64 }

func (money) Currency() string { return "EUR" }

// moment is a DateTime: a minute of one day.
type moment struct{ minute int }

func (moment) ImplementsGraphQLType(name string) bool { return name == "DateTime" }
func (m *moment) UnmarshalGraphQL(in any) error {
	text, ok := in.(string)
	if !ok {
		return errors.New("a text is wanted")
	}
	_, err := fmt.Sscanf(text, "2026-01-01T00:%02d:00Z", &m.minute)
	return err
}

func (m moment) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("2026-01-01T00:%02d:00Z", m.minute))
}

type coded struct{ says, code string }

func (c *coded) Error() string              { return c.says }
func (c *coded) Extensions() map[string]any { return map[string]any{"code": c.code} }

type connectionOf struct{ s *page }

type page struct {
	orders []*order
	more   bool
	end    int
}

type edge struct {
	Cursor string
	Node   *order
}

func (c connectionOf) Nodes() []*order { return c.s.orders }
func (c connectionOf) Edges() []edge {
	var all []edge
	for _, o := range c.s.orders {
		all = append(all, edge{string(o.ID()), o})
	}
	return all
}
func (c connectionOf) PageInfo() info { return info{c.s.more, strconv.Itoa(c.s.end)} }

type info struct {
	HasNextPage bool
	End         string
}

func (i info) EndCursor() *string { return &i.End }

func (s *shop) Order(a struct{ ID graphql.ID }) (*order, error) {
	for _, o := range s.orders {
		if o.ID() == a.ID {
			return o, nil
		}
	}
	return nil, &coded{"there is no order " + string(a.ID), "NOT_FOUND"}
}

func (s *shop) Orders(a struct {
	First        *int32
	After        *string
	UpdatedAfter *moment
	Status       *string
},
) (connectionOf, error) {
	from, size := 0, 3
	if a.After != nil {
		from, _ = strconv.Atoi(*a.After)
	}
	if a.First != nil {
		size = int(*a.First)
	}
	all := slices.DeleteFunc(slices.Clone(s.orders), func(o *order) bool {
		return a.UpdatedAfter != nil && o.Updated < a.UpdatedAfter.minute || a.Status != nil && *a.Status != o.Status
	})
	end := min(from+size, len(all))
	return connectionOf{&page{all[min(from, len(all)):end], end < len(all), end}}, nil
}

func (s *shop) AllOrders(a struct{ Offset, Limit *int32 }) []*order {
	from, size := 0, 4
	if a.Offset != nil {
		from = int(*a.Offset)
	}
	if a.Limit != nil {
		size = int(*a.Limit)
	}
	return s.orders[min(from, len(s.orders)):min(from+size, len(s.orders))]
}

func (s *shop) Shaky() (*order, error) { return nil, errors.New("out of order") }

func (s *shop) AddOrder(a struct {
	Input struct {
		Number int32
		Lines  []struct {
			Article string
			Count   int32
		}
		Status *string
	}
},
) (*order, error) {
	if len(a.Input.Lines) == 0 {
		return nil, &coded{"an order has lines", "BAD_USER_INPUT"}
	}
	o := &order{Number: a.Input.Number, Status: "OPEN", Updated: 59}
	if a.Input.Status != nil {
		o.Status = *a.Input.Status
	}
	s.orders = append(s.orders, o)
	return o, nil
}

func (s *shop) BreakAfter(a struct{ Number int32 }) (*order, error) {
	s.orders = append(s.orders, &order{Number: a.Number, Status: "OPEN"})
	return nil, &coded{"the till broke", "INTERNAL_SERVER_ERROR"}
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") == "Bearer wrong" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var asked struct {
		Query         string
		OperationName string
		Variables     map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	schema := graphql.MustParseSchema(declared, s, graphql.UseFieldResolvers())
	switch {
	case !strings.Contains(asked.Query, "__schema"):
		s.asked = append(s.asked, asked.Query)
	case s.closed:
		_, _ = w.Write([]byte(`{"errors": [{"message": "introspection is not allowed"}]}`))
		return
	default:
		s.described++
	}
	_ = json.NewEncoder(w).Encode(schema.Exec(r.Context(), asked.Query, asked.OperationName, asked.Variables))
}

// rig is a shop, the connector, and an environment that remembers its log.
type rig struct {
	*shop
	url string
	set kit.Connector
	env kit.Env
	log []string
}

func newRig(t *testing.T) *rig {
	g := &rig{shop: &shop{t: t}, set: New()}
	for i := range 10 {
		status := "OPEN"
		if i%2 == 1 {
			status = "PAID"
		}
		g.orders = append(g.orders, &order{Number: int32(i + 1), Status: status, Updated: i + 1})
	}
	server := httptest.NewServer(g.shop)
	g.url = server.URL + "/graphql"
	g.env = kit.Env{Run: "r1", Flow: "f", Step: "s", Write: func(l flow.LogLine) { g.log = append(g.log, string(l.Level)+" "+l.Text) }}
	t.Cleanup(func() {
		if err := g.set.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return g
}

func (g *rig) bind(name string, with flow.Values) (kit.Operation, error) {
	op, _ := g.set.Op(name)
	made := op.New()
	all := flow.Values{"url": g.url}
	for k, v := range with {
		all[k] = v
	}
	if p := made.Fields().Bind("s", all); len(p) > 0 {
		return made, p[0]
	}
	return made, nil
}

// perform asks for one record and gives what came of it as JSON lines.
func (g *rig) perform(name string, with flow.Values) (string, error) {
	made, err := g.bind(name, with)
	if err != nil {
		return "", err
	}
	res, err := made.(kit.Action).Run(context.Background(), g.env, flow.Record{ID: "rec1"})
	return lines(res.Data), err
}

func lines(all []any) string {
	var b strings.Builder
	for i, v := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.Write(value.Append(nil, v))
	}
	return b.String()
}
