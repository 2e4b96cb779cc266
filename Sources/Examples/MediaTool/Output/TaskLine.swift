import Foundation
import TaskCore

/// A task's record as one JSON object.
struct TaskLine: Encodable {
    var id: TaskID
    var name: String
    var queue: String
    var priority: Int
    var status: TaskStatus
    var percent: Double
    var message: String?
    var attempts: Int
    var maxAttempts: Int
    var metadata: TaskMetadata
    var error: TaskFailure?
    var worker: String?
    var parent: TaskID?
    var createdAt: Date
    var runAt: Date
    var startedAt: Date?
    var finishedAt: Date?
    var cancelRequestedAt: Date?
    var seconds: Double?
    var version: Int64
    /// Only where one task is shown.
    var input: JSONText?
    var result: JSONText?
    var history: [Attempt]?

    init(_ record: TaskRecord) {
        id = record.id
        name = record.name
        queue = record.queue
        priority = record.priority
        status = record.status
        percent = (record.percent * 10).rounded() / 10
        message = record.status == .running ? record.progress.message : nil
        attempts = record.attempts
        maxAttempts = record.maxAttempts
        metadata = record.metadata
        error = record.error
        worker = record.worker?.rawValue
        parent = record.parent
        createdAt = record.createdAt
        runAt = record.runAt
        startedAt = record.startedAt
        finishedAt = record.finishedAt
        cancelRequestedAt = record.cancelRequestedAt
        seconds = record.duration.map { ($0 / .seconds(1) * 1000).rounded() / 1000 }
        version = record.version
    }
}

extension TaskRecord {
    /// The file it is about, or what else tells it from others.
    var fileName: String {
        let path = metadata.get("file", default: "")
        return (path.split(separator: "/").last.map(String.init) ?? name).printable
    }

    /// What to say beside its status.
    func remark(at now: Date) -> String {
        switch status {
        case .running:
            let percent = "\(Int(progress.percent.rounded(.down))) %"
            let stopping = cancelRequestedAt == nil ? "" : ", stopping"
            return [percent, progress.message?.printable ?? ""].filter { !$0.isEmpty }.joined(separator: " ") + stopping
        case .queued:
            let wait = runAt.timeIntervalSince(now)
            let later = wait > 0.5 ? "in \(Format.clock(wait))" : ""
            let reason = error.map { "again, after: \($0.message.printable)" } ?? ""
            return [later, reason].filter { !$0.isEmpty }.joined(separator: ", ")
        case .done: return duration.map { "in \(Format.duration($0 / .seconds(1)))" } ?? ""
        case .failed: return error?.message.printable ?? ""
        case .cancelled: return ""
        }
    }

    /// The status as a word in its colour, filled up to `columns`.
    func styledStatus(_ terminal: Terminal, columns: Int = 9) -> String {
        let word = status.rawValue.padded(to: columns)
        switch status {
        case .queued: return word
        case .running: return terminal.styled(word, .cyan)
        case .done: return terminal.styled(word, .green)
        case .failed: return terminal.styled(word, .red)
        case .cancelled: return terminal.styled(word, .yellow)
        }
    }
}
