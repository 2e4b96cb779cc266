import ArgumentParser
import Foundation
import TaskCore

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follow tasks: first how they stand, then every change, until interrupted."
    )

    @OptionGroup var store: StoreOption
    @OptionGroup var filter: FilterOptions

    @Flag(help: "Leave out how finished tasks stand when it begins.")
    var new = false

    @Flag(help: "Write one JSON object a line.")
    var json = false

    func run() async throws {
        let begin = Date()
        let terminal = Terminal.current ?? .plain
        try await store.withManager { manager in
            for try await update in manager.updates(filter.filter) {
                let record = update.record
                if new, let finished = record.finishedAt, finished < begin { continue }
                if update.isAfterGap { StandardError.write("Some changes came too fast and are left out.\n") }
                if json {
                    StandardOutput.write(JSONLine.encode(TaskLine(record)))
                } else {
                    let now = Date()
                    let start = "\(Format.time(record.updatedAt))  \(record.id)  " + record.styledStatus(terminal)
                    StandardOutput.write("\(start)  \(record.name)  \(record.fileName)  \(record.remark(at: now))\n")
                }
            }
        }
    }
}
