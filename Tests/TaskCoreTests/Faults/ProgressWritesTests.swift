import Foundation
import Synchronization
import TaskCore
import TaskTesting
import Testing

/// However a handler reports, what is written is in range, never goes back, and is written at most four times a second.
@Suite(.timeLimit(.minutes(5))) struct ProgressWritesTests {
    /// The progress that reached a store, in order, and how much time that took at most.
    private final class Writes: Sendable {
        /// Whose.
        let reporter = Mutex<TaskID?>(nil)
        let written = Mutex<[TaskProgress]>([])
        private let begin = ContinuousClock.now

        func take(_ reports: some Sequence<TaskReport>) {
            let id = reporter.withLock { $0 }
            let news = reports.filter { $0.lease.task == id }.compactMap(\.progress)
            written.withLock { $0 += news }
        }

        /// How many may have been written by now: one at once, then one each 250 ms, and what was left with the outcome.
        var allowed: Int { Int((ContinuousClock.now - begin) / .milliseconds(250)) + 2 }
    }

    private let writes = Writes()

    private func makeStore() -> HookedStore {
        HookedStore(MemoryTaskStore()) { [writes] hooks in
            hooks.beat = { beat in writes.take(beat.reports) }
            hooks.finish = { finishes in writes.take(finishes.compactMap(\.report)) }
        }
    }

    @Test func aMillionReportsOfAnySizeAreFewWritesThatNeverGoBack() async throws {
        let tasks = try await makeManager(makeStore())
        let million = 1_000_000
        try await tasks.working {
            Run { [writes] context in
                writes.reporter.withLock { $0 = context.id }
                for step in 0..<million {
                    switch step % 10 {
                    case 1: context.report(fraction: .nan)
                    case 2: context.report(-1, of: 1)
                    case 3: context.report(fraction: 0)
                    case 4: context.advance(by: -.infinity)
                    case 5: context.report(Double(step) / Double(2 * million), of: .nan)
                    case 6: context.report(Double(step) / Double(2 * million), of: 0)
                    default: context.report(fraction: Double(step) / Double(2 * million))
                    }
                }
                #expect(context.progress.fraction > 0.49 && context.progress.fraction < 0.5)
                context.report(fraction: 2.5)
                return "reported"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            #expect(try await handle.value == "reported")
            #expect(try await handle.record.percent == 100)
        }
        let fractions = writes.written.withLock { $0.map(\.fraction) }
        #expect(fractions == fractions.sorted())
        #expect(fractions.allSatisfy { (0...1).contains($0) })
        #expect(fractions.last == 1)
        #expect(fractions.count <= writes.allowed)
    }

    @Test func whatABeatUnderWayTookAlongIsWrittenByTheOutcomeThatOvertakesIt() async throws {
        let (taken, overtaken) = (Gate(), Gate())
        let store = HookedStore(MemoryTaskStore()) {
            $0.beat = { beat in
                guard !beat.reports.isEmpty else { return }
                taken.open()
                await overtaken.wait()
            }
        }
        let tasks = try await makeManager(store)
        try await tasks.working {
            Run { context in
                try context.setMetadata(["part": 3, "kind": "old"])
                context.report(3, of: 4, message: "three")
                await taken.wait()
                try context.setMetadata(["kind": "new"])
                return "done"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            #expect(try await handle.value == "done")
            let record = try await handle.record
            overtaken.open()
            #expect(record.progress == TaskProgress(processed: 3, total: 4, message: "three"))
            #expect(record.metadata == ["part": 3, "kind": "new"])
        }
    }

    @Test func cancellationsOfOtherTasksDoNotMakeProgressBeWrittenMoreOften() async throws {
        let tasks = try await makeManager(makeStore())
        let never = Gate()
        let others = 100
        try await tasks.working(concurrency: others + 1) {
            Run { context in
                await never.wait()
                try context.checkCancellation()
                return "unreachable"
            }
            Report { [writes] context in
                writes.reporter.withLock { $0 = context.id }
                var step = 0.0
                for other in try await tasks.list(TaskFilter(names: [Run.name]), limit: others).records {
                    // Each of them is told at once, by a beat of its own.
                    try await tasks.cancel(other.id)
                    while try await tasks.find(other.id)?.isFinished == false {
                        step += 1
                        context.report(step)
                    }
                }
                return "reported"
            }
        } body: {
            let handles = try await tasks.enqueue(Run.self, all: Array(repeating: NoValue(), count: others))
            for handle in handles { _ = try await tasks.wait(for: handle.id, toBe: .running) }
            #expect(try await tasks.enqueue(Report.self).value == "reported")
        }
        let count = writes.written.withLock { $0.count }
        #expect(count > 0 && count <= writes.allowed)
    }
}

/// A second type beside ``Run``.
private struct Report: TaskDefinition {
    static let name = "report"
    let body: @Sendable (TaskContext) async throws -> String
    init(_ body: @escaping @Sendable (TaskContext) async throws -> String) { self.body = body }
    func run(_ input: NoValue, context: TaskContext) async throws -> String { try await body(context) }
}
