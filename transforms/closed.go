package transforms

// What jq has and Jackfield keeps closed, with the reason that a person reads.

const (
	inputClosed  = "input is closed here: a step sees one record at a time"
	haltClosed   = "a program cannot stop the run from inside"
	moduleClosed = "modules are closed here: a program stands by itself"
)

// closedFunctions has what a person reads for each function that is closed, by
// name/arguments.
var closedFunctions = map[string][2]string{
	"input/0":             {inputClosed, "read the record as ., or collect several with the step core.collect"},
	"inputs/0":            {inputClosed, "read the record as ., or collect several with the step core.collect"},
	"input_filename/0":    {inputClosed, "a record has no file name of its own; take it from a field of the record"},
	"input_line_number/0": {inputClosed, "a record has no line number of its own; take it from a field of the record"},
	"halt/0":              {haltClosed, `write empty to give nothing, or error("why") to fail the record`},
	"halt_error/0":        {haltClosed, `write error("why") to fail the record`},
	"halt_error/1":        {haltClosed, `write error("why") to fail the record`},
	"modulemeta/0":        {moduleClosed, "take it away"},
	"get_search_list/0":   {moduleClosed, "take it away"},
}

// formats are the words behind @ that jq knows.
var formats = []string{"@text", "@json", "@html", "@uri", "@urid", "@csv", "@tsv", "@sh", "@base64", "@base64d"}
