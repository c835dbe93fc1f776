import BlockCatalog
import ObjectStore
import TSDBBlock
import Testing

struct RelabelConfigurationTests {
  @Test(arguments: ["3", "0x3", "0b11", "0o3", "03", "0_3", "3.0", "+3"])
  func `a modulus is read in every spelling of YAML`(modulus: String) throws {
    let yaml = "- {action: hashmod, source_labels: [a], target_label: b, modulus: \(modulus)}"
    let rule = try #require(try RelabelConfiguration.parse(yaml: yaml).rules.first)
    guard case .hashmod(let modulus, let target) = rule.action else {
      Issue.record("\(rule)")
      return
    }
    #expect(modulus == 3)
    #expect(target == [0x62])
  }

  @Test func `a key that nobody knows has no effect and is told with its line`() throws {
    let configuration = try RelabelConfiguration.parse(
      yaml: """
        - action: keep
          source_labels: [cluster]
          regexx: b
          replacement: $1
        - action: drop
          owner: me
          source_labels: [cluster]
          regex: b
        """)
    #expect(
      configuration.warnings.map(\.description) == [
        #"line 3: unknown key "regexx" in relabel rule 1; did you mean "regex"?"#,
        #"line 6: unknown key "owner" in relabel rule 2; known are action, source_labels, "#
          + "separator, regex, modulus, target_label, replacement",
      ])
    #expect(configuration.rules.count == 2)
    var meta = BlockMeta(id: .zero, minTime: 0, maxTime: 1, thanos: ThanosMeta())
    meta.thanos?.labels = [.init(name: Array("cluster".utf8), value: [0x61])]
    #expect(configuration.selector.keeps(meta, without: ReplicaLabels([])))
  }

  @Test(arguments: [
    (
      "action: keep", #"line 1: the relabel configuration must be a list, such as "- action: keep""#
    ),
    ("- keep", #"line 1: relabel rule 1 must be keys and values, such as "action: …""#),
    (
      "- action: keep\n- ",
      #"line 2: relabel rule 2 must be keys and values, such as "action: …""#
    ),
    (
      "- source_labels: [a]\n",
      #"line 1: no action; write "action: keep", "action: drop" or "action: hashmod""#
    ),
    (
      "- regex: a\n  action:\n",
      #"line 2: no action; write "action: keep", "action: drop" or "action: hashmod""#
    ),
    (
      "- action: keep\n- action: replace\n",
      "line 2: action replace cannot select blocks; use keep, drop or hashmod"
    ),
    (
      "- action: LabelDrop\n",
      "line 1: action labeldrop cannot select blocks; use keep, drop or hashmod"
    ),
    ("- action: kep\n", #"line 1: unknown action "kep"; did you mean "keep"?"#),
    ("- action: everything\n", #"line 1: unknown action "everything"; use keep, drop or hashmod"#),
    ("- action: [keep]\n", "line 1: action must be one value"),
    (
      "- action: hashmod\n  target_label: x\n",
      #"line 1: hashmod needs a modulus, the number of shards; write "modulus: 3""#
    ),
    (
      "- action: hashmod\n  target_label: x\n  modulus: 0\n",
      #"line 3: hashmod needs a modulus, the number of shards; write "modulus: 3""#
    ),
    (
      "- action: hashmod\n  modulus: -1\n",
      #"line 2: modulus must be a whole number, the number of shards, not "-1""#
    ),
    (
      "- action: keep\n  modulus: many\n",
      #"line 2: modulus must be a whole number, the number of shards, not "many""#
    ),
    (
      "- action: hashmod\n  modulus: 18446744073709551616\n",
      "line 2: modulus must be a whole number, the number of shards, not \"18446744073709551616\""
    ),
    (
      "- action: hashmod\n  modulus: 2\n",
      #"line 1: hashmod needs a label for its result; write "target_label: shard""#
    ),
    (
      "- action: keep\n  source_labels: cluster\n",
      #"line 2: source_labels must be a list, such as "[cluster, tenant]""#
    ),
    (
      "- action: keep\n  source_labels:\n  - a\n  - ''\n",
      "line 4: source_labels must hold names of labels only"
    ),
    (
      "- action: keep\n  source_labels: [[a]]\n",
      "line 2: source_labels must hold names of labels only"
    ),
    ("- action: keep\n  separator: [a]\n", "line 2: separator must be one value"),
    (
      "- action: keep\n  regex: (\n",
      #"line 2: regular expression "(" is not valid: missing ): ("#
    ),
    (
      "- &base\n  action: keep\n- <<: *base\n",
      "line 3: merging with << is not supported; write the keys out"
    ),
    ("- action: keep\n  action: drop\n", "line 1: given twice: action"),
    ("- {\n", "line 2: not YAML: did not find expected node content"),
  ])
  func `what is wrong is named with its line`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RelabelConfiguration.parse(yaml: yaml)
    }
    #expect(error?.description == message)
  }

  @Test func `an alias stands for what it names`() throws {
    let yaml = """
      - &rule {action: drop, source_labels: [cluster], regex: a}
      - *rule
      """
    #expect(try RelabelConfiguration.parse(yaml: yaml).rules.count == 2)
  }
}
