package web

// Numbers copies a JSON value with its numbers, and whatever else is no list, object, text,
// true or false, as made by change: checkers of other people know numbers of other kinds.
func Numbers(v any, change func(any) any) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case []any:
		list := make([]any, len(v))
		for i, member := range v {
			list[i] = Numbers(member, change)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			object[name] = Numbers(member, change)
		}
		return object
	}
	return change(v)
}
