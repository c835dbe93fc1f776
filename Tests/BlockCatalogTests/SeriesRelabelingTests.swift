import ObjectStore
import TSDBBlock
import Testing

@testable import BlockCatalog

/// Relabel rules over labels of series: the answers are those that Prometheus gives.
@Suite struct SeriesRelabelingTests {
  private func apply(
    _ yaml: String, to labels: KeyValuePairs<String, String>
  ) throws -> String? {
    try SeriesRelabeling.parse(yaml: yaml).apply(to: LabelSet(labels))?.description
  }

  @Test(arguments: [
    // Groups by number and name, both spellings, and what is no group.
    (
      "[{source_labels: [a], regex: '(.)-(?P<x>.*)', target_label: d, replacement: '$2.${1}.$x'}]",
      #"{a="1-2", b="bar", d="2.1.2"}"#
    ),
    (
      "[{source_labels: [a], regex: '(.).*', target_label: d, replacement: '$1x$$'}]",
      #"{a="1-2", b="bar", d="$"}"#
    ),
    (
      "[{source_labels: [a], regex: '(.).*', target_label: d, replacement: '${1}x$'}]",
      #"{a="1-2", b="bar", d="1x$"}"#
    ),
    // No match changes nothing, an empty value removes the label.
    (
      "[{source_labels: [a], regex: 'q', target_label: b, replacement: x}]",
      #"{a="1-2", b="bar"}"#
    ),
    ("[{source_labels: [a], target_label: b, replacement: ''}]", #"{a="1-2"}"#),
    // The target may hold groups as well.
    (
      "[{source_labels: [a], regex: '(.)-(.)', target_label: 'l$1', replacement: '$2'}]",
      #"{a="1-2", b="bar", l1="2"}"#
    ),
    (
      "[{source_labels: [a, b], separator: '/', target_label: c}]",
      #"{a="1-2", b="bar", c="1-2/bar"}"#
    ),
    (
      "[{action: labelmap, regex: '(.)', replacement: 'x_$1'}]",
      #"{a="1-2", b="bar", x_a="1-2", x_b="bar"}"#
    ),
    ("[{action: labeldrop, regex: 'a|c'}]", #"{b="bar"}"#),
    ("[{action: labelkeep, regex: 'a|c'}]", #"{a="1-2"}"#),
    ("[{action: uppercase, source_labels: [b], target_label: b}]", #"{a="1-2", b="BAR"}"#),
    (
      "[{action: hashmod, source_labels: [a], target_label: h, modulus: 1}]",
      #"{a="1-2", b="bar", h="0"}"#
    ),
    ("[{action: keep, source_labels: [b], regex: 'ba.'}]", #"{a="1-2", b="bar"}"#),
  ]) func `rules change labels`(yaml: String, expected: String) throws {
    #expect(try apply(yaml, to: ["a": "1-2", "b": "bar"]) == expected)
  }

  @Test(arguments: [
    "[{action: drop, source_labels: [b], regex: 'ba.'}]",
    "[{action: keep, source_labels: [b], regex: 'ba'}]",
    "[{action: keepequal, source_labels: [a], target_label: b}]",
    "[{action: labeldrop, regex: '.*'}]",
    "[{source_labels: [a], target_label: c}, {action: dropequal, source_labels: [a], target_label: c}]",
  ]) func `rules drop series`(yaml: String) throws {
    #expect(try apply(yaml, to: ["a": "1-2", "b": "bar"]) == nil)
  }

  @Test(arguments: [
    "", "[]", "up", "[{action: repalce}]", "[{regex: '('}]", "[{action: hashmod, target_label: a}]",
    "[{source_labels: a, target_label: b}]", "[{source_label: [a]}]", "[{source_labels: [a]}]",
  ]) func `rules that make no sense are refused`(yaml: String) {
    #expect(throws: ConfigurationError.self) { try SeriesRelabeling.parse(yaml: yaml) }
  }
}
