// `bench [topic…] [--output FILE]`: runs the benchmarks, all topics when none is named. Build it for release.

var arguments = Array(CommandLine.arguments.dropFirst())
var path = "bench.json"
if let place = arguments.firstIndex(of: "--output"), place + 1 < arguments.count {
    path = arguments[place + 1]
    arguments.removeSubrange(place...place + 1)
}

let topics: [(name: String, run: @Sendable (inout BenchTable) async throws -> Void)] = [
    ("core", CoreBench.run),
    ("sqlite", SQLiteBench.run),
    ("worker", WorkerBench.run),
    ("media", MediaBench.run),
]

/// A table of its own, not a global one, which would belong to the main actor.
func measure(_ wanted: [String]) async throws -> BenchTable {
    var table = BenchTable()
    for topic in topics where wanted.isEmpty || wanted.contains(topic.name) { try await topic.run(&table) }
    return table
}

try await measure(arguments).write(to: path)
