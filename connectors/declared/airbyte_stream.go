package declared

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"jackfield/connectors/declared/template"
	"jackfield/flow"
	"jackfield/flow/value"
)

// stream reads a DeclarativeStream. One that stands in several places is read once.
func (a *airbyte) stream(c *component) *stream {
	if s, is := a.streams[c.node]; is {
		return s
	}
	s := &stream{title: a.known(c, "name", ""), service: a.service, ask: request{method: http.MethodGet}}
	if s.title == "" {
		s.title = fmt.Sprintf("stream %d", len(a.streams)+1)
	}
	s.id = fieldName(s.title)
	if a.making == nil || c.given == nil || len(c.given) == 0 {
		a.streams[c.node] = s
	}
	outer := a.making
	a.making = s
	a.inside++
	defer func() { a.making = outer; a.inside-- }()
	if a.inside > deepestRef {
		a.cannot(c.node, "let it have another parent", "it is its own parent")
		return s
	}
	if kind := a.kind(c, "DeclarativeStream"); kind != "DeclarativeStream" {
		a.unknown(c, kind)
		return s
	}
	if upload := a.at(c, "file_uploader"); upload != nil {
		a.unknown(upload, a.kind(upload, "FileUploader"))
	}
	s.key = keyOf(a.plainOf(c, "primary_key"))
	a.schemaOf(s, c)
	a.retriever(s, a.at(c, "retriever"), c)
	a.incremental(s, a.at(c, "incremental_sync"))
	for _, one := range a.all(c, "transformations") {
		a.change(s, one)
	}
	return s
}

func keyOf(v any) (key []string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			key = append(key, v)
		}
	case []any:
		for _, one := range v {
			if path, is := one.([]any); is {
				var names []string
				for _, name := range path {
					names = append(names, plainText(name))
				}
				key = append(key, strings.Join(names, "."))
				continue
			}
			key = append(key, plainText(one))
		}
	}
	return slices.DeleteFunc(key, func(name string) bool { return name == "" || strings.Contains(name, "{{") })
}

func (a *airbyte) schemaOf(s *stream, c *component) {
	for _, loader := range a.all(c, "schema_loader") {
		schema := a.at(loader, "schema")
		if a.kind(loader, "") != "InlineSchemaLoader" || schema == nil {
			continue
		}
		nodes := a.nodes
		a.nodes = 0
		text := value.Append(nil, a.whole(schema, 0))
		a.nodes = nodes
		if json.Unmarshal(text, &s.schema) != nil {
			s.schema = flow.Schema{}
		}
	}
}

func (a *airbyte) retriever(s *stream, c, stream *component) {
	if c == nil {
		a.cannot(stream.node, "give it a retriever", "it has no retriever")
		return
	}
	if kind := a.kind(c, "SimpleRetriever"); kind != "SimpleRetriever" {
		a.unknown(c, kind)
		return
	}
	a.requester(&s.ask, a.at(c, "requester"), c)
	if decode := a.at(c, "decoder"); decode != nil {
		a.decoder(&s.ask.decode, decode)
	}
	a.selector(s, a.at(c, "record_selector"))
	s.pager = a.paginator(&s.ask, a.at(c, "paginator"))
	for _, one := range a.all(c, "partition_router") {
		a.router(s, one)
	}
}

func (a *airbyte) requester(r *request, c, around *component) {
	if c == nil {
		a.cannot(around.node, "give it a requester", "it has no requester")
		return
	}
	if kind := a.kind(c, "HttpRequester"); kind != "HttpRequester" {
		a.unknown(c, kind)
		return
	}
	for _, name := range []string{"fetch_properties_from_endpoint", "query_properties"} {
		if more := a.at(c, name); more != nil {
			a.unknown(more, a.kind(more, name))
		}
	}
	r.base = a.textAt(c, "url_base")
	if whole := a.textAt(c, "url"); whole != nil {
		r.base = whole
	}
	r.path = a.textAt(c, "path")
	if method := a.known(c, "http_method", "GET"); method != "" {
		r.method = strings.ToUpper(method)
	}
	r.query, r.headers = a.textAt(c, "request_parameters"), a.textAt(c, "request_headers")
	if q, is := a.plainOf(c, "request_parameters").(map[string]any); is {
		for name, v := range q {
			if inner, is := v.(map[string]any); is && inner["type"] == "QueryProperties" {
				a.cannot(a.at(c, "request_parameters").node, "leave the stream out", "QueryProperties in %s is not known here", name)
			}
		}
	}
	switch body := a.at(c, "request_body"); {
	case a.at(c, "request_body_json") != nil:
		r.body = a.templateAt(c, "request_body_json")
	case a.at(c, "request_body_data") != nil:
		r.body, r.form = a.textAt(c, "request_body_data"), true
		if _, isText := r.body.(templated); isText || isFixed(r.body) {
			r.form = !strings.HasPrefix(strings.TrimSpace(a.text(c, "request_body_data")), "{") && !strings.HasPrefix(strings.TrimSpace(a.text(c, "request_body_data")), "<")
		}
	case body != nil:
		r.body = a.templateAt(body, "value")
		switch kind := a.kind(body, ""); kind {
		case "RequestBodyUrlEncodedForm":
			r.body, r.form = a.textAt(body, "value"), true
		case "RequestBodyJsonObject", "RequestBodyPlainText", "":
		case "RequestBodyGraphQL":
		default:
			a.unknown(body, kind)
		}
	}
	if e := a.at(c, "error_handler"); e != nil {
		a.errors(r, e)
	}
	if by := a.at(c, "authenticator"); by != nil {
		r.signIn = a.authenticator(by, r.base)
	}
}

func isFixed(e expression) bool { _, is := e.(fixed); return is }

// errors reads how replies are judged.
func (a *airbyte) errors(r *request, c *component) {
	switch kind := a.kind(c, "DefaultErrorHandler"); kind {
	case "CompositeErrorHandler":
		for _, one := range a.all(c, "error_handlers") {
			a.errors(r, one)
		}
		return
	case "DefaultErrorHandler":
	default:
		a.unknown(c, kind)
		return
	}
	var waits []wait
	for _, one := range a.all(c, "backoff_strategies") {
		waits = append(waits, a.backoff(one)...)
	}
	for _, f := range a.all(c, "response_filters") {
		if kind := a.kind(f, "HttpResponseFilter"); kind != "HttpResponseFilter" {
			a.unknown(f, kind)
			continue
		}
		one := rule{contains: a.text(f, "error_message_contains"), waits: waits, says: isFailure, message: a.textAt(f, "error_message")}
		codes, _ := a.plainOf(f, "http_codes").([]any)
		for _, code := range codes {
			if n, ok := numberOf(plainText(code)); ok {
				status, _ := n.(int)
				one.statuses = append(one.statuses, status)
			}
		}
		if when := a.templateAt(f, "predicate"); when != nil {
			one.when = when
		}
		action := a.text(f, "action")
		says, known := map[string]verdict{
			"SUCCESS": isFine, "FAIL": isFailure, "RETRY": isPassing, "IGNORE": isNothing, "RATE_LIMITED": isLimited, "REFRESH_TOKEN_THEN_RETRY": isSignOut, "RESET_PAGINATION": isPassing, "": isFailure,
		}[action]
		if one.says = says; !known {
			a.cannot(f.node, "leave the stream out", "the action %s of HttpResponseFilter is not known here", action)
		}
		r.rules = append(r.rules, one)
	}
	if len(waits) > 0 {
		passing := rule{says: isPassing, waits: waits, statuses: []int{408, 429}}
		for status := 500; status < 600; status++ {
			passing.statuses = append(passing.statuses, status)
		}
		r.rules = append(r.rules, passing)
	}
}

// backoff reads how long to wait. What grows by itself, and what is written in Python, is
// left to the pauses of the engine.
func (a *airbyte) backoff(c *component) []wait {
	seconds := func(name string) time.Duration {
		n, _ := numberOf(a.known(c, name, ""))
		switch n := n.(type) {
		case int:
			return time.Duration(n) * time.Second
		case float64:
			return time.Duration(n * float64(time.Second))
		}
		return 0
	}
	w := wait{header: a.known(c, "header", "")}
	if text := a.text(c, "regex"); text != "" {
		re, err := regexp.Compile(text)
		if err != nil {
			a.cannot(c.node, "mend the pattern", "the pattern %q does not read", text)
		}
		w.pattern = re
	}
	switch a.kind(c, "") {
	case "ConstantBackoffStrategy":
		return []wait{{fixed: seconds("backoff_time_in_seconds")}}
	case "WaitTimeFromHeader":
		return []wait{w}
	case "WaitUntilTimeFromHeader":
		w.until, w.least = true, seconds("min_wait")
		return []wait{w}
	}
	return nil
}

func (a *airbyte) decoder(d *decoder, c *component) {
	switch kind := a.kind(c, "JsonDecoder"); kind {
	case "JsonDecoder", "JsonParser":
		d.form = asJSON
	case "JsonlDecoder", "JsonLineParser":
		d.form = asLines
	case "CsvDecoder", "CsvParser":
		d.form = asTable
		if by := a.text(c, "delimiter"); by != "" {
			d.comma = []rune(strings.ReplaceAll(by, `\t`, "\t"))[0]
		}
	case "XmlDecoder":
		d.form = asTree
	case "GzipDecoder", "GzipParser":
		d.packed = "gzip"
		a.inner(d, c)
	case "ZipfileDecoder":
		d.packed = "zip"
		a.inner(d, c)
	case "CompositeRawDecoder":
		a.inner(d, c)
	case "IterableDecoder":
		d.form = asRows
	default:
		a.unknown(c, kind)
	}
}

func (a *airbyte) inner(d *decoder, c *component) {
	for _, name := range []string{"decoder", "parser", "inner_parser"} {
		if one := a.at(c, name); one != nil {
			a.decoder(d, one)
			return
		}
	}
}

func (a *airbyte) selector(s *stream, c *component) {
	if kind := a.kind(c, "RecordSelector"); c != nil && kind != "RecordSelector" {
		a.unknown(c, kind)
		return
	}
	s.items = byPath{}
	if e := a.at(c, "extractor"); e != nil {
		if kind := a.kind(e, "DpathExtractor"); kind != "DpathExtractor" {
			a.unknown(e, kind)
			return
		}
		s.items = byPath(a.path(e, "field_path"))
		if decode := a.at(e, "decoder"); decode != nil {
			a.decoder(&s.ask.decode, decode)
		}
	}
	if f := a.at(c, "record_filter"); f != nil {
		if kind := a.kind(f, "RecordFilter"); kind != "RecordFilter" {
			a.unknown(f, kind)
			return
		}
		s.filter = a.templateAt(f, "condition")
	}
	late, _ := a.plainOf(c, "transform_before_filtering").(bool)
	s.late = late
	switch n := a.at(c, "schema_normalization"); {
	case n == nil:
	case n.node.Kind == yaml.ScalarNode:
		s.normalize = n.node.Value == "Default"
	default:
		a.unknown(n, a.kind(n, "schema_normalization"))
	}
}

// path is a list of names that may be templates.
func (a *airbyte) path(c *component, name string) (path []expression) {
	for _, one := range a.all(c, name) {
		path = append(path, a.expression(one, true, name))
	}
	return path
}

func (a *airbyte) paginator(r *request, c *component) *pager {
	switch kind := a.kind(c, "DefaultPaginator"); kind {
	case "", "NoPagination":
		return nil
	case "DefaultPaginator":
	default:
		a.unknown(c, kind)
		return nil
	}
	strategy := a.at(c, "pagination_strategy")
	p := &pager{joins: true, size: a.templateAt(strategy, "page_size")}
	always, _ := a.plainOf(strategy, "inject_on_first_request").(bool)
	p.always = always
	switch kind := a.kind(strategy, ""); kind {
	case "PageIncrement":
		p.style = numberedPages
		n, _ := numberOf(plainText(a.plainOf(strategy, "start_from_page")))
		p.first, _ = n.(int)
	case "OffsetIncrement":
		p.style = offsetPages
	case "CursorPagination":
		p.style, p.always = tokenPages, true
		p.next, p.stop = a.templateAt(strategy, "cursor_value"), a.templateAt(strategy, "stop_condition")
		p.scrolls = p.stop != nil
		if p.next == nil {
			a.cannot(strategy.node, "give it a cursor_value", "CursorPagination has no cursor_value")
			return nil
		}
	case "":
		a.cannot(c.node, "give it a pagination_strategy", "the paginator has no strategy")
		return nil
	default:
		a.unknown(strategy, kind)
		return nil
	}
	if as := a.at(c, "page_token_option"); as != nil {
		if p.in, p.as = a.option(r, as); a.kind(as, "") == "RequestPath" {
			p.in, p.as = inPath, nil
		}
	}
	if as := a.at(c, "page_size_option"); as != nil {
		p.sizeIn, p.sizeAs = a.option(r, as)
	}
	return p
}

// option reads where something goes in a request.
func (a *airbyte) option(r *request, c *component) (in place, as expression) {
	as = a.textAt(c, "field_name")
	if path, is := a.plainOf(c, "field_path").([]any); is {
		var names []string
		for _, one := range path {
			names = append(names, plainText(one))
		}
		as = fixed{strings.Join(names, ".")}
	}
	switch into := a.text(c, "inject_into"); into {
	case "header":
		return inHeader, as
	case "body_json":
		return inBody, as
	case "body_data":
		r.form = true
		return inBody, as
	}
	return inQuery, as
}

func (a *airbyte) router(s *stream, c *component) {
	switch kind := a.kind(c, "SubstreamPartitionRouter"); kind {
	case "ListPartitionRouter":
		d := divider{name: a.known(c, "cursor_field", "partition"), values: a.templateAt(c, "values")}
		if as := a.at(c, "request_option"); as != nil {
			d.in, d.as = a.option(&s.ask, as)
		}
		s.dividers = append(s.dividers, d)
	case "SubstreamPartitionRouter":
		var d divider
		for _, one := range a.all(c, "parent_stream_configs") {
			if kind := a.kind(one, "ParentStreamConfig"); kind != "ParentStreamConfig" {
				a.unknown(one, kind)
				return
			}
			up := a.at(one, "stream")
			if up == nil {
				a.cannot(one.node, "name its stream", "a parent names no stream")
				return
			}
			p := parent{stream: a.stream(up), name: a.known(one, "partition_field", "parent_id"), key: memberOfRecord(a.known(one, "parent_key", "id"))}
			if p.stream.cannot != nil {
				a.cannot(one.node, "see what is wrong with that one", "its parent %q cannot be read here", p.stream.title)
				return
			}
			if as := a.at(one, "request_option"); as != nil {
				p.in, p.as = a.option(&s.ask, as)
			}
			extra, _ := a.plainOf(one, "extra_fields").([]any)
			for _, field := range extra {
				path, _ := field.([]any)
				var names []string
				for _, name := range path {
					names = append(names, plainText(name))
				}
				if p.extra == nil {
					p.extra = map[string]expression{}
				}
				p.extra[strings.Join(names, ".")] = memberOfRecord(strings.Join(names, "/"))
			}
			d.name = p.name
			d.parents = append(d.parents, p)
		}
		if len(d.parents) == 0 {
			a.cannot(c.node, "name its parents", "SubstreamPartitionRouter has no parents")
			return
		}
		s.dividers = append(s.dividers, d)
	default:
		a.unknown(c, kind)
	}
}

func (a *airbyte) incremental(s *stream, c *component) {
	switch kind := a.kind(c, "DatetimeBasedCursor"); kind {
	case "":
		return
	case "IncrementingCountCursor":
		n := &news{field: a.known(c, "cursor_field", ""), number: true, trusts: true, start: a.templateAt(c, "start_value"), names: [2]string{"start_time", ""}}
		if as := a.at(c, "start_value_option"); as != nil {
			n.fromIn, n.fromAs = a.option(&s.ask, as)
		}
		s.news = n
		return
	case "DatetimeBasedCursor":
	default:
		a.unknown(c, kind)
		return
	}
	n := &news{
		field: a.known(c, "cursor_field", ""), format: a.known(c, "datetime_format", "%Y-%m-%dT%H:%M:%S.%f%z"),
		names: [2]string{a.known(c, "partition_field_start", "start_time"), a.known(c, "partition_field_end", "end_time")},
	}
	client, _ := a.plainOf(c, "is_client_side_incremental").(bool)
	n.trusts = !client
	n.formats = []string{n.format}
	if list, is := a.plainOf(c, "cursor_datetime_formats").([]any); is {
		n.formats = nil
		for _, one := range list {
			n.formats = append(n.formats, plainText(one))
		}
	}
	n.start, n.startAs = a.moment(c, "start_datetime", n.format)
	n.end, n.endAs = a.moment(c, "end_datetime", n.format)
	n.stepAs, n.backAs = a.textAt(c, "step"), a.textAt(c, "lookback_window")
	if grain := a.known(c, "cursor_granularity", ""); grain != "" {
		span, ok := template.ParseSpan(grain)
		if n.grain = span; !ok {
			a.cannot(c.node, "write it like PT1S", "the cursor_granularity %q does not read", grain)
		}
	}
	if as := a.at(c, "start_time_option"); as != nil {
		n.fromIn, n.fromAs = a.option(&s.ask, as)
	}
	if as := a.at(c, "end_time_option"); as != nil {
		n.toIn, n.toAs = a.option(&s.ask, as)
	}
	s.news = n
}

// moment reads a time: a text, or one that is bounded by others.
func (a *airbyte) moment(c *component, name, format string) (expression, []string) {
	at := a.at(c, name)
	if at == nil {
		return nil, nil
	}
	if at.members == nil {
		return a.expression(at, true, name), []string{format}
	}
	if kind := a.kind(at, "MinMaxDatetime"); kind != "MinMaxDatetime" {
		a.unknown(at, kind)
		return nil, nil
	}
	as := a.known(at, "datetime_format", format)
	e := a.textAt(at, "datetime")
	least, most := a.textAt(at, "min_datetime"), a.textAt(at, "max_datetime")
	if least != nil || most != nil {
		e = bounded{e, least, most, as}
	}
	return e, []string{as, format}
}

func (a *airbyte) change(s *stream, c *component) {
	switch kind := a.kind(c, ""); kind {
	case "AddFields":
		when := a.templateAt(c, "condition")
		for _, f := range a.all(c, "fields") {
			s.changes = append(s.changes, adding{path: a.path(f, "path"), to: a.templateAt(f, "value"), kind: a.text(f, "value_type"), when: when})
			if a.text(f, "value_type") == "string" {
				s.changes[len(s.changes)-1] = adding{path: a.path(f, "path"), to: a.textAt(f, "value"), kind: "string", when: when}
			}
		}
	case "RemoveFields":
		one := removing{when: a.templateAt(c, "condition")}
		list, _ := a.plainOf(c, "field_pointers").([]any)
		for _, pointer := range list {
			path, is := pointer.([]any)
			if !is {
				path = []any{pointer}
			}
			var names []string
			for _, name := range path {
				names = append(names, plainText(name))
			}
			if len(names) > 0 {
				one.paths = append(one.paths, names)
			}
		}
		s.changes = append(s.changes, one)
	case "KeysToLower":
		s.changes = append(s.changes, renaming{strings.ToLower})
	case "KeysToSnakeCase":
		s.changes = append(s.changes, renaming{func(name string) string {
			return strings.Trim(notField.ReplaceAllString(template.Snake(name), "_"), "_")
		}})
	case "KeysReplace":
		s.changes = append(s.changes, renaming{strings.NewReplacer(a.known(c, "old", ""), a.known(c, "new", "")).Replace})
	case "FlattenFields":
		lists, _ := a.plainOf(c, "flatten_lists").(bool)
		s.changes = append(s.changes, flattening{lists || a.at(c, "flatten_lists") == nil})
	case "DpathFlattenFields":
		one := lifting{path: a.path(c, "field_path")}
		one.drop, _ = a.plainOf(c, "delete_origin_value").(bool)
		one.replace, _ = a.plainOf(c, "replace_record").(bool)
		s.changes = append(s.changes, one)
	default:
		a.unknown(c, kind)
	}
}
