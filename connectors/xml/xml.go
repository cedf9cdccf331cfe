// Package xml reads and writes XML: the elements at a path are the records.
//
// An element is an object: @name is an attribute, #text its text, any other name the
// elements of that name, a list where there are several. An element with nothing but
// text is that text. Everything read is text, for XML knows nothing else. In mixed
// content the texts are joined; where they stood between the elements is not kept.
//
// A file of any size is read in little memory, each page going on where the one before
// ended. Behind a fault nothing can be trusted, so reading ends there. Entities of a
// document's own are refused, so that none can multiply or fetch a file.
package xml

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "xml", Title: "XML", Icon: "code", Tint: "orange",
		Summary: "Read and write XML files and texts.",
		Ops:     []kit.Op{readOp(), writeOp(), parseOp(), formatOp()},
	}
}

func readOp() kit.Op {
	return kit.Op{
		ID: "read", Title: "Read an XML file", Effect: kit.Reads,
		Summary: "Gives a record for each element at a path.",
		Words:   []string{"import", "load", "elements", "document", "source"},
		New:     func() kit.Operation { return &read{} },
		Examples: []kit.Example{{
			Title: "Each order",
			With:  flow.Values{"path": "orders.xml", "records": "/orders/order"},
			Out:   []any{map[string]any{"@id": "1", "item": []any{"a", "b"}}, map[string]any{"@id": "2", "item": "c"}},
		}},
	}
}

func writeOp() kit.Op {
	return kit.Op{
		ID: "write", Title: "Write an XML file", Effect: kit.Repeatable,
		Summary: "Writes each record as an element; the file appears, whole, when the run ends.",
		Words:   []string{"export", "save", "elements", "append"},
		New:     func() kit.Operation { return newWrite() },
		Examples: []kit.Example{{
			Title: "An element for each record",
			With:  flow.Values{"path": "orders.xml", "root": "orders", "element": "order"},
			In:    map[string]any{"@id": 1, "item": []any{"a", "b"}},
			Out:   []any{map[string]any{"@id": 1, "item": []any{"a", "b"}}},
		}},
	}
}

func parseOp() kit.Op {
	return kit.Op{
		ID: "parse", Title: "Read an XML text", Effect: kit.Pure,
		Summary: "Gives the records that stand in a text, as the reply of a service or a file from elsewhere.",
		Words:   []string{"decode", "from", "text", "base64"},
		New:     func() kit.Operation { return &parse{} },
		Examples: []kit.Example{{
			Title: "Each element of the reply",
			With:  flow.Values{"records": "/reply/name"},
			Map:   "{text: .body}",
			In:    map[string]any{"body": "<reply><name>Ada</name><name>Grace</name></reply>"},
			Out:   []any{"Ada", "Grace"},
		}},
	}
}

func formatOp() kit.Op {
	return kit.Op{
		ID: "format", Title: "Write an XML text", Effect: kit.Pure,
		Summary: "Gives the record as an XML document, to be sent or stored somewhere.",
		Words:   []string{"encode", "to", "text"},
		New:     func() kit.Operation { return &format{Element: "record"} },
		Out:     flow.ObjectOf(flow.Property{Name: "text", Required: true, Schema: flow.Of(flow.String)}),
		Examples: []kit.Example{{
			Title: "The record",
			With:  flow.Values{"element": "person"},
			In:    map[string]any{"@id": 7, "name": "Ada"},
			Out:   []any{map[string]any{"text": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<person id=\"7\"><name>Ada</name></person>\n"}},
		}},
	}
}
