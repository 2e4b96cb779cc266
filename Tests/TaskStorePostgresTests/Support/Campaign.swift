import Foundation
import PostgresTestSupport
import Synchronization
import TaskCore
import TaskStorePostgres
import TestSupport

/// Load on a server of its own while faults come at moments that the seed chooses; at the end the whole history is read.
struct Campaign {
    enum Fault: CaseIterable {
        case killWorker, terminateSessions, crashServer
    }

    struct Result {
        var report: HistoryChecker.Report
        var faults: [Fault: Int] = [:]
        /// Tasks whose enqueue was answered with an error at first.
        var repeatedEnqueues = 0
        /// Workers that ended without having been killed.
        var workersThatGaveUp = 0
        var acknowledged = 0
    }

    let seed: UInt64
    /// Drawn like cards: each comes before any comes again.
    var faults: [Fault] = [.killWorker, .killWorker, .terminateSessions, .terminateSessions, .crashServer]
    /// How many faults there are.
    var count = 12
    /// Milliseconds between two faults.
    var gap = 50...500
    var workers = 3

    private final class Load: Sendable {
        let isOver = Atomic(false)
        let acknowledged = Mutex<[NewTask]>([])
        let repeated = Atomic(0)
    }

    func run() async throws -> Result {
        let server = try await PostgresServer()
        let site = try await Site(on: server)
        let store = try site.store { $0.callTimeout = .seconds(10) }
        let load = Load()
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                let random = SplitMix64(seed: seed &* 97 &+ UInt64(lane))
                group.addTask { try await enqueue(store, load, random) }
            }
            let result = try await inject(site, load)
            try await group.waitForAll()
            return result
        }
        return try await finish(result, site, store, load)
    }

    /// Enqueues until the faults are over. What was answered with an error is repeated until it is acknowledged: its ids are fixed.
    private func enqueue(_ store: PostgresTaskStore, _ load: Load, _ random: SplitMix64) async throws {
        var random = random
        while !load.isOver.load(ordering: .relaxed) {
            let tasks = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                let input = JSONText(trusted: "\(Int.random(in: 0...30, using: &random))")
                return NewTask(name: "effect", input: input, maxAttempts: 1000)
            }
            while true {
                do {
                    _ = try await store.enqueue(tasks.map { EnqueueRequest($0) })
                    break
                } catch {
                    load.repeated.add(tasks.count, ordering: .relaxed)
                }
            }
            load.acknowledged.withLock { $0 += tasks }
            // The pace of the load, which waits for nothing.
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...20, using: &random)))
        }
    }

    private func inject(_ site: Site, _ load: Load) async throws -> Result {
        defer { load.isOver.store(true, ordering: .relaxed) }
        var random = SplitMix64(seed: seed)
        var result = Result(report: .init())
        var running: [TestProcess] = []
        func start() throws -> TestProcess {
            try site.process("work", nil, ["lease": "2", "concurrency": "8", "call-timeout": "10"])
        }
        for _ in 0..<workers { running.append(try start()) }
        var deck: [Fault] = []
        for _ in 0..<count {
            try await Task.sleep(for: .milliseconds(Int.random(in: gap, using: &random)))
            if deck.isEmpty { deck = faults.shuffled(using: &random) }
            guard let fault = deck.popLast() else { break }
            result.faults[fault, default: 0] += 1
            switch fault {
            case .killWorker:
                let index = Int.random(in: running.indices, using: &random)
                if !running[index].isRunning { result.workersThatGaveUp += 1 }
                running[index].kill()
                running[index] = try start()
            case .terminateSessions:
                try await site.server.terminate()
            case .crashServer:
                try await site.server.restart(.immediate)
            }
        }
        load.isOver.store(true, ordering: .relaxed)
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        result.workersThatGaveUp += running.count { !$0.isRunning }
        for process in running { process.signal(SIGTERM) }
        for process in running { _ = await process.status() }
        return result
    }

    private func finish(
        _ faults: Result,
        _ site: Site,
        _ store: PostgresTaskStore,
        _ load: Load
    ) async throws -> Result {
        var result = faults
        let tasks = load.acknowledged.withLock { $0 }
        result.acknowledged = tasks.count
        result.repeatedEnqueues = load.repeated.load(ordering: .relaxed)
        // Tasks stored between the last look and the end of the load are done by nobody else.
        let (last, _) = try await site.worker(nil, ["lease": "2", "concurrency": "8"])
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        last.signal(SIGTERM)
        _ = await last.status()
        result.report = try await HistoryChecker(site: site).check(acknowledged: tasks.map(\.id))
        // Enqueued once more, nothing is stored twice.
        let again = try await store.enqueue(tasks.prefix(200).map { EnqueueRequest($0) })
        let twice = again.count { if case .existing = $0 { false } else { true } }
        if twice > 0 { result.report.violations.append("\(twice) × stored twice") }
        if result.report.tasks != tasks.count {
            result.report.violations.append("\(result.report.tasks) tasks stored, \(tasks.count) acknowledged")
        }
        await store.close()
        await site.server.remove()
        try? FileManager.default.removeItem(at: site.effects)
        return result
    }
}

extension Campaign.Result: CustomStringConvertible {
    var description: String {
        let faults = Campaign.Fault.allCases.map { "\($0) \(self.faults[$0] ?? 0)" }.joined(separator: ", ")
        return "\(faults); \(acknowledged) acknowledged, \(repeatedEnqueues) of them repeated after an error; \(report)"
    }
}
