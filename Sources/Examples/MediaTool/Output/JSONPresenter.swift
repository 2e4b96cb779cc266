import Foundation
import Synchronization
import TaskCore

/// For programs: one JSON object a line. `task` lines follow a task, a `file` line says how a file ended, the last one is `summary`.
final class JSONPresenter: Presenter {
    private struct TaskLine: Encodable {
        let type = "task"
        var time: Date
        var task: TaskID
        var name: String
        var file: String
        var status: TaskStatus
        var percent: Double
        var message: String?
        var attempt: Int
        var error: FileState.Failure?
    }

    private struct FileLine: Encodable {
        let type = "file"
        var time: Date
        var file: String
        var kind: String?
        var status: FileState.Status
        var facts: String?
        var seconds: Double
        var doneBefore: Bool
        var outputs: [FileState.Output]
        var error: FileState.Failure?
    }

    private struct NoteLine: Encodable {
        let type = "note"
        var time: Date
        var message: String
    }

    private struct SummaryLine: Encodable {
        let type = "summary"
        var time: Date
        var files: Int
        var done: Int
        var failed: Int
        var cancelled: Int
        var interrupted: Int
        var seconds: Double
        var exitCode: Int32
    }

    /// The version last written of each task: a task of two files with the same bytes is told once.
    private let versions = Mutex<[TaskID: Int64]>([:])

    func begin(_ board: Board) {}

    func changed(_ file: FileState, index: Int, of count: Int, task: TaskRecord?) {
        let now = Date()
        if let task, versions.withLock({ ($0.updateValue(task.version, forKey: task.id) ?? 0) < task.version }) {
            write(
                TaskLine(
                    time: now,
                    task: task.id,
                    name: task.name,
                    file: file.path,
                    status: task.status,
                    percent: (task.percent * 10).rounded() / 10,
                    message: task.status == .running ? task.progress.message : nil,
                    attempt: task.attempts,
                    error: task.status == .failed
                        ? task.error.map { .init(code: $0.code, message: $0.message) } : nil
                )
            )
        }
        guard file.status.isOver else { return }
        write(
            FileLine(
                time: now,
                file: file.path,
                kind: file.kind,
                status: file.status,
                facts: file.facts,
                seconds: (file.seconds * 1000).rounded() / 1000,
                doneBefore: file.wasDoneBefore,
                outputs: file.outputs,
                error: file.failure
            )
        )
    }

    func note(_ text: String) { write(NoteLine(time: Date(), message: text)) }

    func end(_ summary: Summary) async {
        write(
            SummaryLine(
                time: Date(),
                files: summary.files.count,
                done: summary.count(.done),
                failed: summary.count(.failed),
                cancelled: summary.count(.cancelled),
                interrupted: summary.count(.interrupted),
                seconds: (summary.seconds * 1000).rounded() / 1000,
                exitCode: summary.exitCode
            )
        )
        await OutputThread.shared.flush()
    }

    private func write(_ line: some Encodable) { OutputThread.shared.write(JSONLine.encode(line)) }
}

/// One value as one line of JSON.
enum JSONLine {
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        // Only a NaN could fail, and nothing here divides by zero.
        guard let data = try? encoder.encode(value) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
