package graphql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestDeclaration(t *testing.T) {
	c := New()
	kittest.Connector(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestQueriesGiveWhatTheServiceHolds(t *testing.T) {
	g := newRig(t)
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"all data", flow.Values{"query": "{ order(id: \"o2\") { number status } }"}, `{"order":{"number":2,"status":"PAID"}}`},
		{"a part of it", flow.Values{"query": "query ($id: ID!) { order(id: $id) { total { amount } note } }", "variables": map[string]any{"id": "o3"}, "give": "order"}, `{"note":null,"total":{"amount":3.5}}`},
		{"each item of a list", flow.Values{"query": "{ allOrders(limit: 2) { id } }", "give": "allOrders"}, "{\"id\":\"o1\"}\n{\"id\":\"o2\"}"},
		{"one of two operations", flow.Values{"query": "query a { allOrders(limit: 1) { id } } query b { order(id: \"o9\") { id } }", "operation": "b"}, `{"order":{"id":"o9"}}`},
		{"a fragment", flow.Values{"query": "{ order(id: \"o1\") { ...few } } fragment few on Order { number }", "give": "order.number"}, "1"},
		{"data beside an error", flow.Values{"query": "{ order(id: \"o1\") { number secret } }", "partial": "give"}, `{"order":{"number":1,"secret":null}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := g.perform("query", tt.with)
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
	if g.described != 1 {
		t.Errorf("the service was asked %d times for its schema", g.described)
	}
	if log := strings.Join(g.log, "\n"); !strings.Contains(log, "warn the service gave only a part: order.secret: not for you") {
		t.Errorf("log: %s", log)
	}
}

func TestWhatIsWrongIsSaidBeforeItIsSent(t *testing.T) {
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		field    string
		words    string
	}{
		{"a document that does not read", "query", flow.Values{"query": "{ order(id: 1) { number }"}, "query", "line 1, column 26"},
		{"a mutation as a query", "query", flow.Values{"query": "mutation { breakAfter(number: 1) { id } }"}, "query", "graphql.mutation"},
		{"a query as a mutation", "mutation", flow.Values{"mutation": "{ shaky { id } }"}, "mutation", "graphql.query"},
		{"nothing to do", "query", flow.Values{"query": "fragment f on Order { id }"}, "query", "no operation"},
		{"which of two", "query", flow.Values{"query": "query a { shaky { id } } query b { shaky { id } }"}, "operation", "name one of a, b"},
		{"an operation that is not there", "query", flow.Values{"query": "query a { shaky { id } }", "operation": "c"}, "operation", `no operation "c"`},
		{"a field that the service does not have", "query", flow.Values{"query": "{ shaky {\n  colour } }"}, "query", "line 2, column 3"},
		{"a variable that is missing", "query", flow.Values{"query": "query ($id: ID!) { order(id: $id) { id } }"}, "variables", "$id is missing, of type ID!"},
		{"a variable too many", "query", flow.Values{"query": "query ($id: ID!) { order(id: $id) { id } }", "variables": map[string]any{"id": "o1", "idd": 2}}, "variables", "did you mean $id?"},
		{"a variable of another type", "mutation", flow.Values{"mutation": "mutation ($in: NewOrder!) { addOrder(input: $in) { id } }", "variables": map[string]any{"in": map[string]any{"number": "many", "lines": []any{}}}}, "variables", "variable.in.number"},
		{"a member that nobody knows", "mutation", flow.Values{"mutation": "mutation ($in: NewOrder!) { addOrder(input: $in) { id } }", "variables": map[string]any{"in": map[string]any{"number": 1, "lines": []any{}, "colour": 1}}}, "variables", "colour"},
		{"variables that are none", "query", flow.Values{"query": "{ shaky { id } }", "variables": []any{1}}, "variables", "a list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			got, err := g.perform(tt.op, tt.with)
			f := failureOf(err)
			if f == nil || f.Kind != kit.Invalid || f.Field != tt.field || !strings.Contains(f.What+"; "+f.Fix, tt.words) {
				t.Errorf("got %s, %+v; want on %s: %s", got, err, tt.field, tt.words)
			}
			if len(g.asked) > 0 {
				t.Errorf("it was sent all the same: %v", g.asked)
			}
		})
	}
}

func failureOf(err error) *kit.Failure {
	if err == nil {
		return nil
	}
	return kit.AsFailure(err)
}

func TestAServiceThatDoesNotDescribeItselfIsAskedAllTheSame(t *testing.T) {
	g := newRig(t)
	g.closed = true
	if got, err := g.perform("query", flow.Values{"query": "{ order(id: \"o2\") { number } }", "give": "order.number"}); err != nil || got != "2" {
		t.Errorf("got %s, %v", got, err)
	}
	_, err := g.perform("query", flow.Values{"query": "{ order(id: \"o2\") { colour } }"})
	if f := failureOf(err); f == nil || !strings.Contains(f.What, "colour") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsOfTheServiceInWords(t *testing.T) {
	for _, tt := range []struct {
		name, op  string
		with      flow.Values
		kind      flow.Code
		says      string
		uncertain bool
	}{
		{"not there", "query", flow.Values{"query": "{ order(id: \"o99\") { id } }"}, kit.Missing, "gave only a part: order: there is no order o99", false},
		{"a part", "query", flow.Values{"query": "{ order(id: \"o1\") { id secret } }"}, kit.Denied, "gave only a part: order.secret: not for you", false},
		{"refused before it began", "mutation", flow.Values{"mutation": "mutation { addOrder(input: {number: 1, lines: [], colour: 2}) { id } }", "check": false}, kit.Refused, "colour", false},
		{"refused by the shop", "mutation", flow.Values{"mutation": "mutation { addOrder(input: {number: 1, lines: []}) { id } }"}, kit.Invalid, "an order has lines", true},
		{"broken in the middle", "mutation", flow.Values{"mutation": "mutation { breakAfter(number: 77) { id } }"}, kit.Unavailable, "the till broke", true},
		{"no such path", "mutation", flow.Values{"mutation": "mutation { addOrder(input: {number: 1, lines: [{article: \"x\"}]}) { id } }", "give": "order"}, kit.Malformed, `has no "order"; the data has addOrder`, true},
		{"not signed in", "query", flow.Values{"query": "{ shaky { id } }", "auth": "bearer", "token": "wrong"}, kit.Denied, "401", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newRig(t).perform(tt.op, tt.with)
			f := failureOf(err)
			if f == nil || f.Kind != tt.kind || !strings.Contains(f.What+"; "+f.Fix, tt.says) || f.Fix == "" || f.Uncertain != tt.uncertain {
				t.Errorf("got %+v", err)
			}
			if strings.Contains(fmt.Sprintf("%+v", f), "wrong") {
				t.Errorf("the token shows: %+v", f)
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   flow.Code
		says   string
	}{
		{"a web page", 200, "<html>hello</html>", kit.Malformed, "not JSON"},
		{"neither data nor errors", 200, `{"hello": 1}`, kit.Malformed, "neither data nor errors"},
		{"a fault of the service", 502, "<title>Bad gateway</title>", kit.Unavailable, "Bad gateway"},
		{"errors with a status", 400, `{"errors": [{"message": "Must provide query string."}]}`, kit.Refused, "Must provide query string."},
		{"too much", 429, `{"errors": [{"message": "slow down"}]}`, kit.Throttled, "slow down"},
		{"many errors", 200, `{"errors": [{"message": "a"}, {"message": "b", "path": ["x", 0, "y"]}, {"message": ""}, {}, {}]}`, kit.Refused, "a; x.0.y: b; an error without words; and 2 more"},
		{"throttled in its own words", 200, `{"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}`, kit.Throttled, "Throttled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			defer server.Close()
			g.url = server.URL
			_, err := g.perform("query", flow.Values{"query": "{ a }", "check": false})
			if f := failureOf(err); f == nil || f.Kind != tt.kind || !strings.Contains(f.What, tt.says) || f.Fix == "" {
				t.Errorf("got %+v", err)
			}
		})
	}
}

func TestMutationChangesAndSendsItsKey(t *testing.T) {
	g := newRig(t)
	with := flow.Values{
		"mutation":  "mutation ($in: NewOrder!) { addOrder(input: $in) { id status } }",
		"variables": map[string]any{"in": map[string]any{"number": 42, "status": "PAID", "lines": []any{map[string]any{"article": "cup"}}}}, "give": "addOrder",
	}
	if got, err := g.perform("mutation", with); err != nil || got != `{"id":"o42","status":"PAID"}` {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := g.perform("query", flow.Values{"query": "{ order(id: \"o42\") { number } }", "give": "order.number"}); err != nil || got != "42" {
		t.Errorf("read back %s, %v", got, err)
	}
	for _, tt := range []struct {
		with flow.Values
		want kit.Effect
	}{{nil, kit.Once}, {flow.Values{"honoured": true}, kit.Repeatable}, {flow.Values{"honoured": true, "idempotency": false}, kit.Once}} {
		made, err := g.bind("mutation", tt.with)
		if err != nil || made.(kit.Effector).Effect() != tt.want {
			t.Errorf("%v: %v, %v", tt.with, made.(kit.Effector).Effect(), err)
		}
	}
}

// readAll reads to the end, each page with an operation of its own, and gives the mark.
func (g *rig) readAll(t *testing.T, with flow.Values, after flow.Cursor) (got string, pages int, mark flow.Cursor, err error) {
	t.Helper()
	var all []any
	for more := true; more; pages++ {
		made, err := g.bind("read", with)
		if err != nil {
			return "", 0, nil, err
		}
		page, err := made.(kit.Source).Read(t.Context(), g.env, after)
		if err != nil {
			return lines(all), pages, mark, err
		}
		all = append(all, page.Data...)
		if page.Mark != nil {
			mark = page.Mark
		}
		after, more = page.Next, page.More
	}
	var numbers []string
	for _, v := range all {
		m, _ := v.(map[string]any)
		numbers = append(numbers, fmt.Sprint(m["number"]))
	}
	return strings.Join(numbers, " "), pages, mark, nil
}

const everyOrder = "1 2 3 4 5 6 7 8 9 10"

func TestEveryWayOfPagingGivesTheWholeListOnce(t *testing.T) {
	nodes := "query ($first: Int, $after: String) { orders(first: $first, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } }"
	edges := "query ($after: String) { list: orders(first: 4, after: $after) { edges { node { number } } pageInfo { hasNextPage endCursor } } }"
	inner := "query ($after: String) { orders(first: 4, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } more: allOrders(limit: 1) { id } }"
	for _, tt := range []struct {
		name  string
		with  flow.Values
		pages int
	}{
		{"nodes", flow.Values{"query": nodes, "page_size": 3}, 4},
		{"nodes by ten", flow.Values{"query": nodes, "page_size": 10}, 1},
		{"edges", flow.Values{"query": edges}, 3},
		{"a connection among others", flow.Values{"query": inner, "items": "orders"}, 3},
		{"the nodes themselves", flow.Values{"query": inner, "items": "orders.nodes"}, 3},
		{"an offset", flow.Values{"query": "query ($offset: Int, $first: Int) { allOrders(offset: $offset, limit: $first) { number } }", "paging": "offset", "page_size": 4}, 4},
		{"one answer", flow.Values{"query": "{ allOrders(limit: 100) { number } }", "paging": "none"}, 1},
		{"a list by its name", flow.Values{"entity": "orders", "page_size": 4, "partial": "give"}, 3},
		{"an offset by its name", flow.Values{"entity": "allOrders", "partial": "give"}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, pages, mark, err := newRig(t).readAll(t, tt.with, nil)
			if err != nil || got != everyOrder || pages != tt.pages || mark != nil {
				t.Errorf("got %s in %d pages, mark %s, %v", got, pages, mark, err)
			}
		})
	}
}

func TestPagingThatGoesNowhereIsAnError(t *testing.T) {
	for _, tt := range []struct {
		name string
		with flow.Values
		says string
	}{
		{"no variable for it", flow.Values{"query": "{ orders(first: 2) { nodes { number } pageInfo { hasNextPage endCursor } } }"}, "no variable $after"},
		{"the variable is not used", flow.Values{"query": "query ($after: String) { orders(first: 2, after: \"2\") { nodes { number } pageInfo { hasNextPage endCursor } } more: orders(first: 1, after: $after) { nodes { id } } }", "items": "orders"}, "is page 1 once more"},
		{"no word on the next page", flow.Values{"query": "query ($after: String) { orders(first: 2, after: $after) { nodes { number } } }"}, "does not say where the next page is"},
		{"no list", flow.Values{"query": "query ($after: ID!) { order(id: $after) { number } }", "variables": map[string]any{"after": "o1"}}, "no list in the answer"},
		{"too many pages", flow.Values{"entity": "orders", "page_size": 2, "max_pages": 2, "partial": "give"}, "more than 2 pages"},
		{"a list that is not there", flow.Values{"entity": "bills"}, "it has allOrders, orders"},
		{"nothing to ask", flow.Values{}, "no query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, _, err := newRig(t).readAll(t, tt.with, nil)
			if f := failureOf(err); f == nil || !strings.Contains(f.What+"; "+f.Fix, tt.says) || f.Fix == "" || f.Field == "" {
				t.Errorf("got %+v", err)
			}
		})
	}
}

func TestReadGivesWhatIsNew(t *testing.T) {
	g := newRig(t)
	with := flow.Values{
		"query":     "query ($after: String, $since: DateTime) { orders(first: 4, after: $after, updatedAfter: $since) { nodes { number updatedAt } pageInfo { hasNextPage endCursor } } }",
		"variables": map[string]any{"since": "{since}"}, "cursor": "updatedAt",
	}
	got, _, mark, err := g.readAll(t, with, nil)
	if err != nil || got != everyOrder || mark == nil {
		t.Fatalf("the first run gives %s, %s, %v", got, mark, err)
	}
	before := len(g.asked)
	if got, _, again, err := g.readAll(t, with, mark); err != nil || got != "" || again != nil {
		t.Errorf("with nothing new: %s, %s, %v", got, again, err)
	}
	if len(g.asked)-before != 1 {
		t.Errorf("%d requests where nothing was new: the service is not told from where on", len(g.asked)-before)
	}
	g.orders[2].Updated = 30
	g.orders = append(g.orders, &order{Number: 11, Status: "OPEN", Updated: 10}) // the same as the greatest before
	got, _, mark, err = g.readAll(t, with, mark)
	if err != nil || got != "3 11" {
		t.Errorf("what is new: %s, %v", got, err)
	}
	if got, _, _, err := g.readAll(t, with, mark); err != nil || got != "" {
		t.Errorf("and then: %s, %v", got, err)
	}
}

func TestTheSchemaGivesTheShapes(t *testing.T) {
	g := newRig(t)
	made, err := g.bind("mutation", flow.Values{"mutation": "mutation ($in: NewOrder!, $n: Int!) { addOrder(input: $in) { id status total { amount } note } breakAfter(number: $n) { id } }", "give": "addOrder"})
	if err != nil {
		t.Fatal(err)
	}
	in, out, err := made.(kit.Describer).Describe(t.Context(), g.env)
	if err != nil {
		t.Fatal(err)
	}
	if got := shapeText(in); got != "{in!: {number!: integer, lines!: [{article!: string, count: integer}], status: string(OPEN PAID)}, n!: integer}" {
		t.Errorf("variables: %s", got)
	}
	if got := shapeText(out); got != "{id!: string, status!: string(OPEN PAID), total!: {amount!: number}, note!: string?}" {
		t.Errorf("data: %s", got)
	}
	for _, with := range []flow.Values{
		{"query": "query ($after: String) { orders(after: $after) { edges { node { number ... on Order { note } } } pageInfo { endCursor } } }"},
		{"query": "query ($after: String) { orders(after: $after) { nodes { number ... on Order { note } } pageInfo { endCursor } } }"},
		{"query": "{ allOrders { number ... on Order { note } } }", "paging": "none"},
	} {
		made, err := g.bind("read", with)
		if err != nil {
			t.Fatal(err)
		}
		_, out, err := made.(kit.Describer).Describe(t.Context(), g.env)
		if got := shapeText(out); err != nil || got != "{number!: integer, note: string?}" {
			t.Errorf("%s: %s, %v", with["query"], got, err)
		}
	}
}

// shapeText writes a shape in one line.
func shapeText(s flow.Schema) string {
	text, nullable := "any", ""
	for _, k := range s.Types {
		if k == flow.Null {
			nullable = "?"
			continue
		}
		text = string(k)
	}
	switch {
	case s.Items != nil:
		text = "[" + shapeText(*s.Items) + "]"
	case len(s.Properties) > 0:
		var parts []string
		for _, p := range s.Properties {
			mark := ""
			if p.Required {
				mark = "!"
			}
			parts = append(parts, p.Name+mark+": "+shapeText(p.Schema))
		}
		text = "{" + strings.Join(parts, ", ") + "}"
	case len(s.Enum) > 0:
		text += strings.NewReplacer("[", "(", "]", ")").Replace(fmt.Sprint(s.Enum))
	}
	return text + nullable
}

func TestConnectionTellsWhatTheServiceHolds(t *testing.T) {
	g := newRig(t)
	c := g.set.Connection()
	if p := c.Fields().Bind("", flow.Values{"url": g.url}); p != nil {
		t.Fatal(p)
	}
	catalog := c.(kit.Catalog)
	page, err := catalog.Entities(t.Context(), g.env, "", "")
	if err != nil || len(page.Entities) != 2 || page.Entities[1].Path != "orders" || page.Entities[1].Kind != "Order" {
		t.Errorf("%+v, %v", page, err)
	}
	e, err := catalog.Entity(t.Context(), g.env, "orders")
	if err != nil || len(e.Fields) != 7 || !e.Fields[0].Key || e.Fields[5].Native != "String" || shapeText(e.Fields[2].Schema) != "string(OPEN PAID)" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := catalog.Entity(t.Context(), g.env, "bills"); failureOf(err) == nil {
		t.Error("a list that is not there is described")
	}
	made, _ := g.bind("read", nil)
	field, _ := made.Fields().Field("entity")
	choices, err := field.Live(t.Context(), g.env)
	if err != nil || len(choices) != 2 || choices[0].Value != "allOrders" {
		t.Errorf("%v, %v", choices, err)
	}
}

func TestConnectionTestLooksWhatIsThere(t *testing.T) {
	for _, tt := range []struct {
		name  string
		with  flow.Values
		close bool
		holds string
		fails string
		says  string
	}{
		{"fine", nil, false, "Address Proxy Name Connection Request Schema", "", "types"},
		{"undescribed", nil, true, "Address Proxy Name Connection Request Schema", "", "does not describe itself"},
		{"the wrong token", flow.Values{"auth": "bearer", "token": "wrong"}, false, "Address Proxy Name Connection", "Request", "401"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			g.closed = tt.close
			c := g.set.Connection()
			values := flow.Values{"url": g.url}
			for k, v := range tt.with {
				values[k] = v
			}
			if p := c.Fields().Bind("", values); p != nil {
				t.Fatal(p)
			}
			var holds, fails []string
			last := ""
			for _, check := range c.Test(t.Context(), g.env) {
				last = check.What
				if check.OK {
					holds = append(holds, check.Name)
				} else {
					fails = append(fails, check.Name)
				}
			}
			if strings.Join(holds, " ") != tt.holds || strings.Join(fails, " ") != tt.fails || !strings.Contains(last, tt.says) {
				t.Errorf("holds %v, fails %v, says %s", holds, fails, last)
			}
		})
	}
}

func TestAStopEndsAQuestionAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&struct{}{})
		stop()
		<-r.Context().Done()
	}))
	defer server.Close()
	g := newRig(t)
	g.url = server.URL
	made, err := g.bind("query", flow.Values{"query": "{ a }"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made.(kit.Action).Run(ctx, g.env, flow.Record{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
