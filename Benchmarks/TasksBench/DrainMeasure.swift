import Foundation
import TaskCore

/// A worker process of this program.
final class Helper: Sendable {
    let lines: Lines
    private let process: Process
    private let input: Pipe

    init(_ place: BenchPlace, concurrency: Int) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "--store", place.argument, "--schema", place.schema, "--concurrency", "\(concurrency)", "--worker",
        ]
        input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        lines = Lines(output.fileHandleForReading)
    }

    func waitUntilReady() async throws {
        guard await lines.next() == "ready" else { throw BenchError("a worker process did not start") }
    }

    func go() { input.fileHandleForWriting.write(Data("go\n".utf8)) }

    /// Ends the process; answers its last words.
    func stop() async -> LastWords {
        try? input.fileHandleForWriting.close()
        var last = LastWords()
        while let line = await lines.next() {
            let words = line.split(separator: " ")
            guard words.count >= 2, let number = Int64(words[1]) else { continue }
            switch words[0] {
            case "rss": last.peakKiB = Int(number)
            case "latency": last.latencies.append(number)
            case "noticed": if let id = words.last.flatMap({ TaskID(String($0)) }) { last.noticed[id] = number }
            default: break
            }
        }
        process.waitUntilExit()
        return last
    }
}

enum DrainMeasure {
    /// From the start of the workers to the last row's end.
    static func run(
        _ place: BenchPlace,
        _ manager: TaskManager,
        _ count: Int,
        processes: Int,
        concurrency: Int
    ) async throws -> (perSecond: Double, peakMiB: Double) {
        if case .memory = place.kind { return try await inProcess(place, manager, count, concurrency) }
        let helpers = try (0..<processes).map { _ in try Helper(place, concurrency: concurrency) }
        for helper in helpers { try await helper.waitUntilReady() }
        let start = ContinuousClock.now
        for helper in helpers { helper.go() }
        // The store is asked only when the handlers have run, so as not to take part in the measurement.
        try await withThrowingTaskGroup(of: Void.self) { group in
            let ran = Tally(count)
            for (index, helper) in helpers.enumerated() {
                group.addTask {
                    while !ran.isReached, let line = await helper.lines.next() {
                        if line.hasPrefix("ran "), let number = Int(line.dropFirst(4)) { ran.set(index, number) }
                    }
                }
            }
            try await group.waitForAll()
        }
        while try await !place.isDrained(manager) { try await Task.sleep(for: .milliseconds(2)) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        var peak = 0
        for helper in helpers { peak = max(peak, await helper.stop().peakKiB) }
        return (Double(count) / seconds, Double(peak) / 1024)
    }

    private static func inProcess(
        _ place: BenchPlace,
        _ manager: TaskManager,
        _ count: Int,
        _ concurrency: Int
    ) async throws -> (perSecond: Double, peakMiB: Double) {
        let worker = try TaskWorker(manager, queues: .init("default", concurrency: concurrency)) { NoOp() }
        let perSecond = try await rate(count) {
            try await worker.whileRunning {
                while try await !place.isDrained(manager) { try await Task.sleep(for: .milliseconds(2)) }
            }
        }
        return (perSecond, Double(WorkerProcess.peakKiB()) / 1024)
    }
}
