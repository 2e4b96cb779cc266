import ArgumentParser
import Foundation
import Logging
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import UnixSignals

/// Makes what a preset says of files, and shows how it goes on.
struct ProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process",
        abstract: "Make variants of photos, posters and metadata of videos, covers and metadata of music.",
        discussion: """
            Type the same command again after an interruption, and it goes on where it stopped: the same bytes and the same preset
            are the same task. What a file is, its content says, not its name.
            """
    )

    @Argument(help: "Photos, videos, music.")
    var files: [String]

    @Option(help: "What to make: a preset's name.")
    var preset = "default"

    @Option(help: "A JSON file with more presets; see Docs/media.md.")
    var presets: String?

    @Option(
        help: "Where tasks are kept: \(StoreLocation.forms) or memory. (default: sqlite:OUT/tasks.sqlite)",
        transform: { try StoreLocation($0) }
    )
    var store: StoreLocation?

    @Option(help: "Where results go.")
    var out = "media-out"

    @Flag(help: "Write one JSON object a line instead of bars.")
    var json = false

    @Option(help: "How many files at once. (default: as many as there are processors)")
    var workers: Int?

    @Flag(help: "Decode in this process instead of limited child processes: for files you trust.")
    var inProcess = false

    @Option(help: "Log to standard error from this level on: debug, info, warning, error.")
    var log: Logger.Level?

    func validate() throws {
        if files.isEmpty { throw ValidationError("Name at least one file.") }
        if let workers, !(1...64).contains(workers) { throw ValidationError("--workers is a number from 1 to 64.") }
        if out.isEmpty { throw ValidationError("--out is a folder's path.") }
        _ = try chosenPreset()
    }

    func run() async throws {
        let preset = try chosenPreset()
        let outputs = try await openOutputs()
        let store = store ?? .sqlite(path: "\(out)/tasks.sqlite")
        let presenter: any Presenter =
            json ? JSONPresenter() : Terminal.current.map { BarsPresenter(terminal: $0) } ?? LinesPresenter()
        let logger = log.map(ToolLog.logger) ?? TroubleNotes(presenter).logger
        let manager = try await store.open(creating: true, logger: logger)
        let call = try await ProcessCall(manager: manager, outputs: outputs, preset: preset, out: out, outPath: outPath)
        let run = ProcessRun(call: call, paths: files, presenter: presenter)
        let summary = try await run.run(worker(for: call, logger), canResume: store.survives)
        await manager.close()
        rmdir(workDirectory)
        await presenter.end(summary)
        if summary.signal != nil { StandardError.write(Self.afterInterrupt(summary, store)) }
        throw ExitCode(summary.exitCode)
    }

    private func worker(for call: ProcessCall, _ logger: Logger) throws -> TaskWorker {
        let count = workers ?? ProcessInfo.processInfo.activeProcessorCount
        let environment = MediaEnvironment(
            sources: call.sources,
            outputs: call.outputs,
            engine: MediaEngine(isolation: inProcess ? .inProcess : .childProcess(), concurrency: count),
            workDirectory: workDirectory
        )
        var configuration = TaskWorker.Configuration(queues: [.init(call.queue, concurrency: count)])
        // Somebody sits and waits: the tasks of a killed call go on after seconds.
        configuration.leaseDuration = .seconds(3)
        configuration.beatInterval = .seconds(1)
        configuration.sweepInterval = .seconds(1)
        configuration.drainTimeout = .seconds(1)
        configuration.stopGrace = .seconds(2)
        return try TaskWorker(call.manager, configuration: configuration, logger: logger) { environment.taskTypes }
    }

    private func chosenPreset() throws -> MediaPreset {
        guard let presets else { return try usage { try MediaPresets.standard.preset(preset) } }
        guard let data = FileManager.default.contents(atPath: presets) else {
            throw ValidationError("The presets file \(presets) cannot be read.")
        }
        return try usage { try MediaPresets(json: [UInt8](data)).preset(preset) }
    }

    private func usage<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw ValidationError(describe(error)) }
    }

    private func openOutputs() async throws -> FileObjectStorage {
        do {
            return try await FileObjectStorage(root: out)
        } catch let error as ObjectStorageError {
            throw ToolError("The folder \(out) cannot be used for results: \(error.message)")
        }
    }

    /// The folder's one true path, however it was typed.
    private var outPath: String { URL(fileURLWithPath: out).resolvingSymlinksInPath().path }

    private var workDirectory: String { "\(outPath)/.work" }

    private static func afterInterrupt(_ summary: Summary, _ store: StoreLocation) -> String {
        guard summary.exitCode != 0 else { return "" }
        return store.survives
            ? "Interrupted. Type the same command again, and it goes on where it stopped.\n"
            : "Interrupted. The tasks were kept in memory only, so they are gone; with --store sqlite:PATH they stay.\n"
    }
}

extension StoreLocation {
    /// Whether tasks are still there after the process has ended.
    var survives: Bool {
        if case .memory = self { false } else { true }
    }
}
