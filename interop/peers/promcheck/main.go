// Reads what a relay serves as metrics, or a file of rules, with Prometheus's own parsers.
//
//	promcheck page  CONTENT_TYPE < body    prints one line for each sample; exit 1 if Prometheus would refuse the page
//	promcheck rules FILE                   exit 1 if Prometheus would refuse the rules
package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: promcheck page CONTENT_TYPE < body | promcheck rules FILE"))
	}
	switch os.Args[1] {
	case "page":
		page(os.Args[2])
	case "rules":
		rules(os.Args[2])
	default:
		fail(fmt.Errorf("no such command: %s", os.Args[1]))
	}
}

func page(contentType string) {
	body, err := io.ReadAll(os.Stdin)
	fail(err)
	p, err := textparse.New(body, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	fail(err)
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		fail(err)
		switch entry {
		case textparse.EntryType:
			name, kind := p.Type()
			fmt.Printf("type %s %s\n", name, kind)
		case textparse.EntrySeries:
			var series labels.Labels
			p.Labels(&series)
			_, _, value := p.Series()
			fmt.Printf("sample %s %v\n", series, value)
		}
	}
}

func rules(file string) {
	_, problems := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	fail(errors.Join(problems...))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "promcheck:", err)
		os.Exit(1)
	}
}
