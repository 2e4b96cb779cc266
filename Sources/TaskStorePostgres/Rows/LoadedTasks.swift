import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Tasks that a transaction loaded under locks, and what it changed of them: saved all at once, with the commit.
///
/// Whatever the command, a changed row is written whole: updated where it stays, or moved between the tables.
struct LoadedTasks {
    let now: Date
    private(set) var tasks: [TaskID: StoredTask] = [:]
    private var changed: [TaskID] = []
    private var isChangedAlready: Set<TaskID> = []
    private var edited: [TaskID: NewTask] = [:]
    private var attempts: [(task: TaskID, attempt: Attempt)] = []
    /// Where each was loaded from.
    private var wasLive: Set<TaskID> = []
    /// Where somebody has to be told of the commit.
    private(set) var signals: Set<SignalKind> = []

    init(now: Date) { self.now = now }

    subscript(id: TaskID) -> StoredTask? { tasks[id] }

    mutating func add(_ result: QueryResult, areLive: Bool) {
        var reader = RecordReader()
        for row in result.rows {
            let task = reader.stored(result, row)
            tasks[task.record.id] = task
            if areLive { wasLive.insert(task.record.id) } else { wasLive.remove(task.record.id) }
        }
    }

    /// Takes over what a command made of a task.
    mutating func change(_ task: StoredTask, ended attempt: Attempt?) {
        let id = task.record.id
        if let attempt { attempts.append((id, attempt)) }
        if let before = tasks[id]?.record.request, before.isEdited(in: task.record.request) {
            edited[id] = task.record.request
        }
        if isChangedAlready.insert(id).inserted { changed.append(id) }
        tasks[id] = task
        signals.insert(.changes)
        if task.record.status == .queued { signals.insert(.work) }
        if task.record.status == .running, task.record.cancelRequestedAt != nil { signals.insert(.cancellations) }
    }

    var isChanged: Bool { !changed.isEmpty }
    var changedIDs: [TaskID] { changed }

    /// The commands that save what changed.
    func saving(_ sql: SQLText) throws -> [Command] {
        guard isChanged else { return [] }
        let rows = changed.compactMap { tasks[$0] }
        let changedLive = rows.filter { $0.record.status.isActive && wasLive.contains($0.record.id) }
        let ended = rows.filter { $0.record.status.isFinished && wasLive.contains($0.record.id) }
        // Finished tasks change only by being taken back.
        let revived = rows.filter { $0.record.status.isActive && !wasLive.contains($0.record.id) }
        var commands: [Command] = []
        if !changedLive.isEmpty { commands.append(try .live(sql.liveUpdate, changedLive, at: now)) }
        if !ended.isEmpty {
            commands.append(Command(sql.liveDelete) { $0.add(ended.map(\.record.id)) })
            commands.append(try .insertDone(sql, ended, at: now))
        }
        if !revived.isEmpty {
            commands.append(Command(sql.doneDelete) { $0.add(revived.map(\.record.id)) })
            commands.append(try .live(sql.liveInsert, revived, at: now))
        }
        for request in edited.values { commands.append(try .edit(sql, request)) }
        if !attempts.isEmpty { commands.append(try .insertAttempts(sql, attempts)) }
        return commands
    }
}

extension NewTask {
    /// Whether the part that is kept with the request, and can be edited, is another.
    fileprivate func isEdited(in other: NewTask) -> Bool {
        input != other.input || maxAttempts != other.maxAttempts || metadata != other.metadata
    }
}

extension Command {
    /// - Parameter statement: What writes rows of active tasks: the insert or the update, which take the same.
    fileprivate static func live(_ statement: Statement, _ rows: [StoredTask], at now: Date) throws -> Command {
        let progress = try rows.map { try $0.progressColumn }
        let errors = try rows.map { try $0.errorColumn }
        return Command(statement) { parameters in
            parameters.addState(rows)
            parameters.add(rows.map(\.deadline), at: 8)
            parameters.addCounts(rows, at: now)
            parameters.add(rows.map(\.record.queue))
            parameters.add(rows.map(\.record.worker?.rawValue))
            parameters.add(rows.map(\.record.request.uniqueKey))
            parameters.add(progress)
            parameters.add(rows.map(\.checkpoint?.text))
            parameters.add(errors)
        }
    }

    fileprivate static func insertDone(_ sql: SQLText, _ rows: [StoredTask], at now: Date) throws -> Command {
        let progress = try rows.map { try $0.progressColumn }
        let errors = try rows.map { try $0.errorColumn }
        return Command(sql.doneInsert) { parameters in
            parameters.addState(rows)
            parameters.add(rows.map(\.record.finishedAt), at: 8)
            parameters.addCounts(rows, at: now)
            parameters.add(rows.map(\.record.worker?.rawValue))
            parameters.add(progress)
            parameters.add(rows.map(\.checkpoint?.text))
            parameters.add(errors)
            parameters.add(rows.map(\.record.result?.text))
        }
    }

    fileprivate static func edit(_ sql: SQLText, _ request: NewTask) throws -> Command {
        let metadata = try request.metadata.column
        return Command(sql.taskEdit) { parameters in
            parameters.add(request.id)
            parameters.add(Int32(request.maxAttempts))
            parameters.add(metadata)
            parameters.add(request.input.text)
        }
    }

    fileprivate static func insertAttempts(
        _ sql: SQLText,
        _ attempts: [(task: TaskID, attempt: Attempt)]
    ) throws -> Command {
        let errors = try attempts.map { try $0.attempt.failure.map { try ColumnJSON.text($0) } }
        return Command(sql.attemptInsert) { parameters in
            parameters.add(attempts.map(\.task))
            parameters.add(attempts.map(\.attempt.fence))
            parameters.add(attempts.map { Int32($0.attempt.number) })
            parameters.add(attempts.map(\.attempt.worker.rawValue))
            parameters.add(attempts.map(\.attempt.startedAt))
            parameters.add(attempts.map { $0.attempt.finishedAt ?? $0.attempt.startedAt })
            parameters.add(attempts.map { ($0.attempt.outcome ?? .failed).rawValue })
            parameters.add(errors)
        }
    }
}

extension Parameters {
    /// The first seven columns of both tables.
    fileprivate mutating func addState(_ rows: [StoredTask]) {
        add(rows.map(\.record.id))
        add(rows.map(\.sequence))
        add(rows.map(\.record.runAt))
        add(rows.map(\.record.createdAt))
        add(rows.map(\.record.updatedAt))
        add(rows.map(\.record.startedAt))
        add(rows.map(\.record.cancelRequestedAt))
    }

    fileprivate mutating func add(_ dates: [Date?], at place: Int) {
        assert(count == place - 1)
        add(dates)
    }

    /// The ninth to the fifteenth.
    fileprivate mutating func addCounts(_ rows: [StoredTask], at now: Date) {
        add(rows.map { $0.record.request.timeout?.wholeMicroseconds })
        add(rows.map(\.record.fence))
        add(rows.map(\.record.version))
        add(rows.map { Int32(-$0.record.priority) })
        add(rows.map { Int32($0.record.attempts) })
        add(rows.map { Int32($0.record.lostAttempts) })
        add(rows.map { StateColumn.state($0.record.status, runAt: $0.record.runAt, now: now) })
    }
}

extension StoredTask {
    fileprivate var progressColumn: String? {
        get throws { record.progress == .none ? nil : try ColumnJSON.text(record.progress) }
    }

    fileprivate var errorColumn: String? {
        get throws { try record.error.map { try ColumnJSON.text($0) } }
    }
}
