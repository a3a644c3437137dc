package batch

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// mapping returns the values of a mapping by key; keys outside known are a fault. It is nil after a fault.
func (p *parser) mapping(n *yaml.Node, what string, known []string) map[string]*yaml.Node {
	if n = plain(n); n.Kind != yaml.MappingNode {
		p.fail(n, "write KEY: VALUE pairs", "%s must be a mapping, not %s", what, kindName(n))
		return nil
	}
	parts := make(map[string]*yaml.Node)
	p.pairs(n, what, func(key, value *yaml.Node) {
		if !slices.Contains(known, key.Value) {
			p.fail(key, nearest(key.Value, known), "unknown key %s in %s", key.Value, what)
		}
		parts[key.Value] = value
	})
	if p.err != nil {
		return nil
	}
	return parts
}

// pairs calls f for each key and value of a mapping, in the order of the file, until a fault.
func (p *parser) pairs(n *yaml.Node, what string, f func(key, value *yaml.Node)) {
	if n = plain(n); n.Kind != yaml.MappingNode {
		p.fail(n, "write KEY: VALUE pairs", "%s must be a mapping, not %s", what, kindName(n))
		return
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content) && p.err == nil; i += 2 {
		key := plain(n.Content[i])
		if key.Kind != yaml.ScalarNode {
			p.fail(key, "write a name", "a key of %s is %s", what, kindName(key))
			return
		}
		if at, ok := seen[key.Value]; ok {
			p.fail(key, "keep one of them", "key %s of %s stands on line %d, too", key.Value, what, at)
			return
		}
		seen[key.Value] = key.Line
		f(key, plain(n.Content[i+1]))
	}
}

// list returns the items of a sequence.
func (p *parser) list(n *yaml.Node, what string) []*yaml.Node {
	if n = plain(n); n.Kind != yaml.SequenceNode {
		p.fail(n, "write one - item a line", "%s must be a list, not %s", what, kindName(n))
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = plain(item)
	}
	return items
}

// text returns a scalar as it is written.
func (p *parser) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.fail(n, "write one value", "%s must be text or a number, not %s", what, kindName(n))
		return ""
	}
	return n.Value
}

// plain follows an alias to what it stands for.
func plain(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return "a single value"
}
