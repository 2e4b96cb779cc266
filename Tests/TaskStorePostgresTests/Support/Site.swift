import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport

/// A schema of its own on a server, and the processes and stores that work on it.
struct Site {
    let server: PostgresServer
    /// The server's own address.
    let url: String
    let schema = PostgresServer.uniqueName()
    /// Where `effect` tasks leave their lines.
    let effects: URL

    /// - Parameter server: The one that all tests share unless said otherwise.
    init(on server: PostgresServer? = nil) async throws {
        let shared = if let server { server } else { try await PostgresServer.shared() }
        self.server = shared
        url = shared.url
        effects = FileManager.default.temporaryDirectory.appendingPathComponent("taskcore-effects-\(UUID().uuidString)")
        let store = try store()
        try await store.migrate()
        await store.close()
    }

    // MARK: Stores and processes

    /// A store here, by way of an address where one is given.
    func store(
        _ address: String? = nil,
        _ configure: (inout PostgresTaskStore.Options) -> Void = { _ in }
    ) throws -> PostgresTaskStore {
        var options = PostgresTaskStore.Options(schema: schema)
        configure(&options)
        return try PostgresTaskStore(address ?? url, options: options)
    }

    /// - Parameters:
    ///   - environment: Added to this process's own.
    ///   - launcher: What the program is started by, such as a network's `launcher`.
    func process(
        _ command: String,
        _ address: String? = nil,
        _ options: [String: String],
        environment: [String: String] = [:],
        launcher: [String] = []
    ) throws -> TestProcess {
        let own = ["url": address ?? url, "schema": schema, "effects": effects.path]
        let arguments = [command] + own.merging(options) { $1 }.flatMap { ["--\($0)", $1] }
        let program = TestProcess.built.appendingPathComponent("PostgresTestProcess").path
        // By way of env: libfaketime moves the environment of the first program it sees, and Swift finds its arguments beside it.
        let all = (launcher.isEmpty && !environment.isEmpty ? ["/usr/bin/env"] : launcher) + [program] + arguments
        return try TestProcess(all[0], Array(all.dropFirst()), environment: environment)
    }

    /// A worker process that has begun to work, and its name in the store.
    ///
    /// - Parameter options: As `PostgresTestProcess work` takes them, such as `lease` in seconds.
    func worker(
        _ address: String? = nil,
        _ options: [String: String] = [:],
        environment: [String: String] = [:],
        launcher: [String] = []
    ) async throws -> (process: TestProcess, name: String) {
        let process = try process("work", address, options, environment: environment, launcher: launcher)
        guard let name = await process.line(after: "ready ") else {
            var log: [String] = []
            for await line in process.log { log.append(line) }
            throw Missing("a worker that is ready; it logged \(log.joined(separator: "\n"))", process)
        }
        return (process, name)
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String

        init(_ what: String, _ process: TestProcess) {
            description = "missing: \(what); process \(process.pid) \(process.isRunning ? "runs" : "has ended")"
        }
    }

    /// Opens an address, such as a proxy's, instead of the server's own.
    func url(port: Int, application: String? = nil) -> String {
        server.url(port: port, parameters: application.map { ["application_name": $0] } ?? [:])
    }

    /// The server's address with an application name, to find its sessions by.
    func url(application: String) -> String { server.url(parameters: ["application_name": application]) }

    // MARK: Looking by SQL

    func sql(_ sql: String) async throws -> [[String?]] { try await server.sql(fill(sql)) }
    func count(_ sql: String) async throws -> Int { try await server.count(fill(sql)) }
    func wait(until condition: String) async throws { try await server.wait(until: fill(condition)) }

    private func fill(_ sql: String) -> String { sql.replacing("{s}", with: "\"\(schema)\"") }

    /// Waits for a task to have a status.
    func wait(for id: TaskID, toBe status: TaskStatus) async throws {
        try await wait(until: "EXISTS (SELECT FROM {s}.tasks WHERE id = '\(id)' AND status = '\(status.rawValue)')")
    }

    /// How a task's attempts ended, oldest first; nil for the running one.
    func outcomes(of id: TaskID) async throws -> [Attempt.Outcome?] {
        let store = try store()
        let attempts = try await store.attempts(of: id)
        await store.close()
        return attempts.map(\.outcome)
    }
}

extension PostgresTaskStore {
    /// Stores a task of a type that the worker processes know, and answers its id.
    @discardableResult
    func add(
        _ name: String,
        _ input: Int = 0,
        maxAttempts: Int = 5,
        _ configure: (inout NewTask) -> Void = { _ in }
    ) async throws -> TaskID {
        var task = NewTask(name: name, input: JSONText(trusted: "\(input)"), maxAttempts: maxAttempts)
        configure(&task)
        _ = try await enqueue([EnqueueRequest(task)])
        return task.id
    }

    func claim(_ limit: Int, by worker: String = "test", lease: Duration = .seconds(20)) async throws -> [ClaimedTask] {
        let request = ClaimRequest(
            worker: WorkerID(rawValue: worker),
            queues: [.init("default", limit: limit)],
            leaseDuration: lease
        )
        return try await claim(request).tasks
    }

    func record(_ id: TaskID) async throws -> TaskRecord? { try await tasks([id]).first ?? nil }
}

extension EnqueueResult {
    /// The id of the task that was there already.
    var existingID: TaskID? {
        guard case .existing(let record) = self else { return nil }
        return record.id
    }

    /// The id of the task that the answer is about, whatever it says.
    var id: TaskID {
        switch self {
        case .inserted(let record), .existing(let record): record.id
        case .conflict(let id): id
        }
    }
}

extension ClaimedTask {
    /// The finish that says this attempt succeeded.
    func done(_ result: String = "null") -> Finish {
        Finish(lease: lease, outcome: .done(result: JSONText(trusted: result), followUps: []))
    }
}

/// Whether the long forms of tests are to run, as `make soak` has them.
let isSoak = ProcessInfo.processInfo.environment["TASKCORE_SOAK"] == "1"
