// `bench [topic…] [--json FILE]`: runs the benchmarks, all topics when none is named. Build it for release.

/// One file per topic; a new one is a line here.
let topics: [(name: String, run: @Sendable (inout BenchTable) async throws -> Void)] = [
    ("sqlite", SQLiteBench.run)
]

@Sendable func runBenchmarks(_ arguments: [String]) async throws {
    var wanted = arguments
    var path = "bench.json"
    if let place = wanted.firstIndex(of: "--json"), place + 1 < wanted.count {
        path = wanted[place + 1]
        wanted.removeSubrange(place...place + 1)
    }
    var table = BenchTable()
    for topic in topics where wanted.isEmpty || wanted.contains(topic.name) {
        try await topic.run(&table)
    }
    try table.write(to: path)
}

try await runBenchmarks(Array(CommandLine.arguments.dropFirst()))
