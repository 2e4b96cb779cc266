import TaskCore

/// Reports the time, by the machine's monotonic clock, as its progress.
struct Reporting: TaskDefinition {
    struct Input: Codable, Sendable {
        var reports: Int
        /// In milliseconds, at random between these.
        var shortestPause: Double
        var longestPause: Double
    }

    static let name = "reporting"
    let counter: Counter

    func run(_ input: Input, context: TaskContext) async throws -> NoValue {
        counter.add()
        for _ in 0..<input.reports {
            let pause = Double.random(in: input.shortestPause...input.longestPause)
            try await Task.sleep(for: .milliseconds(pause))
            // Nanoseconds of less than a hundred days are whole numbers in a Double.
            context.report(Double(Stamp.now()))
        }
        // So that the last report is written for its own sake, and not with the task's end.
        try await Task.sleep(for: .seconds(1))
        return NoValue()
    }
}

/// From a report in one process to the update that shows it in another.
enum ProgressMeasure {
    private static let tasks = 20

    /// - Returns: `alone`: of one task that reports after quiet periods, a twentieth of the reports. `many`: of twenty that report at
    ///   random times, two times a second each; a worker writes four times a second, so that most wait, and those that are overtaken by the
    ///   task's next report are not seen and not counted.
    static func run(
        _ place: BenchPlace,
        _ manager: TaskManager,
        _ count: Int
    ) async throws -> (alone: Ranks, many: Ranks) {
        let reports = max(1, count / tasks)
        var (alone, many) = ([Int64](), [Int64]())
        _ = try await WorkerBeside.run(place, manager, concurrency: tasks) { _ in
            // What opens connections is not measured.
            _ = try await times(manager, [.init(reports: 3, shortestPause: 300, longestPause: 400)])
            alone = try await times(manager, [.init(reports: reports, shortestPause: 300, longestPause: 400)])
            let busy = Reporting.Input(reports: reports, shortestPause: 100, longestPause: 900)
            many = try await times(manager, Array(repeating: busy, count: tasks))
        }
        guard !alone.isEmpty, !many.isEmpty else { throw BenchError("no report was seen") }
        say("  reports seen: \(alone.count) of \(reports) alone, \(many.count) of \(reports * tasks) of many")
        return (Ranks(nanoseconds: alone), Ranks(nanoseconds: many))
    }

    /// How old each report was when it was seen.
    private static func times(_ manager: TaskManager, _ inputs: [Reporting.Input]) async throws -> [Int64] {
        let ids = Set(try await manager.enqueue(Reporting.self, all: inputs).map(\.id))
        var newest: [TaskID: Double] = [:]
        var finished: Set<TaskID> = []
        var times: [Int64] = []
        for try await update in manager.updates(TaskFilter(names: [Reporting.name]))
        where ids.contains(update.record.id) {
            let (now, reported) = (Stamp.now(), update.record.progress.processed)
            if reported > newest[update.record.id, default: 0] {
                newest[update.record.id] = reported
                times.append(now - Int64(reported))
            }
            if update.record.isFinished { finished.insert(update.record.id) }
            if finished.count == ids.count { break }
        }
        return times
    }
}
