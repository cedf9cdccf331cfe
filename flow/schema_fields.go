package flow

// deepestField is how many names a path of Fields has at most.
const deepestField = 12

// Fields lists the paths of all that s names, outer ones first: "customer",
// "customer.name", "lines", "lines[].sku".
func (s Schema) Fields() []string { return s.fields(nil, "", 0) }

func (s Schema) fields(list []string, path string, depth int) []string {
	if depth == deepestField {
		return list
	}
	for _, p := range s.Properties {
		at := join(path, p.Name)
		list = append(list, at)
		list = p.Schema.fields(list, at, depth+1)
	}
	if s.Items != nil {
		list = s.Items.fields(list, path+"[]", depth+1)
	}
	return list
}
