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

    @Option(help: "Tasks to enqueue, a thousand at once, and drain; 0: leave enqueue and drain out.")
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

    @Option(help: "Running tasks to cancel one after the other, to measure until their handlers notice.")
    var cancel = 0

    @Option(help: "Reports of progress to measure the time to a subscriber of. 2000 take a minute and a half.")
    var progress = 0

    @Option(help: "Waiting tasks to measure claims with, against 10000.")
    var backlog = 0

    @Option(
        help: "Tasks to enqueue and drain with 50000 waiting all the time, to compare the run's end with its beginning."
    )
    var long = 0

    @Flag(help: "Hold a snapshot open in another session during --long, which only PostgreSQL has.")
    var pinned = false

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
        guard drain >= 0, enqueue > 0, callers > 0, processes > 0, concurrency > 0, latency >= 0, runs > 0,
            cancel >= 0, progress >= 0, backlog >= 0, long >= 0
        else {
            throw ValidationError("The numbers must be positive.")
        }
        guard store != "memory" || long == 0 else {
            throw ValidationError("--long needs worker processes; tasks in memory are those of one process.")
        }
        guard !pinned || (long > 0 && store.hasPrefix("postgres")) else {
            throw ValidationError("--pinned goes with --long and a PostgreSQL.")
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
            try await measureOnce(place, &report)
        }
        print(json ? try report.json() : report.table())
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Progress, apart from the results.
func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
