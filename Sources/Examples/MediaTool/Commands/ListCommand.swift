import ArgumentParser
import Foundation
import TaskCore

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tasks, the newest first.")

    @OptionGroup var store: StoreOption
    @OptionGroup var filter: FilterOptions

    @Option(help: "At most this many.")
    var limit = 50

    @Option(help: "Go on after the page that ended with this cursor.")
    var after: TaskCursor?

    @Flag(help: "Write one JSON object a line.")
    var json = false

    func validate() throws {
        if !(1...1000).contains(limit) { throw ValidationError("--limit is a number from 1 to 1000.") }
    }

    func run() async throws {
        let page = try await store.withManager { try await $0.list(filter.filter, limit: limit, after: after) }
        if json {
            for record in page.records { StandardOutput.write(JSONLine.encode(TaskLine(record))) }
        } else {
            StandardOutput.write(Self.table(of: page.records))
        }
        // On standard error, so that lines of JSON stay lines of tasks.
        if let next = page.next { StandardError.write("There are more: --after \(next)\n") }
    }

    private static func table(of records: [TaskRecord]) -> String {
        guard !records.isEmpty else { return "No tasks.\n" }
        let terminal = Terminal.current ?? .plain
        let columns = Terminal.current == nil ? Int.max : Terminal.size.columns
        let names = records.map(\.name.displayWidth).max() ?? 0
        let files = min(30, records.map(\.fileName.displayWidth).max() ?? 0)
        let header =
            "ID".padded(to: 36) + "  " + "STATUS".padded(to: 9) + "  " + "TASK".padded(to: names) + "  "
            + "FILE".padded(to: files) + "  REMARK"
        var text = terminal.styled(header.cut(to: columns), .bold) + "\n"
        let now = Date()
        for record in records {
            text += "\(record.id)  " + record.styledStatus(terminal) + "  "
            let rest =
                record.name.padded(to: names) + "  " + record.fileName.cutInMiddle(to: files).padded(to: files) + "  "
                + record.remark(at: now)
            text += rest.cut(to: columns == .max ? .max : max(10, columns - 36 - 2 - 9 - 2)) + "\n"
        }
        return text
    }
}
