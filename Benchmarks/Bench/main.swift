// `bench [topic…] [--json FILE]`: runs the benchmarks, all topics when none is named. Build it for release.

var arguments = Array(CommandLine.arguments.dropFirst())
var path = "bench.json"
if let place = arguments.firstIndex(of: "--json"), place + 1 < arguments.count {
    path = arguments[place + 1]
    arguments.removeSubrange(place...place + 1)
}

let topics: [(name: String, run: (inout BenchTable) async throws -> Void)] = [
    ("sqlite", SQLiteBench.run)
]

var table = BenchTable()
for topic in topics where arguments.isEmpty || arguments.contains(topic.name) {
    try await topic.run(&table)
}
try table.write(to: path)
