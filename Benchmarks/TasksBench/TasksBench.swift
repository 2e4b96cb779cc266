import ArgumentParser
import Foundation

/// Measures a store as a service uses it, and the leanest SQL that has the same durable effect beside it. Build it for release.
@main
struct TasksBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks-bench",
        abstract: "Enqueues and drains tasks, and says how many a second.",
        discussion: """
            Makes a schema (or file) of its own at the given place and removes it afterwards. Every task is a real one, run by a
            real worker with a handler that does nothing; its row is kept, and counted at the end.
            """
    )

    @Option(help: "memory, sqlite:FOLDER (a folder for the file), or postgres://…")
    var store: String

    @Option(help: "Tasks to enqueue, a thousand at once, and drain.")
    var drain = 100_000

    @Option(help: "Tasks to enqueue one by one.")
    var enqueue = 20_000

    @Option(help: "Callers that enqueue one by one at the same time.")
    var callers = 64

    @Option(help: "Processes that drain.")
    var processes = 1

    @Option(help: "Tasks that each process may run at once.")
    var concurrency = 2000

    @Option(help: "Tasks a second to measure the time from enqueue to start at; 0: do not.")
    var latency = 100

    @Option(help: "How often to measure each figure; the median counts.")
    var runs = 3

    @Flag(help: "Leave the ceiling out, which only PostgreSQL has.")
    var noCeiling = false

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: .hidden)
    var worker = false

    @Option(help: .hidden)
    var schema: String?

    func validate() throws {
        guard drain > 0, enqueue > 0, callers > 0, processes > 0, concurrency > 0, latency >= 0, runs > 0 else {
            throw ValidationError("The numbers must be positive.")
        }
        guard store != "memory" || processes == 1 else {
            throw ValidationError("Tasks in memory are those of one process; use --processes 1.")
        }
    }

    func run() async throws {
        let place = try BenchPlace(store, schema: schema)
        if worker { return try await WorkerProcess.main(place, concurrency: concurrency) }
        var report = BenchReport()
        for run in 1...runs {
            say("run \(run) of \(runs)")
            try await measure(place, &report)
        }
        print(json ? try report.json() : report.table())
    }

    /// Ceiling and store turn by turn, so that a busy machine slows both down.
    private func measure(_ place: BenchPlace, _ report: inout BenchReport) async throws {
        if !noCeiling, let ceiling = try place.ceiling() {
            defer { ceiling.remove() }
            report.add("ceiling.enqueue_bulk_per_s", try await ceiling.enqueueBulk(drain))
            report.add("ceiling.drain_per_s", try await ceiling.drain(drain, connections: processes))
            report.add("ceiling.enqueue_single_per_s", try await ceiling.enqueueSingle(enqueue))
        }
        try await place.withFreshStore { manager in
            report.add("enqueue_bulk_per_s", try await EnqueueMeasure.bulk(manager, drain))
            let drained = try await DrainMeasure.run(
                place,
                manager,
                drain,
                processes: processes,
                concurrency: concurrency
            )
            report.add("drain_per_s", drained.perSecond)
            report.add("rss_mib", drained.peakMiB)
            let rows = try await place.countDone(manager)
            guard rows == drain else { throw BenchError("\(rows) of \(drain) tasks are done; something was lost") }
            report.add("rows_done", Double(rows))
            report.add("enqueue_single_per_s", try await EnqueueMeasure.single(manager, enqueue, callers: callers))
        }
        guard latency > 0 else { return }
        try await place.withFreshStore { manager in
            let times = try await LatencyMeasure.run(place, manager, perSecond: latency)
            report.add("latency_ms.p50", times.p50)
            report.add("latency_ms.p99", times.p99)
        }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Progress, apart from the results.
func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
