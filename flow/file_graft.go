package flow

import (
	"time"

	yaml "go.yaml.in/yaml/v3"
)

// graft puts into fresh the comments of old, and where both are objects those of
// their members, and leaves members that mean the same as they were written.
func graft(old, fresh *yaml.Node) {
	graftInside(old, fresh)
	unfold(fresh)
}

func graftInside(old, fresh *yaml.Node) {
	fresh.HeadComment, fresh.LineComment, fresh.FootComment = old.HeadComment, old.LineComment, old.FootComment
	if old.Kind != yaml.MappingNode || fresh.Kind != yaml.MappingNode {
		return
	}
	if old.Style&yaml.FlowStyle == 0 {
		fresh.Style = 0
	}
	for i := 0; i+1 < len(fresh.Content); i += 2 {
		for j := 0; j+1 < len(old.Content); j += 2 {
			at, was := old.Content[j], old.Content[j+1]
			if at.Kind != yaml.ScalarNode || at.Value != fresh.Content[i].Value {
				continue
			}
			fresh.Content[i] = at
			if !hasAlias(was) && sameMeaning(at.Value, was, fresh.Content[i+1]) {
				fresh.Content[i+1] = was
			} else {
				graftInside(was, fresh.Content[i+1])
			}
			break
		}
	}
}

// sameMeaning says whether two nodes mean the same under a name. Where that is not
// sure, it says no.
func sameMeaning(name string, a, b *yaml.Node) bool {
	if name == "timeout" || name == "first" || name == "most" {
		x, errX := time.ParseDuration(a.Value)
		y, errY := time.ParseDuration(b.Value)
		if errX == nil && errY == nil && x == y {
			return true
		}
	}
	r := &fileReader{}
	x, y := r.value(a), r.value(b)
	return len(r.problems) == 0 && sameText(valueNode(x), valueNode(y))
}

// hasAlias says whether something in n stands for something elsewhere.
func hasAlias(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		return true
	}
	for _, child := range n.Content {
		if hasAlias(child) {
			return true
		}
	}
	return false
}

// unfold gives every object and list with a comment inside its own lines, and says
// whether there is a comment in n.
func unfold(n *yaml.Node) bool {
	commented := false
	for _, child := range n.Content {
		inside := unfold(child)
		commented = commented || inside
	}
	if commented {
		n.Style &^= yaml.FlowStyle
	}
	return commented || n.HeadComment != "" || n.LineComment != "" || n.FootComment != ""
}
