import ArgumentParser
import TaskCore

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Let failed and cancelled tasks run again; a 'process' that works on the same folder takes them."
    )

    @OptionGroup var store: StoreOption
    @OptionGroup var selection: SelectionOptions

    func run() async throws {
        try await store.withManager { manager in
            if selection.ids.isEmpty {
                let count = try await manager.retry(matching: selection.filter.filter)
                StandardOutput.write("\(Format.count(count, "task")) queued again.\n")
            } else {
                let results = try await manager.retry(selection.ids)
                try CommandReport.print(
                    results,
                    accepted: "queued again",
                    refused: "only failed and cancelled tasks are retried"
                )
            }
        }
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel tasks: queued ones at once, running ones as soon as they stop."
    )

    @OptionGroup var store: StoreOption
    @OptionGroup var selection: SelectionOptions

    func run() async throws {
        try await store.withManager { manager in
            if selection.ids.isEmpty {
                let count = try await manager.cancel(matching: selection.filter.filter)
                StandardOutput.write("\(Format.count(count, "task")) cancelled or told to stop.\n")
            } else {
                let results = try await manager.cancel(selection.ids)
                try CommandReport.print(results, accepted: "cancelled", refused: "it is over")
            }
        }
    }
}

/// What a command did to each task of a list of ids.
enum CommandReport {
    /// - Throws: `ExitCode` 1 when the command was refused for one.
    static func print(_ results: [CommandResult], accepted: String, refused: String) throws {
        var isRefused = false
        for result in results {
            let words: String
            switch result.outcome {
            case .accepted(.running, _): words = "told to stop"
            case .accepted: words = accepted
            case .unchanged: words = "asked for before"
            case .refused(let status): (words, isRefused) = ("is \(status.rawValue): \(refused)", true)
            case .notFound: (words, isRefused) = ("there is no such task", true)
            case .versionConflict, .uniqueKeyHeld: (words, isRefused) = ("refused", true)
            }
            StandardOutput.write("\(result.id)  \(words)\n")
        }
        if isRefused { throw ExitCode(1) }
    }
}
