import ArgumentParser
import Foundation
import TaskCore

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all there is to know of a task, its history included."
    )

    @OptionGroup var store: StoreOption

    @Argument(help: "The task's id.")
    var id: TaskID

    @Flag(help: "Write one JSON object.")
    var json = false

    func run() async throws {
        let (record, attempts) = try await store.withManager { manager in
            guard let record = try await manager.find(id) else { throw ToolError("There is no task \(id).") }
            return (record, try await manager.attempts(of: id))
        }
        if json {
            var line = TaskLine(record)
            line.input = record.input
            line.result = record.result
            line.history = attempts
            StandardOutput.write(JSONLine.encode(line))
        } else {
            StandardOutput.write(Self.text(of: record, attempts))
        }
    }

    private static func text(of record: TaskRecord, _ attempts: [Attempt]) -> String {
        let terminal = Terminal.current ?? .plain
        var lines = [
            ("task", "\(record.id)"),
            ("type", "\(record.name) on queue \(record.queue), priority \(record.priority)"),
            ("status", record.styledStatus(terminal, columns: 0) + " " + record.remark(at: Date())),
            ("attempts", "\(record.attempts) of \(record.maxAttempts)"),
            ("created", Format.time(record.createdAt)),
        ]
        if let started = record.startedAt { lines.append(("started", Format.time(started))) }
        if let finished = record.finishedAt { lines.append(("finished", Format.time(finished))) }
        if let parent = record.parent { lines.append(("parent", "\(parent)")) }
        if let error = record.error { lines.append(("error", "\(error.code): \(error.message.printable)")) }
        for (key, value) in record.metadata.values.sorted(by: { $0.key < $1.key }) {
            lines.append((key, plain(value).printable))
        }
        lines.append(("input", record.input.text.printable))
        if let result = record.result { lines.append(("result", result.text.printable)) }
        var text = lines.map { terminal.styled($0.0.padded(to: 9), .bold) + " " + $0.1 + "\n" }.joined()
        if !attempts.isEmpty { text += terminal.styled("history", .bold) + "\n" }
        for attempt in attempts {
            let outcome = attempt.outcome?.rawValue ?? "running"
            let length =
                attempt.finishedAt.map { Format.duration(max(0, $0.timeIntervalSince(attempt.startedAt))) } ?? ""
            text += "  attempt \(attempt.number)  \(Format.time(attempt.startedAt))  \(outcome.padded(to: 10))  "
            text += "\(length.paddedLeft(to: 7))  worker \(attempt.worker)"
            text += (attempt.failure.map { "\n             \($0.message.printable)" } ?? "") + "\n"
        }
        return text
    }

    private static func plain(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return (try? JSONText(encoding: value).text) ?? ""
    }
}
